//! Pages of HTML, which gateways send where JSON was asked for.

/// The title of an HTML page, redacted and short.
pub(crate) fn html_title(page: &str) -> Option<String> {
    let lower = page.to_ascii_lowercase();
    let inside = |tag: &str| {
        let open = lower.find(&format!("<{tag}"))?;
        let start = open + lower[open..].find('>')? + 1;
        let end = start + lower[start..].find("</")?;
        let title = page[start..end].split_whitespace().collect::<Vec<_>>().join(" ");
        (!title.is_empty()).then(|| crate::redact::text(&title.chars().take(80).collect::<String>()))
    };
    inside("title").or_else(|| inside("h1"))
}
