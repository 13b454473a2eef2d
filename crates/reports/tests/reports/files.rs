//! What a file is, its bytes say; its name does not matter.

use mxray_reports::{Reader, Why};

use crate::making::{gzip, message, ordinary, read, zip};

#[test]
fn a_report_is_found_however_it_is_packed() {
    let json = ordinary();
    let gz = gzip(json.as_bytes());
    let utf16: Vec<u8> =
        [0xff, 0xfe].into_iter().chain(json.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let mail = message("application/tlsrpt+gzip", &gz);
    let mailbox = format!(
        "From a@example.com Mon Jan  1\n{mail}\nFrom b@example.com Tue\nSubject: lunch\n\nHi\n"
    );
    let forwarded =
        format!("Subject: Fwd\r\nMIME-Version: 1.0\r\nContent-Type: message/rfc822\r\n\r\n{mail}");
    let base64 = {
        use base64::Engine;
        base64::engine::general_purpose::STANDARD.encode(&gz)
    };
    for (reason, name, bytes) in [
        ("plain", "report.json", json.clone().into_bytes()),
        ("gzip", "report.json.gz", gz.clone()),
        ("gzip that is none", "report.json.gz", json.clone().into_bytes()),
        ("gzip without saying so", "report.json", gz.clone()),
        ("gzip in gzip", "report.json.gz", gzip(&gz)),
        ("zip", "reports.zip", zip([("r.json".to_owned(), json.as_bytes())])),
        ("zip called gzip", "r.gz", zip([("r.json".to_owned(), json.as_bytes())])),
        ("gzip in a zip", "reports.zip", zip([("r.json.gz".to_owned(), &*gz)])),
        (
            "what a Mac adds",
            "r.zip",
            zip([("__MACOSX/._r".to_owned(), &b"x"[..]), ("r".to_owned(), json.as_bytes())]),
        ),
        ("a message", "report.eml", mail.clone().into_bytes()),
        ("as octets", "r.eml", message("application/octet-stream", &gz).into_bytes()),
        (
            "declared gzip, and JSON",
            "r.eml",
            message("application/tlsrpt+gzip", json.as_bytes()).into_bytes(),
        ),
        (
            "a zip attached",
            "r.eml",
            message("application/zip", &zip([("r".to_owned(), json.as_bytes())])).into_bytes(),
        ),
        ("a message in a message", "r.eml", forwarded.into_bytes()),
        ("a message in a zip", "r.zip", zip([("r.eml".to_owned(), mail.as_bytes())])),
        ("a mailbox", "mbox", mailbox.into_bytes()),
        ("an attachment saved as it was sent", "r.txt", base64.into_bytes()),
        ("a byte order mark", "r.json", [b"\xef\xbb\xbf", json.as_bytes()].concat()),
        ("UTF-16", "r.json", utf16),
        ("a list of reports", "r.json", format!("[{json}]").into_bytes()),
        ("text behind it", "r.json", format!("{json}\n}}").into_bytes()),
    ] {
        let reading = read(name, &bytes);
        assert_eq!(reading.reports.len(), 1, "{reason}: {reading:?}");
        let report = &reading.reports[0].1;
        assert_eq!(report.outcomes[0].failures[0].sessions, 3, "{reason}");
        assert!(reading.reports[0].0.to_string().starts_with(name), "{reason}");
    }
}

#[test]
fn what_is_no_report_is_named_with_its_reason() {
    let json = ordinary();
    let half = &json.as_bytes()[..json.len() / 2];
    for (reason, bytes, why) in [
        ("nothing", Vec::new(), Why::Empty),
        ("a picture", b"\x89PNG\r\n\x1a\n".to_vec(), Why::NoReport),
        ("words", b"hello there".to_vec(), Why::NoReport),
        ("other JSON", br#"{"a": 1}"#.to_vec(), Why::OtherJson),
        ("an empty list", b"[]".to_vec(), Why::OtherJson),
        ("half a report", half.to_vec(), Why::JsonBroken),
        ("half a report, packed", gzip(half), Why::JsonBroken),
        ("a broken gzip", b"\x1f\x8b\x08 and then nothing".to_vec(), Why::PackedBroken),
        ("a broken zip", b"PK\x03\x04 and then nothing".to_vec(), Why::PackedBroken),
        ("an empty zip", zip([]), Why::Empty),
        ("a zip of folders", zip([("a/".to_owned(), &b""[..])]), Why::Empty),
        ("a mark of UTF-16, and nothing", b"\xfe\xff\x86".to_vec(), Why::Empty),
        ("a DMARC report", b"<?xml version=\"1.0\"?><feedback>".to_vec(), Why::DmarcReport),
        ("a letter", b"Subject: lunch\r\n\r\nAt one?\r\n".to_vec(), Why::NoReportInMessage),
        (
            "an attachment that is none",
            message("application/tlsrpt+gzip", b"nothing of the kind").into_bytes(),
            Why::NoReport,
        ),
    ] {
        let reading = read("file", &bytes);
        assert_eq!(reading.reports.len(), 0, "{reason}");
        assert_eq!(reading.troubles.iter().map(|it| it.why).collect::<Vec<_>>(), [why], "{reason}");
    }
}

#[test]
fn a_gzip_that_breaks_off_behind_the_report_is_read() {
    let mut packed = gzip(ordinary().as_bytes());
    packed.truncate(packed.len() - 6);
    assert_eq!(read("r.json.gz", &packed).reports.len(), 1);
}

#[test]
fn a_report_that_came_twice_is_counted_once() {
    let json = ordinary();
    let mut reader = Reader::default();
    reader.read("one.json", json.as_bytes());
    reader.read("two.json.gz", &gzip(json.as_bytes()));
    reader.read("three.eml", message("application/tlsrpt+gzip", &gzip(json.as_bytes())).as_bytes());
    reader.read("of another id", json.replace("\"1\"", "\"2\"").as_bytes());
    reader.read("of another domain", json.replace("example.com", "example.org").as_bytes());
    let without_id = json.replace("\"report-id\":\"1\"", "\"report-id\":null");
    reader.read("without an id", without_id.as_bytes());
    reader.read("without an id again", without_id.as_bytes());
    let reading = reader.finish();
    assert_eq!((reading.reports.len(), reading.duplicates), (4, 3));
}

#[test]
fn what_is_of_one_kind_beside_each_other_is_named_once_and_counted() {
    let names = (0..40).map(|place| (format!("{place}.txt"), &b"hello there"[..]));
    let reading = read("all.zip", &zip(names));
    let [trouble] = &reading.troubles[..] else { panic!("{:?}", reading.troubles) };
    assert_eq!((trouble.times, trouble.source.to_string().as_str()), (40, "all.zip › 0.txt"));
}

#[test]
fn what_was_read_can_be_kept_and_gone_on_with() {
    let mut reader = Reader::default();
    reader.read("one.zip", &zip([("1.json".to_owned(), ordinary().as_bytes())]));
    reader.read("none.txt", b"hello there");
    reader.read("again.json", ordinary().as_bytes());
    let first = reader.finish();
    let kept = serde_json::to_string(&first).unwrap();
    let mut reader = Reader::after(serde_json::from_str(&kept).unwrap());
    assert_eq!(serde_json::to_string(&reader.clone().finish()).unwrap(), kept);
    reader.read("once more.json", ordinary().as_bytes());
    let reading = reader.finish();
    assert_eq!((reading.reports.len(), reading.duplicates), (1, 2));
    assert_eq!(reading.reports[0].0.to_string(), "one.zip › 1.json");
}
