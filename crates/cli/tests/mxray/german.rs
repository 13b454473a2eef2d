//! `--lang de`: the same answers, in German.

use serde_json::Value;

use crate::command::run;

#[test]
fn a_rule_is_explained_in_german() {
    let ran = run(&["explain", "spf.record.ptr", "--lang", "de"], "");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let starts = [
        "Warnung[spf.record.ptr]: Der SPF-Eintrag ",
        "",
        "Warum es wichtig ist: ",
        "Was zu tun ist: ",
        "Genau gesagt: ",
        "Standard: RFC 7208 §5.5",
        "  https://www.rfc-editor.org/rfc/rfc7208#section-5.5",
        "",
        "Wo … steht, nennt ein Befund, was er gefunden hat.",
    ];
    assert_eq!(ran.stdout.lines().count(), starts.len(), "{}", ran.stdout);
    for (line, start) in ran.stdout.lines().zip(starts) {
        assert!(line.starts_with(start), "{line:?} begins {start:?}");
    }
}

#[test]
fn a_text_is_linted_in_german_and_ends_as_in_english() {
    let policy = "version: STSv1\nmode: enforced\nmx: mx.example.com\nmax_age: 604800\n";
    let ran = run(&["--lang", "de", "lint", "mta-sts-policy"], policy);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    for part in [
        "Fehler[mta-sts.policy.mode-unknown]: Den Modus der Richtlinie gibt es nicht: enforced",
        "gefunden: „enforced“; erwartet wird enforce",
        "= Abhilfe: Schreiben Sie als Modus: enforce",
        "<stdin>: nicht verwendbar; 1 Fehler\n",
    ] {
        assert!(ran.stdout.contains(part), "{part} in\n{}", ran.stdout);
    }
}

#[test]
fn what_programs_read_is_the_same_but_for_sentences() {
    let said = |language: &str| {
        let ran = run(&["lint", "mx-set", "--json", "--lang", language], "mail.example.com 10\n");
        serde_json::from_str::<Value>(&ran.stdout).unwrap()
    };
    let (mut english, mut german) = (said("en"), said("de"));
    for answer in [&mut english, &mut german] {
        for finding in answer["findings"].as_array_mut().unwrap() {
            assert!(finding["message"].take().is_string());
        }
    }
    assert_eq!(english, german);
    assert_ne!(said("en"), said("de"));
}
