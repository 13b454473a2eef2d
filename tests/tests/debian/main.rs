//! Whole scans of real servers, by the command: Knot signs the zones, Unbound validates them and is asked
//! over HTTPS, nginx has the policies, Postfix, Exim and OpenSMTPD take the mail.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod authority;
mod servers;
mod world;
mod zones;

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
