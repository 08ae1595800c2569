//! Redaction: keys, tokens, account numbers and addresses are taken out of what people get to see.
//!
//! The service puts account and key ids into its messages; they say nothing to the reader and do not
//! belong into logs, bug reports or pictures of the screen.

/// Prefixes of keys and ids that begin no word; what follows them is masked.
const PREFIXES: [&str; 3] = ["sk-", "ak-", "chatcmpl-"];
/// Prefixes of ids that begin words too, such as `user-level`.
const WORDLIKE: [&str; 4] = ["org-", "proj-", "user-", "req-"];

/// A text with every key, token, account id, e-mail address and telephone number masked.
#[must_use]
pub fn text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(in_word) {
        out.push_str(&rest[..start]);
        let word_end = rest[start..].find(|c| !in_word(c)).map_or(rest.len(), |length| start + length);
        // A full stop or a hyphen at the end belongs to the sentence.
        let end = start + rest[start..word_end].trim_end_matches(['.', '-', '_']).len();
        let word = &rest[start..end];
        let next = rest[end..].trim_start();
        if follows_account(&out) && (next.starts_with('<') || next.starts_with('/')) {
            out.push('…');
        } else {
            push_masked(&mut out, word);
        }
        out.push_str(&rest[end..word_end]);
        rest = &rest[word_end..];
    }
    out.push_str(rest);
    out
}

/// Takes one exact secret out of a text, wherever it stands.
#[must_use]
pub fn secret(text: String, secret: &str) -> String {
    // A shorter one would be a word of the language.
    if secret.len() >= 6 && text.contains(secret) { text.replace(secret, "…") } else { text }
}

fn in_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | '+' | '@')
}

/// The service writes `Your account {uid}<{ak-id}>`; the uid has no prefix to be known by.
fn follows_account(before: &str) -> bool {
    before.trim_end().to_ascii_lowercase().ends_with("account")
}

fn push_masked(out: &mut String, word: &str) {
    let lower = word.to_ascii_lowercase();
    let begins = |prefix: &&&str| lower.starts_with(**prefix) && lower.len() > prefix.len();
    let wordlike = || WORDLIKE.iter().find(begins).filter(|prefix| !is_words(&word[prefix.len()..]));
    if let Some(prefix) = PREFIXES.iter().find(begins).or_else(wordlike) {
        out.push_str(prefix);
        out.push('…');
    } else if is_address(word) {
        out.push_str("<e-mail>");
    } else if is_token(word) || is_telephone(word) {
        out.push('…');
    } else {
        out.push_str(word);
    }
}

/// Words of the language with hyphens between: letters alone, each word as words are written, and none longer
/// than `authentication`.
fn is_words(text: &str) -> bool {
    text.split(['-', '+']).all(|word| {
        let small = |word: &str| word.bytes().all(|b| b.is_ascii_lowercase());
        let large = word.bytes().all(|b| b.is_ascii_uppercase());
        let capital = word.starts_with(|c: char| c.is_ascii_uppercase());
        (1..=14).contains(&word.len()) && (large || small(word) || capital && small(&word[1..]))
    })
}

fn is_address(word: &str) -> bool {
    word.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'))
}

/// A JWT, a UUID, or a long run of letters and digits mixed.
fn is_token(word: &str) -> bool {
    let jwt = word.starts_with("eyJ") && word.len() >= 16;
    let uuid = word.len() == 36
        && word.split('-').map(str::len).eq([8, 4, 4, 4, 12])
        && word.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit());
    let opaque = word.split(['-', '.', '_', '+']).any(|run| {
        run.len() >= 16
            && run.bytes().any(|b| b.is_ascii_digit())
            && run.bytes().any(|b| b.is_ascii_alphabetic())
    });
    jwt || uuid || opaque
}

/// A Chinese mobile number, or one with a country code.
fn is_telephone(word: &str) -> bool {
    let digits = word.trim_start_matches('+');
    let all_digits = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    all_digits
        && (word.starts_with('+') && digits.len() >= 8
            || digits.len() == 11 && digits.starts_with('1') && !digits.contains('-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_keys_and_people_are_masked() {
        for (given, shown) in [
            ("nothing to hide here", "nothing to hide here"),
            (
                "Your account org-0a1b2c3d <ak-secret1> is suspended due to insufficient balance",
                "Your account … <ak-…> is suspended due to insufficient balance",
            ),
            (
                "Your account cq3x9/ proj-777 <ak-9> request reached project TPM rate limit, current: 1410, limit: 100",
                "Your account …/ proj-… <ak-…> request reached project TPM rate limit, current: 1410, limit: 100",
            ),
            (
                "Your account c0ffee<ak-f00> request reached max request: 3, please try again after 1 seconds",
                "Your account …<ak-…> request reached max request: 3, please try again after 1 seconds",
            ),
            ("Your account organization concurrency: 1", "Your account organization concurrency: 1"),
            ("Incorrect API key provided: sk-kimi-AbC123.", "Incorrect API key provided: sk-…."),
            ("organization <org-12> exceeded current quota", "organization <org-…> exceeded current quota"),
            ("token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.x_y-z expired", "token … expired"),
            ("write to someone@example.org.", "write to <e-mail>."),
            ("call +86-13800001111 or 13800001111", "call … or …"),
            ("request 123e4567-e89b-12d3-a456-426614174000 failed", "request … failed"),
            ("id 9f8e7d6c5b4a39281706 failed", "id … failed"),
            ("User-level RPM limit reached", "User-level RPM limit reached"),
            (
                "Org-Wide and user-defined, proj-level, req-ID",
                "Org-Wide and user-defined, proj-level, req-ID",
            ),
            (
                "user-AbCdEfGh org-abcdefghijklmnopq user-7 proj-a1 req-x_y",
                "user-… org-… user-… proj-… req-…",
            ),
            ("model kimi-k2-0905-preview not found", "model kimi-k2-0905-preview not found"),
            ("current: 1518025, limit: 1500000", "current: 1518025, limit: 1500000"),
            (
                "see https://platform.moonshot.cn/docs/pricing/limits",
                "see https://platform.moonshot.cn/docs/pricing/limits",
            ),
            ("at 2026-09-23T06:47:09.122865Z", "at 2026-09-23T06:47:09.122865Z"),
            ("余额不足 sk-abc。", "余额不足 sk-…。"),
            ("", ""),
        ] {
            assert_eq!(text(given), shown);
        }
    }

    #[test]
    fn one_exact_secret_is_taken_out() {
        assert_eq!(secret("a hunter22 b".into(), "hunter22"), "a … b");
        assert_eq!(secret("a b".into(), ""), "a b");
    }
}
