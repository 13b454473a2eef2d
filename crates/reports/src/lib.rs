//! TLS reports (RFC 8460): any file in, what all of them say together out.
//!
//! A [`Reader`] takes files as people have them: JSON, gzip, zip, a message, a mailbox, under whatever
//! name. What a file is, its bytes say. Whatever is no report is named with its reason, and nothing
//! else is lost with it; [`Limits`] bound what a file can cost. [`Summary`] is one picture of all
//! reports, and [`live::join`] holds it against what a scan sees now.
//!
//! A report says what a sender met. It never says who was behind it, and nor do we: a server without
//! STARTTLS is a server without STARTTLS (RFC 8460 §5 leaves what to make of it to the reader).
//!
//! ```
//! use mxray_reports::{Reader, Summary};
//! let mut reader = Reader::default();
//! reader.read("report.json", br#"{"organization-name": "Company-X", "policies": []}"#);
//! let reading = reader.finish();
//! assert_eq!(Summary::of(&reading).reports, 1);
//! ```

pub mod csv;
pub mod live;
mod mail;
mod oddity;
mod picture;
mod reader;
mod report;
mod result;
mod summary;

pub use oddity::Oddity;
pub use picture::{Picture, PictureRow, RowOf};
pub use reader::{Limits, Reader, Reading, Source, Trouble, Why};
pub use report::{Failure, Outcome, PolicyType, Report, read};
pub use result::{Cause, ResultType};
pub use summary::{Cost, Day, Row, Sessions, Summary, Tally};
