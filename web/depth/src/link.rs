//! A link that holds what was seen, so that somebody else can read the same result.
//!
//! It holds observations, never verdicts or sentences: whoever opens it judges again. All of it
//! stands behind `#`, which no browser sends to a server.

use js_sys::{Array, JSON, Uint8Array};
use mxray_browser::read;
use mxray_engine::to_json;
use mxray_facts::{Domain, Timestamp};
use mxray_scan::Seen;
use serde::{Deserialize, Serialize};
use serde_wasm_bindgen::from_value;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, Response, window};

#[wasm_bindgen]
extern "C" {
    // web-sys counts these among what may still change; every engine has had them since 2023.
    type CompressionStream;

    #[wasm_bindgen(constructor, catch)]
    fn new(format: &str) -> Result<CompressionStream, JsValue>;

    type DecompressionStream;

    #[wasm_bindgen(constructor, catch)]
    fn new(format: &str) -> Result<DecompressionStream, JsValue>;
}

/// Compression without a head or a sum (RFC 1951).
const FORMAT: &str = "deflate-raw";

/// What stands before the rest. The number is that of this format; another one would not be read.
pub(crate) const BEGINNING: &str = "#seen.1.";

/// The most that a link may hold, unpacked, in bytes.
const MOST: usize = 256 * 1024;

/// What a link holds.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Shared {
    pub(crate) domain: Domain,
    pub(crate) at: Timestamp,
    pub(crate) seen: Vec<Seen>,
}

impl Shared {
    /// What stands behind the address of the page; `None` if it would be too long, or the browser
    /// cannot compress.
    pub(crate) async fn pack(&self) -> Option<String> {
        let text = to_json(self).filter(|text| text.len() <= MOST)?;
        let content = Blob::new_with_str_sequence(&Array::of1(&text.into())).ok()?.stream();
        let packing = CompressionStream::new(FORMAT).ok()?;
        let packed = content.pipe_through(packing.unchecked_ref());
        let packed = Response::new_with_opt_readable_stream(Some(&packed));
        let packed = JsFuture::from(packed.ok()?.array_buffer().ok()?).await.ok()?;
        let letters: String =
            Uint8Array::new(&packed).to_vec().into_iter().map(char::from).collect();
        let letters = window()?.btoa(&letters).ok()?;
        Some([BEGINNING, &letters.replace('+', "-").replace('/', "_").replace('=', "")].concat())
    }

    /// What stands behind the address of the page, read; `None` if it is no whole result of this format.
    pub(crate) async fn unpack(link: &str) -> Option<Self> {
        let letters = link.strip_prefix(BEGINNING)?.replace('-', "+").replace('_', "/");
        let bytes = window()?.atob(&letters).ok()?;
        let bytes: Vec<u8> = bytes.chars().map(|c| u8::try_from(c).ok()).collect::<Option<_>>()?;
        let content = Array::of1(&Uint8Array::from(&*bytes));
        let content = Blob::new_with_u8_array_sequence(&content).ok()?.stream();
        let unpacking = DecompressionStream::new(FORMAT).ok()?;
        let unpacked = content.pipe_through(unpacking.unchecked_ref());
        let unpacked = Response::new_with_opt_readable_stream(Some(&unpacked)).ok()?;
        // A few bytes can unpack to gigabytes.
        let unpacked = read(&unpacked.into(), MOST).await.ok().filter(|body| !body.truncated)?;
        let text = String::from_utf8(unpacked.bytes).ok()?;
        from_value(JSON::parse(&text).ok()?).ok()
    }
}

// Compression is the browser's.
#[cfg(target_arch = "wasm32")]
#[cfg(test)]
mod tests {
    use mxray_facts::Unobserved;
    use mxray_facts::dns::{Answer, Existence, Question, RecordType};
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    fn shared(times: usize) -> Shared {
        let question =
            |number| Question::new(format!("n{number}.example").parse().unwrap(), RecordType::Mx);
        let seen = (0..times).map(|number| Seen::Dns(question(number), Err(Unobserved::TimedOut)));
        let domain = Domain::from_ascii("a.example").unwrap();
        Shared { domain, at: Timestamp(1_764_000_000), seen: seen.collect() }
    }

    #[wasm_bindgen_test]
    async fn what_is_packed_is_unpacked() {
        let shared = shared(20);
        let link = shared.pack().await.unwrap();
        let allowed = |c: char| c.is_ascii_alphanumeric() || "#.-_".contains(c);
        assert!(link.chars().all(allowed), "{link}");
        let again = Shared::unpack(&link).await.unwrap();
        assert_eq!((again.domain, again.at, again.seen), (shared.domain, shared.at, shared.seen));
    }

    #[wasm_bindgen_test]
    async fn what_is_no_whole_result_is_none() {
        let link = shared(20).pack().await.unwrap();
        for (reason, link) in [
            ("cut", link[..link.len() - 20].to_owned()),
            ("of another format", link.replacen(".1.", ".2.", 1)),
            ("not base64", format!("{link}%")),
            ("not compressed", format!("{BEGINNING}AAAA")),
            ("nothing", BEGINNING.to_owned()),
        ] {
            assert!(Shared::unpack(&link).await.is_none(), "{reason}");
        }
    }

    #[wasm_bindgen_test]
    async fn a_result_that_is_too_long_is_neither_packed_nor_unpacked() {
        assert!(shared(10_000).pack().await.is_none());
    }
}
