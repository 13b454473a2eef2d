//! After the check: what to publish, in which order, when, and how to move to other mail servers.
//!
//! A [`Draft`] is what somebody's [`Wishes`] come to, held against what is [`Published`]: the texts, where
//! they go, and what changes, in the order in which it has to be published. [`spf`] mends an SPF record and
//! says what it cannot mend. [`formats`] writes its
//! records for DNS as people keep it, [`hosting`] what a web host needs, [`bundle`] all of it as one
//! file. [`rollout`] tells when what may be done, [`moving`] how mail moves to other servers without a
//! message lost.
//!
//! There is no network, no clock and no browser.

pub mod bundle;
pub mod calendar;
mod draft;
pub mod formats;
pub mod hosting;
pub mod moving;
mod published;
pub mod rollout;
pub mod spf;
mod wishes;

pub use draft::{Change, Draft, Kept};
pub use published::Published;
pub use wishes::{Hosting, LIFETIMES, Named, Wishes, hosts};
