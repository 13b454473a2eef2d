//! Which questions to ask about a domain, and what the answers mean together.
//!
//! [`scan`] asks a [`Network`] everything, as early as it can be asked, and
//! judges the answers with the rules of the standards. It opens no socket,
//! reads no clock and spawns nothing; dropping its future cancels it. [`judge`]
//! makes the same report of what was seen before. [`depth`] goes on from there.

mod answers;
mod checks;
pub mod depth;
mod look;
mod network;
pub mod providers;
mod report;
mod run;
pub mod signature;
pub mod spf;
mod steps;

pub use answers::Protection;
pub use checks::SELECTORS;
pub use look::{MAX_QUESTIONS, Seen};
pub use network::Network;
pub use report::{
    Answer, Check, CheckFinding, CheckId, Coverage, Evidence, Gap, HostReport, Line, Report,
    SCHEMA, Sentence, Source, Stage, Step, Verdict,
};
pub use run::{Event, judge, scan};

/// Every rule about several answers; those about one record are in `mxray_records::catalog`.
pub fn catalog() -> impl Iterator<Item = &'static mxray_records::Rule> {
    checks::catalog().chain(depth::catalog())
}
