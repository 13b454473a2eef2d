//! Reports and files that hold them.

use std::io::{Cursor, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use mxray_reports::{Reader, Reading};
use serde_json::{Value, json};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// A report as the standard has it, of one policy with failures of one type.
pub(crate) fn report(id: &str, mode: &str, result: &str, failed: u64) -> Value {
    json!({
        "organization-name": "Company-X",
        "date-range": {
            "start-datetime": "2026-04-01T00:00:00Z",
            "end-datetime": "2026-04-01T23:59:59Z",
        },
        "contact-info": "sts-reporting@company-x.example",
        "report-id": id,
        "policies": [{
            "policy": {
                "policy-type": "sts",
                "policy-string": [
                    "version: STSv1", format!("mode: {mode}"), "mx: mx.example.com", "max_age: 86400",
                ],
                "policy-domain": "example.com",
                "mx-host": ["mx.example.com"],
            },
            "summary": {
                "total-successful-session-count": 100,
                "total-failure-session-count": failed,
            },
            "failure-details": [{
                "result-type": result,
                "sending-mta-ip": "192.0.2.7",
                "receiving-mx-hostname": "mx.example.com",
                "failed-session-count": failed,
            }],
        }],
    })
}

pub(crate) fn ordinary() -> String {
    report("1", "testing", "certificate-expired", 3).to_string()
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

pub(crate) fn zip<'a>(entries: impl IntoIterator<Item = (String, &'a [u8])>) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        archive.start_file(name, SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// A message with a report attached to it (RFC 8460 §5.3).
pub(crate) fn message(kind: &str, attachment: &[u8]) -> String {
    let attached = STANDARD.encode(attachment);
    let lines: Vec<_> = attached.as_bytes().chunks(76).map(String::from_utf8_lossy).collect();
    format!(
        "From: tlsrpt@company-x.example\r\nTo: reports@example.com\r\nSubject: Report Domain: \
         example.com\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=\"tlsrpt\"; \
         boundary=\"=_b\"\r\n\r\n--=_b\r\nContent-Type: text/plain\r\n\r\n[External] A report.\r\n\
         --=_b\r\nContent-Type: {kind}; name=\"r.json.gz\"\r\nContent-Transfer-Encoding: base64\r\n\
         Content-Disposition: attachment; filename=\"r.json.gz\"\r\n\r\n{}\r\n--=_b--\r\n",
        lines.join("\r\n")
    )
}

pub(crate) fn read(name: &str, bytes: &[u8]) -> Reading {
    let mut reader = Reader::default();
    reader.read(name, bytes);
    reader.finish()
}
