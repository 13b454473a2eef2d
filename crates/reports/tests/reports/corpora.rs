//! Real reports, where their folder is known.

use std::path::Path;

use mxray_reports::{Oddity, Reader, Summary};

#[test]
fn every_real_report_is_read_and_what_is_odd_about_it_named() {
    let Some(folder) = std::env::var_os("MXRAY_CORPORA") else { return };
    let folder = Path::new(&folder).join("tls-rpt");
    for (name, sessions, oddities) in [
        ("google.com_smtp_tls_report.eml", (48, 0), &[][..]),
        ("google.json", (1, 0), &[]),
        ("microsoft.json", (4, 0), &[]),
        ("no-contact.json", (1, 0), &[Oddity::NoContact]),
        ("no-policy.json", (1, 0), &[]),
        ("no_ip_and_mx.json", (0, 3), &[]),
        ("rfc-example.json", (5326, 303), &[]),
    ] {
        let mut reader = Reader::default();
        reader.read(name, &std::fs::read(folder.join(name)).unwrap());
        let reading = reader.finish();
        assert!(reading.troubles.is_empty(), "{name}: {:?}", reading.troubles);
        assert_eq!(reading.reports[0].1.oddities, oddities, "{name}");
        let summary = Summary::of(&reading);
        assert_eq!((summary.sessions.successful, summary.sessions.failed), sessions, "{name}");
    }
}

#[test]
fn all_of_them_together_are_counted_once() {
    let Some(folder) = std::env::var_os("MXRAY_CORPORA") else { return };
    let mut reader = Reader::default();
    for _ in 0..2 {
        for entry in std::fs::read_dir(Path::new(&folder).join("tls-rpt")).unwrap() {
            let path = entry.unwrap().path();
            reader.read(&path.display().to_string(), &std::fs::read(&path).unwrap());
        }
    }
    let reading = reader.finish();
    assert_eq!((reading.reports.len(), reading.duplicates), (7, 7));
}
