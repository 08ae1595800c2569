//! Local usage: the tokens that command lines using Kimi wrote into their session logs on this machine.
//!
//! Each log format has a folder of its own, which says where its logs are, what it counts and what it must
//! not: [`kimi_code`], the current command line and the desktop application's runtime; [`kimi_cli`], its
//! predecessor; [`claude_code`], pointed at Kimi; [`opencode`], with Kilo's command line, which keeps the same database;
//! [`codex`]; [`cline`], with Roo Code and Kilo Code; [`pi`], with oh-my-pi; [`qwen_code`]; [`crush`], [`goose`] and
//! [`zed`], which keep databases too.
//!
//! - [`scan`](scan()) finds the files, reads them with a few threads and gives a [`UsageDeduper`]: every
//!   request once, whoever copied its record.
//! - [`report`](report()) sums that up by day, month, model, project, session or client.
//!
//! It only reads: nothing is ever written into another program's files. A line is searched as bytes first;
//! only one that can carry usage is parsed. Memory does not grow with the size of the logs: a line is held
//! only up to a limit, and of a request there remains a hash of eight bytes and its share of a sum. The logs
//! hold what people typed; none of that is kept, only counts, names of models, folders and sessions.

mod bytes;
pub mod claude_code;
pub mod cline;
pub mod codex;
mod collect;
mod config;
mod configuration;
mod count;
pub mod crush;
mod database;
mod environment;
mod file_cursor;
mod fingerprint;
mod follow;
mod format;
pub mod goose;
mod json_comments;
mod json_elements;
mod json_lines;
pub mod kimi_cli;
pub mod kimi_code;
mod known;
mod layout;
mod lines;
mod log;
mod log_file;
mod log_sums;
mod md5;
pub mod model;
pub mod opencode;
mod packing;
pub mod pi;
mod programs;
mod provider_id;
pub mod qwen_code;
mod recorded;
mod records;
mod report;
mod roots;
mod scan;
mod session_row;
mod special;
mod states;
mod summing;
mod table;
mod unread;
mod usage_deduper;
mod walk;
pub mod zed;

pub use collect::Resume;
pub use config::{Provider, is_kimis_address};
pub use environment::Environment;
pub use file_cursor::{FileChange, FileCursor, FileStat};
pub use follow::{Basis, Claim, Follower, Found, Known, ModelName, Named, Portion, Request, States};
pub use format::Format;
pub use layout::Layout;
pub use log::{Home, Log};
pub use recorded::mark_print;
pub use report::{By, EARLIEST, Group, Part, Report, report};
pub use roots::Roots;
pub use scan::{Options, Recorded, RecordedLog, scan, scan_with};
pub use special::special_files;
pub use summing::{PackedSums, sum_up};
pub use unread::UnreadLog;
pub use usage_deduper::{Origin, Row, Tally, UsageDeduper};
