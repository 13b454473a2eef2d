//! What a browser gives: requests with deadlines, a view of a domain, texts in the visitor's language.
//!
//! The page and its depth are two modules of WASM and share this. Facts come out as values of
//! JavaScript's: the page reads them at little weight, the depth with serde.

mod fetch;
mod look;
mod marked;
mod voice;

pub use fetch::{Body, Failure, Fetcher, read};
pub use look::Browser;
pub use marked::{Layout, Mark, Piece, pieces};
pub use voice::{Part, Voice};
