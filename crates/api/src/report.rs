//! The evidence report as a file: its JSON, the chain over its records, and how both are checked.
//!
//! # The chain
//! Every link is a SHA-256 in lower-case hexadecimal. The first is that of the bytes `tidemark-report 1`, a
//! line feed, and the text of `head`. Each record's is that of the link before it (its hexadecimal text), a
//! line feed, the record's `text`, a line feed, and its `body` (nothing where it has none). The last link is
//! the `seal`. All texts are UTF-8, exactly as the JSON strings say once they are read.
//!
//! Who changes a record, leaves one out or puts one in has to make every later link anew, and the seal with
//! them. So editing shows as long as somebody else has noted the seal.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tidemark_core::report::{Head, Record, Report, Words, page};

/// What a report says of itself.
const FORMAT: &str = "tidemark-report";
const VERSION: u32 = 1;
const ABOUT: &str = "Made by Tidemark. `head` and each record's `text` are JSON documents as text; the records \
are readings (with the raw quota `body` that each was read from, absent where it is the same as before), failed \
polls, incidents, requests and findings, one line each, and can be fed to `tidemark replay`. Every hash is a \
SHA-256 in lower-case hexadecimal: the first of \"tidemark-report 1\\n\" + head; each record's of the hash before \
it + \"\\n\" + text + \"\\n\" + body. The seal is the last. `tidemark report --check FILE` does the sum.";

/// Where a page keeps its data.
const OPENING: &str = "<script type=\"application/json\" id=\"tidemark-report\">";

/// The file.
#[derive(Serialize, Deserialize)]
struct Document {
    format: String,
    version: u32,
    about: String,
    head: String,
    records: Vec<Record>,
    seal: String,
}

/// A report whose chain is closed, with the exact text of its head.
#[derive(Debug, Clone, PartialEq)]
pub struct Sealed {
    head: String,
    report: Report,
}

/// Why a file is not the report that was made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// It is no report.
    #[error("this file is not an evidence report: {0}")]
    NoReport(String),
    /// It is of a later version.
    #[error("this report has version {0}; this program reads version {VERSION}")]
    Version(u32),
    /// A record was changed, left out or put in.
    #[error("record {} of {of} does not match its hash: this record or an earlier one was changed", .at + 1)]
    Chain {
        /// The first record that does not fit, from 0.
        at: usize,
        /// How many there are.
        of: usize,
    },
    /// The seal is not the last link.
    #[error("the checksum does not match the records: records were removed or added at the end")]
    Seal,
    /// The page does not say what its data say.
    #[error("the page does not show its own data: it was changed")]
    Page,
}

/// What a check found in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// How many records the chain holds.
    pub records: usize,
    /// The last link.
    pub seal: String,
    /// Of a page: whether it shows what its data say. `None` where it cannot be told: the file is no page,
    /// or another version made it.
    pub page: Option<bool>,
}

impl Sealed {
    /// Closes the chain over a head and records, whose own hashes are not looked at.
    pub fn new(head: &Head, mut records: Vec<Record>) -> Result<Self, serde_json::Error> {
        let text = serde_json::to_string(head)?;
        let mut link = first(&text);
        for record in &mut records {
            link = next(&link, record);
            record.hash.clone_from(&link);
        }
        let head = serde_json::from_str(&text)?;
        Ok(Self { head: text, report: Report { head, records, seal: link } })
    }

    /// The report.
    #[must_use]
    pub const fn report(&self) -> &Report {
        &self.report
    }

    /// The report as JSON.
    #[must_use]
    pub fn json(&self) -> String {
        let document = Document {
            format: FORMAT.to_owned(),
            version: VERSION,
            about: ABOUT.to_owned(),
            head: self.head.clone(),
            records: self.report.records.clone(),
            seal: self.report.seal.clone(),
        };
        // Texts and numbers alone: there is nothing in it that JSON cannot say.
        serde_json::to_string_pretty(&document).unwrap_or_default()
    }

    /// The report as a page that carries its JSON.
    #[must_use]
    pub fn html(&self, words: &dyn Words) -> String {
        page(&self.report, &self.json(), words)
    }
}

/// Checks a report, JSON or page. `words` gives the words of a language, for a page to be made anew and
/// compared; `made_by` is this program's version, since another one's page may be worded otherwise.
pub fn check<'a>(
    file: &str,
    made_by: &str,
    words: impl FnOnce(&str) -> Option<Box<dyn Words + 'a>>,
) -> Result<Checked, Broken> {
    let page = file.contains(OPENING);
    let data = if page {
        let from = file.find(OPENING).map_or(0, |at| at + OPENING.len());
        let rest = &file[from..];
        &rest[..rest.find("</script>").unwrap_or(rest.len())]
    } else {
        file
    };
    let document: Document =
        serde_json::from_str(data.trim()).map_err(|why| Broken::NoReport(why.to_string()))?;
    if document.format != FORMAT {
        return Err(Broken::NoReport(format!("its format is `{}`", document.format)));
    }
    if document.version != VERSION {
        return Err(Broken::Version(document.version));
    }
    let of = document.records.len();
    let mut link = first(&document.head);
    for (at, record) in document.records.iter().enumerate() {
        link = next(&link, record);
        if link != record.hash {
            return Err(Broken::Chain { at, of });
        }
    }
    if link != document.seal {
        return Err(Broken::Seal);
    }
    let head: Head = serde_json::from_str(&document.head).map_err(|why| Broken::NoReport(why.to_string()))?;
    let comparable = page && head.made_by == made_by;
    let language = head.language.clone();
    let sealed = Sealed {
        head: document.head,
        report: Report { head, records: document.records, seal: document.seal },
    };
    let shows = if comparable {
        words(&language).map(|words| sealed.html(&*words).trim_end() == file.trim_end())
    } else {
        None
    };
    if shows == Some(false) {
        return Err(Broken::Page);
    }
    Ok(Checked { records: of, seal: sealed.report.seal, page: shows })
}

fn first(head: &str) -> String {
    hash(&[FORMAT, " 1\n", head])
}

fn next(before: &str, record: &Record) -> String {
    hash(&[before, "\n", &record.text, "\n", record.body.as_deref().unwrap_or_default()])
}

fn hash(parts: &[&str]) -> String {
    let mut sum = Sha256::new();
    for part in parts {
        sum.update(part.as_bytes());
    }
    sum.finalize().iter().fold(String::with_capacity(64), |mut text, byte| {
        text.push(char::from_digit(u32::from(byte >> 4), 16).unwrap_or('0'));
        text.push(char::from_digit(u32::from(byte & 15), 16).unwrap_or('0'));
        text
    })
}
