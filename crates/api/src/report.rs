//! The evidence report as a file: its JSON, the chain over its records, and how both are checked.
//!
//! # The chain
//! Every link is a SHA-256 in lower-case hexadecimal. The first is that of the bytes `tidemark-report 1`, a
//! line feed, and the text of `head`. Each record's is that of the link before it (its hexadecimal text), a
//! line feed, the record's `text`, a line feed, and its `body` (nothing where it has none). The last link is
//! the `seal`. All texts are UTF-8, exactly as the JSON strings say once they are read.
//!
//! Who changes a record, leaves one out or puts one in has to compute every later link again, and the seal with
//! them. So editing shows as long as someone else has noted the seal.

use std::cell::RefCell;
use std::convert::Infallible;
use std::io::{self, Write};
use std::ops::ControlFlow;

use serde::ser::{Error as _, SerializeSeq as _};
use serde::{Deserialize, Serialize, Serializer};
use sha2::{Digest, Sha256};
use tidemark_core::report::{Head, RecordSource, ReportError, SealedRecord, Words, write_page};
use tidemark_core::text::JsonWriter;

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
#[derive(Deserialize)]
struct Document {
    format: String,
    version: u32,
    head: String,
    records: Vec<SealedRecord>,
    seal: String,
}

/// A report whose chain is closed: its head, the exact text of that, its records and the last link. Written out
/// record by record, so that it takes no more memory the longer it is.
///
/// # Examples
/// ```
/// use chrono::{DateTime, Utc};
/// use tidemark_api::report::{Broken, Sealed, check};
/// use tidemark_core::report::{Head, RecordSource, SealedRecord};
///
/// # struct Records(Vec<SealedRecord>);
/// # impl RecordSource for Records {
/// #     type Error = std::convert::Infallible;
/// #     fn for_each(
/// #         &self,
/// #         each: &mut dyn FnMut(SealedRecord) -> std::ops::ControlFlow<()>,
/// #     ) -> Result<(), Self::Error> {
/// #         self.0.as_slice().for_each(each)
/// #     }
/// # }
/// let at: DateTime<Utc> = "2026-06-01T08:00:00Z".parse()?;
/// let head = Head {
///     made_at: at,
///     made_by: "0.1.0".to_owned(),
///     account: "work".to_owned(),
///     source: "platform".to_owned(),
///     region: "global".to_owned(),
///     plan: None,
///     from: at,
///     to: at,
///     timezone: "UTC".to_owned(),
///     language: "en".to_owned(),
///     totals: Vec::new(),
///     marks: Vec::new(),
/// };
/// let text = r#"{"type":"reading"}"#.to_owned();
/// let records = Records(vec![SealedRecord { text, body: None, hash: String::new() }]);
/// let mut file = Vec::new();
/// Sealed::new(&head, records).unwrap().write_json(&mut file).unwrap();
/// let file = String::from_utf8(file)?;
/// assert_eq!(check(&file, "0.1.0", |_| None).unwrap().records, 1);
///
/// let changed = file.replace("reading", "failure");
/// assert_eq!(check(&changed, "0.1.0", |_| None), Err(Broken::Chain { at: 0, of: 1 }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Sealed<S> {
    text: String,
    head: Head,
    seal: String,
    records: S,
}

/// Why a file is not the report that was made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// It is not a report.
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
    /// The checksum: the last link of the chain, in hexadecimal.
    pub seal: String,
    /// Of a page: whether it shows what its data say. `None` where that is unknown: the file is no page,
    /// or another version made it.
    pub page: Option<bool>,
}

impl<S: RecordSource> Sealed<S> {
    /// Closes the chain over a head and records, whose own hashes are not read.
    ///
    /// # Errors
    /// Where the records cannot be read.
    pub fn new(head: &Head, records: S) -> Result<Self, ReportError<S::Error>> {
        let text = serde_json::to_string(head).map_err(io::Error::from)?;
        let head = serde_json::from_str(&text).map_err(io::Error::from)?;
        let mut link = first(&text);
        records
            .for_each(&mut |record| {
                link = next(&link, &record);
                ControlFlow::Continue(())
            })
            .map_err(ReportError::Source)?;
        Ok(Self { text, head, seal: link, records })
    }

    /// What the report is about.
    pub const fn head(&self) -> &Head {
        &self.head
    }

    /// The last link of the chain.
    pub fn seal(&self) -> &str {
        &self.seal
    }

    /// Writes the report as JSON.
    ///
    /// # Errors
    /// The records cannot be read, or `out` takes nothing more.
    pub fn write_json(&self, out: &mut dyn Write) -> Result<(), ReportError<S::Error>> {
        let chain = Chain { records: &self.records, first: first(&self.text), failed: RefCell::new(None) };
        let document = Written {
            format: FORMAT,
            version: VERSION,
            about: ABOUT,
            head: &self.text,
            records: chain,
            seal: &self.seal,
        };
        let written = serde_json::to_writer_pretty(JsonWriter(out), &document).map_err(io::Error::from);
        match document.records.failed.into_inner() {
            Some(error) => Err(ReportError::Source(error)),
            None => Ok(written?),
        }
    }

    /// Writes the report as a page that carries its JSON.
    ///
    /// # Errors
    /// As [`Sealed::write_json`].
    pub fn write_html(&self, out: &mut dyn Write, words: &dyn Words) -> Result<(), ReportError<S::Error>> {
        write_page(out, &self.head, &self.seal, &self.records, |out| self.write_json(out), words)
    }
}

/// The file, on its way out.
#[derive(Serialize)]
#[serde(bound = "")]
struct Written<'a, S: RecordSource> {
    format: &'static str,
    version: u32,
    about: &'static str,
    head: &'a str,
    #[serde(serialize_with = "chained")]
    records: Chain<'a, S>,
    seal: &'a str,
}

/// Records that get their links while they are written.
struct Chain<'a, S: RecordSource> {
    records: &'a S,
    first: String,
    /// Why the records could not be read to the end.
    failed: RefCell<Option<S::Error>>,
}

fn chained<S: RecordSource, W: Serializer>(chain: &Chain<'_, S>, serializer: W) -> Result<W::Ok, W::Error> {
    let mut list = serializer.serialize_seq(None)?;
    let mut link = chain.first.clone();
    let mut written = Ok(());
    let read = chain.records.for_each(&mut |mut record| {
        link = next(&link, &record);
        record.hash.clone_from(&link);
        written = list.serialize_element(&record);
        if written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    written?;
    if let Err(error) = read {
        *chain.failed.borrow_mut() = Some(error);
        return Err(W::Error::custom("the records cannot be read"));
    }
    list.end()
}

/// The records of a file that was read whole.
struct Read(Vec<SealedRecord>);

impl RecordSource for Read {
    type Error = Infallible;

    fn for_each(&self, each: &mut dyn FnMut(SealedRecord) -> ControlFlow<()>) -> Result<(), Infallible> {
        self.0.as_slice().for_each(each)
    }
}

/// Takes what is written only as long as it is what stands in a file.
struct Compared<'a> {
    rest: &'a [u8],
    same: bool,
}

impl Write for Compared<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.rest.strip_prefix(bytes) {
            Some(rest) => self.rest = rest,
            // The end of the last line is not compared.
            None if bytes.trim_ascii_end() == self.rest => self.rest = b"",
            None => self.same = false,
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Checks a report, JSON or page. `words` gives the words of a language, for a page to be made again and
/// compared; `made_by` is this program's version, since another one's page may be worded otherwise.
///
/// # Errors
/// - [`Broken::NoReport`] if there is no report in the file.
/// - [`Broken::Version`] if a later version of the program wrote it.
/// - [`Broken::Chain`] if a record does not match its hash: it or an earlier one was changed, added or
///   removed.
/// - [`Broken::Seal`] if records are missing or were added at the end.
/// - [`Broken::Page`] if the page does not show its own data.
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
    let sealed = Sealed { text: document.head, head, seal: document.seal, records: Read(document.records) };
    let shows =
        if comparable { words(&language).map(|words| is_page_of(&sealed, &*words, file)) } else { None };
    if shows == Some(false) {
        return Err(Broken::Page);
    }
    Ok(Checked { records: of, seal: sealed.seal, page: shows })
}

/// Whether a file is the page of a report, but for white space at its end.
fn is_page_of(sealed: &Sealed<Read>, words: &dyn Words, file: &str) -> bool {
    let mut page = Compared { rest: file.trim_end().as_bytes(), same: true };
    sealed.write_html(&mut page, words).is_ok() && page.same && page.rest.is_empty()
}

fn first(head: &str) -> String {
    hash(&[FORMAT, " 1\n", head])
}

fn next(before: &str, record: &SealedRecord) -> String {
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
