//! What a server sends instead of a file, as small as it gets.

use std::io::{self, Write};

/// With gzip, which every host can send.
pub(crate) fn gzip(content: &[u8]) -> io::Result<Vec<u8>> {
    // No time of day in its head: two builds of the same page are the same.
    let builder = flate2::GzBuilder::new().mtime(0);
    let mut encoder = builder.write(Vec::new(), flate2::Compression::best());
    encoder.write_all(content)?;
    encoder.finish()
}

/// With brotli, a fifth smaller.
pub(crate) fn brotli(content: &[u8]) -> io::Result<Vec<u8>> {
    let parameters = brotli::enc::BrotliEncoderParams { quality: 11, ..Default::default() };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &*content, &mut compressed, &parameters)?;
    Ok(compressed)
}
