//! Whole scans of real servers, by the command: Knot signs the zones, Unbound validates them and is asked
//! over HTTPS, nginx and Caddy have the policies, Postfix, Exim and OpenSMTPD take the mail.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod authority;
mod servers;
mod world;
mod zones;

use serde_json::{Value, json};
use world::{DOMAINS, Seen, World};

#[test]
fn real_servers_are_judged_by_what_they_do() {
    let Some(world) = World::start() else { return };
    let names: Vec<&str> = DOMAINS.iter().map(|domain| domain.name).collect();
    let surprises = DOMAINS.iter().zip(world.scan(&names)).filter_map(|(domain, seen)| {
        let (name, expected) = (domain.name, domain.expected());
        (seen != expected)
            .then(|| format!("{name}:\n  expected {expected:?}\n  seen     {seen:?}\n"))
    });
    let surprises: String = surprises.collect();
    assert!(surprises.is_empty(), "\n{surprises}");
}

/// RFC 8996 forbids TLS 1.0 and 1.1; who accepts them is a fact all the same.
#[test]
fn what_real_servers_make_of_old_versions_of_tls_is_told() {
    let Some(world) = World::start() else { return };
    let [suite, refused] = ["TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", "ProtocolVersion"];
    let accepted = json!({ "Ok": { "accepted": { "version": "1.1", "cipher_suite": suite } } });
    let refused = json!({ "Ok": { "refused": refused } });
    for (reason, domain, expected) in [
        ("Postfix from TLS 1.0 on", "old.postfix.signed.example", &accepted),
        ("Exim as GnuTLS has it", "exim.signed.example", &accepted),
        ("Exim with TLS 1.2", "newer.exim.signed.example", &refused),
        ("who knows nothing else is not asked", "ancient.postfix.signed.example", &Value::Null),
        ("nor is who has no TLS", "plain.postfix.signed.example", &Value::Null),
    ] {
        let report = world.reports(&[domain]).remove(0);
        let session = &report["hosts"][0]["contact"]["Ok"]["sessions"][0];
        assert_eq!(session["details"]["old_tls"], *expected, "{reason}");
    }
}

/// RFC 7671 §8.1: what is shown next is published before it is shown, and what was shown is withdrawn
/// when nobody shows it any more.
#[test]
fn a_tlsa_rollover_is_sound_at_each_step_and_broken_in_another_order() {
    let Some(mut world) = World::start() else { return };
    let domain = "exim.signed.example";
    let sound = Seen::new("yes", &[]);
    let seen = |world: &World| world.scan(&[domain]).remove(0);

    let first = world.tlsa();
    assert_eq!(seen(&world), sound, "before");
    let second = world.renew_certificate();
    assert_eq!(
        seen(&world),
        Seen::new("partly", &["dane.mismatch"]),
        "shown before it was published: senders with DANE refuse to deliver"
    );
    world.publish(domain, &[&first, &second]);
    assert_eq!(seen(&world), sound, "both are published");
    world.publish(domain, &[&second]);
    assert_eq!(seen(&world), sound, "the first is withdrawn");

    let third = "3 1 1 ".to_owned() + &"0".repeat(64);
    world.publish(domain, &[&second, &third]);
    assert_eq!(seen(&world), sound, "the next one is published before it is shown");
    world.publish(domain, &[&third]);
    assert_eq!(
        seen(&world),
        Seen::new("partly", &["dane.mismatch"]),
        "what is shown was withdrawn too early"
    );
}
