//! What a browser gives: requests with deadlines, a view of a domain, texts in the visitor's language.
//!
//! The page, its depth and the widget are modules of WASM and share this. Facts come out as values
//! of JavaScript's: page and widget read them at little weight ([`Sight`]), the depth with serde.

mod fetch;
mod from_js;
mod handing;
mod input;
mod look;
mod marked;
mod settings;
mod sight;
pub mod told;
mod voice;

pub use fetch::{Body, Failure, Fetcher, read};
pub use handing::{Copy, CopyProps, save};
pub use input::understand;
pub use look::Browser;
pub use marked::{Layout, Mark, Piece, pieces};
pub use settings::{Resolver, Settings};
pub use sight::Sight;
pub use voice::{Part, Voice};
