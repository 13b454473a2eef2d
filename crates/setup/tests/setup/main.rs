//! What is published, when, and how to move: what comes out, read back.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod calendar;
mod draft;
mod formats;
mod moving;
mod properties;
mod rollout;
mod spf;

#[allow(dead_code, reason = "the scan's tests use all of it")]
#[path = "../../../scan/tests/scan/zone.rs"]
mod zone;

use mxray_facts::{Domain, Timestamp};
use mxray_scan::{Report, scan};
use mxray_setup::{Draft, Published, Wishes, spf as mending};

/// 2026-04-01 12:00 UTC.
pub(crate) const NOON: Timestamp = Timestamp(1_775_044_800);

pub(crate) fn domain() -> Domain {
    "example.com".parse().unwrap()
}

pub(crate) fn wishes() -> Wishes {
    Wishes { mx: vec!["mx.example.com".to_owned()], ..Wishes::new(domain()) }
}

/// What a scan of a zone sees.
pub(crate) fn look(zone: &zone::Zone) -> Report {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(scan(zone, &domain(), zone::NOW, &|_| {}))
}

/// An SPF record of which only the text is known, mended.
pub(crate) fn respelled(text: &str) -> Draft {
    let published = Published { spf: vec![text.to_owned()], ..Published::default() };
    let meant = mending::meant(&published);
    mending::mend(&domain(), &published, meant, None).draft.unwrap()
}
