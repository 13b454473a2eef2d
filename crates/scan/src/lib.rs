//! Which questions to ask about a domain, and what the answers mean together.
//!
//! [`scan`] asks a [`Network`] everything, as early as it can be asked, and
//! judges the answers with the rules of the standards. It opens no socket,
//! reads no clock and spawns nothing; dropping its future cancels it. [`judge`]
//! makes the same report of what was seen before.

mod answers;
mod checks;
mod look;
mod network;
pub mod providers;
mod report;
mod run;
pub mod spf;
mod steps;

pub use answers::Protection;
pub use checks::{SELECTORS, catalog};
pub use look::{MAX_QUESTIONS, Seen};
pub use network::Network;
pub use report::{
    Answer, Check, CheckFinding, CheckId, Coverage, Evidence, Gap, HostReport, Line, Report,
    SCHEMA, Sentence, Source, Stage, Step, Verdict,
};
pub use run::{Event, judge, scan};
