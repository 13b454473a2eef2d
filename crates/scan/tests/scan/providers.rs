//! Real names of MX hosts and of SPF includes, and who they are.

use std::collections::BTreeMap;

use mxray_facts::Name;
use mxray_scan::providers::{Provider, Providers};

fn providers() -> Providers {
    toml::from_str(include_str!("../../data/providers.toml")).unwrap()
}

fn name(name: &str) -> Name {
    name.parse().unwrap()
}

#[test]
fn mx_hosts_have_providers() {
    let providers = providers();
    for (host, expected) in [
        ("aspmx.l.google.com", "Google Workspace"),
        ("ALT3.ASPMX.L.GOOGLE.COM", "Google Workspace"),
        ("aspmx2.googlemail.com", "Google Workspace"),
        ("smtp.google.com", "Google Workspace"),
        ("justice-gov-uk.mail.protection.outlook.com", "Microsoft 365"),
        ("example-com.a-v1.mx.microsoft", "Microsoft 365 with DANE"),
        ("outlook-com.olc.protection.outlook.com", "Outlook.com"),
        ("mx2.zoho.com", "Zoho Mail"),
        ("mx.zoho.eu", "Zoho Mail"),
        ("in1-smtp.messagingengine.com", "Fastmail"),
        ("mailsec.protonmail.ch", "Proton Mail"),
        ("mx01.mail.icloud.com", "iCloud Mail"),
        ("mxext1.mailbox.org", "mailbox.org"),
        ("mailserver.purelymail.com", "Purelymail"),
        ("mx1.improvmx.com", "ImprovMX"),
        ("route1.mx.cloudflare.net", "Cloudflare Email Routing"),
        ("mx1.forwardemail.net", "Forward Email"),
        ("inbound-smtp.eu-west-1.amazonaws.com", "Amazon SES"),
        ("feedback-smtp.us-east-1.amazonses.com", "Amazon SES"),
        ("mxa.eu.mailgun.org", "Mailgun"),
        ("mx.sendgrid.net", "SendGrid"),
        ("mx10.mailspamprotection.com", "SiteGround"),
        ("cluster5.eu.messagelabs.com", "Symantec Email Security.cloud"),
        ("mxa-00123401.gslb.pphosted.com", "Proofpoint"),
        ("eu-smtp-inbound-1.mimecast.com", "Mimecast"),
        ("r1-smtp-in-1.dotdigital.com", "Dotdigital"),
        ("in-mx.uberspace.de", "Uberspace"),
    ] {
        let found = providers.of_mx(&name(host)).map(|provider| &*provider.name);
        assert_eq!(found, Some(expected), "{host}");
    }
}

#[test]
fn others_have_none() {
    let providers = providers();
    for (reason, host) in [
        ("a server of its own", "mx-in1001.wikimedia.org"),
        ("a machine that somebody rents", "ec2-192-0-2-1.eu-west-1.compute.amazonaws.com"),
        ("the end of a label", "mail.notgoogle.com"),
        ("less than the end", "google.com"),
        ("another service of the same company", "www.google.com"),
    ] {
        assert_eq!(providers.of_mx(&name(host)), None, "{reason}");
    }
}

#[test]
fn includes_have_providers() {
    let providers = providers();
    for (include, expected) in [
        ("_spf.google.com", Some("Google Workspace")),
        ("spf.protection.outlook.com", Some("Microsoft 365")),
        ("zohomail.eu", Some("Zoho Mail")),
        ("amazonses.com", Some("Amazon SES")),
        ("1962994.spf05.hubspotemail.net", Some("HubSpot")),
        ("spf.mandrillapp.com", Some("Mailchimp")),
        ("eu.rp.oracleemaildelivery.com", Some("Oracle Email Delivery")),
        ("mail6.serv00.com", Some("Serv00")),
        ("_cidrs.wikimedia.org", None),
        ("google.com", None),
    ] {
        let found = providers.of_include(&name(include)).map(|provider| &*provider.name);
        assert_eq!(found, expected, "{include}");
    }
}

#[test]
fn a_domain_is_run_by_whom_its_mail_goes_to_else_by_the_only_one_who_sends() {
    let providers = providers();
    for (reason, mx, includes, expected) in [
        ("its MX host", vec!["smtp.google.com"], vec!["amazonses.com"], Some("Google Workspace")),
        (
            "one of them",
            vec!["mx.example.com", "smtp.google.com"],
            vec![],
            Some("Google Workspace"),
        ),
        (
            "behind a server of its own",
            vec!["mx.example.com"],
            vec!["_spf.google.com"],
            Some("Google Workspace"),
        ),
        (
            "several may send",
            vec!["mx.example.com"],
            vec!["_spf.google.com", "amazonses.com"],
            None,
        ),
        ("nobody is known", vec!["mx.example.com"], vec!["_spf.example.com"], None),
    ] {
        let [mx, includes] =
            [mx, includes].map(|names| names.into_iter().map(name).collect::<Vec<_>>());
        let found = providers.provider_of(&mx, &includes).map(|provider| &*provider.name);
        assert_eq!(found, expected, "{reason}");
    }
}

#[test]
fn no_two_providers_claim_the_same() {
    let providers = providers();
    let claims: [fn(&Provider) -> &[_]; 2] = [|provider| &provider.mx, |provider| &provider.spf];
    for claim in claims {
        let mut seen = BTreeMap::new();
        for provider in &providers.provider {
            for end in claim(provider) {
                let other = seen.insert(end.clone(), &provider.name);
                assert_eq!(other, None, "{end:?} of {}", provider.name);
            }
        }
    }
}

#[test]
fn each_provider_shows_somewhere() {
    for provider in providers().provider {
        let shows =
            !provider.mx.is_empty() || !provider.spf.is_empty() || !provider.dkim.is_empty();
        let guide = provider.guide.as_deref().unwrap_or("https://");
        assert!(shows && guide.starts_with("https://"), "{provider:?}");
    }
}
