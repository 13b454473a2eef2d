//! Files made to cost much: bounded, named, and nothing else is lost with them.

use mxray_reports::{Limits, Reader, Why};

use crate::making::{gzip, message, ordinary, read, zip};

/// Reads the file between two honest ones.
fn between(name: &str, bytes: &[u8]) -> Vec<Why> {
    let mut reader = Reader::default();
    reader.read("before.json", ordinary().as_bytes());
    reader.read(name, bytes);
    reader.read("after.json", ordinary().replace("\"1\"", "\"2\"").as_bytes());
    let reading = reader.finish();
    let whole = reading
        .reports
        .iter()
        .filter(|(source, _)| ["before.json", "after.json"].contains(&source.to_string().as_str()));
    assert_eq!(whole.count(), 2, "{name}");
    reading.troubles.iter().map(|trouble| trouble.why).collect()
}

#[test]
fn a_gzip_bomb_is_unpacked_as_far_as_any_report_goes() {
    let bomb = gzip(&vec![b' '; 64 << 20]);
    assert!(bomb.len() < 100_000);
    assert_eq!(between("bomb.gz", &bomb), [Why::TooLarge]);
    let mail = message("application/tlsrpt+gzip", &bomb);
    assert_eq!(between("bomb.eml", mail.as_bytes()), [Why::TooLarge]);
}

#[test]
fn a_bomb_beside_reports_in_one_zip_takes_none_of_them_along() {
    let (bomb, json) = (vec![b'['; 10 << 20], ordinary());
    let archive =
        zip([("bomb.json".to_owned(), &bomb[..]), ("report.json".to_owned(), json.as_bytes())]);
    let reading = read("both.zip", &archive);
    assert_eq!(reading.reports.len(), 1);
    assert_eq!(reading.troubles[0].why, Why::TooLarge);
}

#[test]
fn an_archive_of_bombs_ends_when_the_file_has_cost_enough() {
    let bomb = vec![b' '; 1 << 20];
    let archive = zip((0..20).map(|place| (format!("{place}"), &bomb[..])));
    let limits = Limits { unpacked: 4 << 20, ..Limits::default() };
    let mut reader = Reader::new(limits);
    reader.read("bombs.zip", &archive);
    let reading = reader.finish();
    let of = |why| reading.troubles.iter().filter(|it| it.why == why).map(|it| it.times).sum();
    let (empty, refused): (usize, usize) = (of(Why::Empty), of(Why::TooLarge));
    assert_eq!((empty, refused), (4, 16));
}

#[test]
fn a_zip_of_a_thousand_names_is_read_and_one_of_a_million_is_not() {
    let json = ordinary();
    let reports: Vec<String> =
        (0..1000).map(|id| json.replace("\"1\"", &format!("\"{id}\""))).collect();
    let archive =
        zip(reports.iter().enumerate().map(|(place, it)| (format!("{place}.json"), it.as_bytes())));
    let reading = read("thousand.zip", &archive);
    assert_eq!((reading.reports.len(), reading.troubles.len()), (1000, 0));
    let limits = Limits { names: 10, ..Limits::default() };
    let mut reader = Reader::new(limits);
    reader.read("thousand.zip", &archive);
    let reading = reader.finish();
    assert_eq!((reading.reports.len(), reading.troubles[0].why), (10, Why::TooManyNames));
}

#[test]
fn archives_in_archives_end() {
    let mut archive = ordinary().into_bytes();
    for _ in 0..10 {
        archive = gzip(&archive);
    }
    assert_eq!(between("deep.gz", &archive), [Why::TooDeep]);
}

#[test]
fn two_hundred_megabytes_of_text_are_named() {
    for (reason, head, why) in [
        ("words", "word ", Why::NoReport),
        ("JSON", "{\"policies\": [", Why::TooLarge),
        ("a message", "Subject: hello\n\n", Why::TooLarge),
        ("a mailbox of one message", "From a\nSubject: hello\n\n", Why::TooLarge),
        ("base64", "eyJ", Why::TooLarge),
    ] {
        let mut text = head.as_bytes().to_vec();
        text.resize(200 << 20, b'x');
        assert_eq!(between("large", &text), [why], "{reason}");
    }
}

#[test]
fn deep_json_is_named() {
    for open in ["[", "{\"policies\":"] {
        assert_eq!(between("deep.json", open.repeat(100_000).as_bytes()), [Why::JsonTooDeep]);
    }
}

#[test]
fn broken_mime_loses_no_more_than_itself() {
    let whole = message("application/tlsrpt+gzip", &gzip(ordinary().as_bytes()));
    for (reason, broken) in [
        ("no end", whole.trim_end().trim_end_matches("--=_b--").to_owned()),
        ("bare line feeds", whole.replace("\r\n", "\n")),
        ("another type", whole.replace("multipart/report", "multipart/mixed")),
    ] {
        assert_eq!(read("r.eml", broken.as_bytes()).reports.len(), 1, "{reason}");
    }
    for (reason, broken) in [
        ("another boundary", whole.replace("boundary=\"=_b\"", "boundary=\"=_c\"")),
        ("no end of the head", whole.replace("\r\n\r\n--", "\r\n--")),
        ("half of it", whole[..whole.len() / 2].to_owned()),
        (
            "nested without end",
            "Content-Type: multipart/mixed; boundary=a\n\n".to_owned()
                + &"--a\nContent-Type: multipart/mixed; boundary=a\n\n".repeat(20_000),
        ),
    ] {
        assert_eq!(between("broken.eml", broken.as_bytes()).len(), 1, "{reason}");
    }
}

#[test]
fn a_number_that_no_count_can_be_is_odd_and_breaks_no_sum() {
    for count in ["-1", "1e300", "18446744073709551615", "true", "\"many\"", "[]", "0.5"] {
        let json = ordinary().replace("\":3", &format!("\":{count}"));
        let reading = read("r.json", json.as_bytes());
        let report = &reading.reports[0].1;
        assert!(report.oddities.contains(&mxray_reports::Oddity::CountMalformed), "{count}");
        assert_eq!(report.outcomes[0].failures[0].sessions, 0, "{count}");
    }
}
