//! Dropped files, read in a worker: however many there are, the page answers meanwhile.

use js_sys::{Array, Date, Function, Promise, Uint8Array};
use mxray_reports::{Reader, Reading, Why};
use wasm_bindgen::prelude::{Closure, wasm_bindgen};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::File;

use crate::given::Given;

#[wasm_bindgen(module = "/src/reader.js")]
extern "C" {
    #[wasm_bindgen(js_name = read)]
    fn read_in_worker(
        address: &str,
        files: &Array,
        kept: Option<&str>,
        told: &Closure<dyn FnMut(f64)>,
    ) -> Promise;
}

/// Reads files, after what was read before; the answer is all of it as JSON, `None` if there are no workers.
pub(crate) async fn read(
    given: &Given,
    files: &[File],
    kept: Option<&str>,
    told: impl Fn(usize) + 'static,
) -> Option<String> {
    let told = Closure::new(move |done: f64| told(done as usize));
    let files: Array = files.iter().map(JsValue::from).collect();
    let address = format!("{}/mxray_after.js", given.folder);
    let read = JsFuture::from(read_in_worker(&address, &files, kept, &told)).await.ok()?;
    read.as_string()
}

/// The largest file that is taken into memory, in bytes.
const MOST_BYTES: f64 = (256 << 20) as f64;

/// How often it is told how far the reading is, in milliseconds.
const NEWS: f64 = 50.0;

/// What the worker does: reads file after file, and tells how many are done.
pub(crate) async fn read_here(files: &Array, kept: Option<&str>, told: &Function) -> String {
    let kept = kept.and_then(|text| serde_json::from_str::<Reading>(text).ok());
    let mut reader = kept.map_or_else(Reader::default, Reader::after);
    let mut last = 0.0;
    for (done, file) in files.iter().enumerate() {
        if Date::now() - last > NEWS {
            last = Date::now();
            // Whoever listens is the page, which does no more than show it.
            let _ = told.call1(&JsValue::NULL, &JsValue::from_f64(done as f64));
        }
        read_one(&mut reader, file).await;
    }
    serde_json::to_string(&reader.finish()).unwrap_or_default()
}

async fn read_one(reader: &mut Reader, file: JsValue) {
    let Ok(file) = file.dyn_into::<File>() else { return };
    let name = file.name();
    if file.size() > MOST_BYTES {
        return reader.refuse(&name, Why::TooLarge);
    }
    match JsFuture::from(file.array_buffer()).await {
        Ok(bytes) => reader.read(&name, &Uint8Array::new(&bytes).to_vec()),
        Err(_) => reader.refuse(&name, Why::Empty),
    }
}
