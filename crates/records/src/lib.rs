//! Text of a mail-security record in, value and findings out.
//!
//! Every parser here reads one kind of text and answers four questions apart
//! from each other: is the text *ours*, what is its *value*, would a receiver
//! that follows the standard *use* it, and what is wrong with it (the
//! *findings*, each with the bytes it is about). Parsing never fails and never
//! stops at the first problem. There is no network, no clock and no browser.

mod finding;
mod rule;
pub mod tags;
mod text;
pub mod texts;

pub use finding::{Finding, Params, Parsed, Place, RecordSet, Span};
pub use rule::{Rule, Severity};
pub use text::Text;
