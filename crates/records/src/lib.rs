//! Text of a mail-security record in, value and findings out.
//!
//! Every parser here reads one kind of text and answers four questions apart
//! from each other: is the text *ours*, what is its *value*, would a receiver
//! that follows the standard *use* it, and what is wrong with it (the
//! *findings*, each with the bytes it is about). Parsing never fails and never
//! stops at the first problem. There is no network, no clock and no browser.

mod ascii;
pub mod bimi;
pub mod caa;
pub mod dkim;
pub mod dmarc;
pub mod example;
mod fields;
mod finding;
mod harmless;
mod host;
pub mod lint;
mod mend;
pub mod mta_sts;
pub mod mx;
mod rdata;
mod rule;
mod select;
pub mod spf;
mod suggest;
mod suspicion;
pub mod tags;
mod text;
pub mod texts;
pub mod tls_rpt;
pub mod tlsa;
pub mod zone;

pub use finding::{Finding, Params, Parsed, Place, RecordSet, Span};
pub use harmless::{harmless, is_harmful};
pub use rule::{Rule, Severity, section_link};
pub use text::Text;

/// Whether there is room for code that reads faster what nearly everybody writes, and says the same as
/// what reads all: in the page there is none.
const ROOMY: bool = cfg!(not(target_family = "wasm"));

/// Every rule about one text, or about the texts at one name; those about several answers are the scan's.
pub fn catalog() -> impl Iterator<Item = &'static Rule> {
    [
        mta_sts::record::rules::RULES,
        mta_sts::policy::rules::RULES,
        tls_rpt::rules::RULES,
        spf::rules::RULES,
        dkim::rules::RULES,
        dmarc::rules::RULES,
        bimi::rules::RULES,
        tlsa::rules::RULES,
        mx::rules::RULES,
        caa::rules::RULES,
    ]
    .into_iter()
    .flatten()
    .copied()
}
