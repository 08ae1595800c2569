//! Local usage: the tokens that command lines using Kimi wrote into their session logs on this machine.
//!
//! Each log format has a folder of its own, which says where its logs are, what it counts and what it must
//! not: [`kimi_code`], the current command line and the desktop application's runtime; [`kimi_cli`], its
//! predecessor; [`claude_code`], pointed at Kimi.
//!
//! - [`scan`](scan()) finds the files, reads them with a few threads and gives a [`UsageDeduper`]: every
//!   request once, whoever copied its record.
//! - [`report`](report()) sums that up by day, month, model, project or session.
//!
//! It only reads: nothing is ever written into another program's files. A line is searched as bytes first;
//! only one that can carry usage is parsed. Memory does not grow with the size of the logs: a line is held
//! only up to a limit, and of a request there remains a hash of eight bytes and its share of a sum. The logs
//! hold what people typed; none of that is kept, only counts, names of models, folders and sessions.

mod bytes;
pub mod claude_code;
mod collect;
mod config;
mod count;
mod environment;
mod fingerprint;
mod follow;
mod format;
pub mod kimi_cli;
pub mod kimi_code;
mod layout;
mod lines;
mod log;
mod log_file;
mod md5;
pub mod model;
mod records;
mod report;
mod roots;
mod scan;
mod special;
mod states;
mod usage_deduper;
mod walk;

pub use collect::Resume;
pub use config::{Provider, is_kimis_address};
pub use environment::Environment;
pub use follow::{
    Claim, FileChange, FileCursor, FileStat, Follower, Found, Known, ModelName, Named, Portion, Request,
};
pub use format::Format;
pub use layout::Layout;
pub use log::{Home, Log};
pub use report::{By, EARLIEST, Group, Part, Report, report};
pub use roots::Roots;
pub use scan::{Options, scan};
pub use special::special_files;
pub use usage_deduper::{Origin, Row, Tally, UsageDeduper};
