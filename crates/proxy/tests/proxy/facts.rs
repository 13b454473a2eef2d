//! `/v1`.

use axum::body::Body;
use axum::http::Request;
use mxray_facts::{
    BimiFacts, BimiFile, Contact, FileContent, FileOutcome, MxFacts, Observation, PolicyFetch,
    PolicyOutcome, StartTls, Unobserved,
};
use mxray_proxy::{OptOut, ProxyConfig, router};

use crate::client::{config, get, lab, send, strict};

#[tokio::test]
async fn a_policy_is_an_observation_as_json() {
    let lab = lab(&[("a.example", "")]).await;
    let router = router(config(&lab)).unwrap();
    let reply = get(&router, "/v1/policy?domain=A.example.").await;
    assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
    let fetch: Observation<PolicyFetch> = reply.json();
    let PolicyOutcome::Response(response) = fetch.unwrap().outcome else { panic!("no response") };
    assert!(response.body.to_text().starts_with("version: STSv1"));

    let again = get(&router, "/v1/policy?domain=a.example").await;
    assert_eq!(again.body, reply.body);
    assert_eq!(again.header("cache-control"), Some("max-age=60"));
    assert!(again.header("age").is_some());
    assert_eq!(lab.https_log("mta-sts.a.example").len(), 1, "once a minute");
}

#[tokio::test]
async fn mail_servers_are_looked_at_together_or_one_by_one() {
    let lab = lab(&[("a.example", "mx = [{ host = 'mx1' }, { host = 'mx2', preference = 20 }]")]);
    let lab = lab.await;
    let router = router(config(&lab)).unwrap();
    let facts: Observation<MxFacts> = get(&router, "/v1/mx?domain=a.example").await.json();
    assert_eq!(facts.unwrap().hosts.len(), 2);

    let one = get(&router, "/v1/mx?domain=a.example&host=MX2.a.example").await;
    let facts = one.json::<Observation<MxFacts>>().unwrap();
    let [host] = facts.hosts.as_slice() else { panic!("{facts:?}") };
    assert_eq!(host.host.as_str(), "mx2.a.example");
    let Ok(Contact::Talked(session)) = &host.sessions[0].contact else { panic!("{host:?}") };
    assert!(matches!(session.starttls, Some(StartTls::Established(_))));
}

#[tokio::test]
async fn the_files_that_a_bimi_record_names_are_fetched() {
    let site = "https://mta-sts.a.example/.well-known/mta-sts.txt";
    let special = format!(
        "policy = {{ body = '<svg/>' }}\n\
         [records.'default._bimi']\nTXT = ['v=BIMI1; l={site}; a={site}']"
    );
    let (lab, none) = (lab(&[("a.example", &special), ("b.example", "")]).await, None);
    let router = router(config(&lab)).unwrap();
    let reply = get(&router, "/v1/bimi?domain=a.example").await;
    assert_eq!(reply.header("cache-control"), Some("max-age=60"));
    let facts: BimiFacts = reply.json();
    let content = |file: Option<BimiFile>| {
        let fetch = file.unwrap().fetch.unwrap().unwrap();
        match fetch.outcome {
            FileOutcome::Response { status: 200, content, .. } => content,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(content(facts.logo), Some(FileContent::Svg(b"<svg/>"[..].into())));
    assert_eq!(content(facts.certificate), none, "a logo is no certificate");
    get(&router, "/v1/bimi?domain=a.example").await;
    assert_eq!(lab.https_log("mta-sts.a.example").len(), 2, "each file, once a minute");

    let facts: BimiFacts = get(&router, "/v1/bimi?domain=b.example").await.json();
    assert!(facts.record.is_ok());
    assert_eq!((facts.logo, facts.certificate), (None, None));
}

#[tokio::test]
async fn a_bimi_record_is_no_way_to_where_nobody_may_look() {
    let record = |url: &str| format!("[records.'default._bimi']\nTXT = ['v=BIMI1; l={url}']");
    let lab = lab(&[
        ("out.example", ""),
        ("opted.example", &record("https://mta-sts.out.example/")),
        ("private.example", &record("https://mta-sts.private.example/")),
        ("address.example", &record("https://127.0.0.1/")),
        ("port.example", &record("https://mta-sts.port.example:25/")),
    ])
    .await;
    let mut open = config(&lab);
    open.opt_out = OptOut::read("out.example").unwrap();
    let not_allowed = Some(Err(Unobserved::AddressNotAllowed));
    for (reason, config, domain, expected) in [
        ("who asked to be left alone", open.clone(), "opted", not_allowed.clone()),
        ("a private address", strict(&lab), "private", not_allowed),
        ("an address", open.clone(), "address", None),
        ("another port", open, "port", None),
    ] {
        let path = format!("/v1/bimi?domain={domain}.example");
        let facts: BimiFacts = get(&router(config).unwrap(), &path).await.json();
        assert_eq!(facts.logo.unwrap().fetch, expected, "{reason}");
    }
    assert!(lab.https_log("mta-sts.out.example").is_empty());
}

#[tokio::test]
async fn what_cannot_be_looked_at_is_an_answer_too() {
    let lab = lab(&[("a.example", "")]).await;
    let reply = get(&router(strict(&lab)).unwrap(), "/v1/policy?domain=a.example").await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.json::<Observation<PolicyFetch>>(), Err(Unobserved::AddressNotAllowed));
    assert_eq!(reply.body, r#"{"Err":"address-not-allowed"}"#);
}

#[tokio::test]
async fn only_pages_of_the_allowed_origins_may_read() {
    let lab = lab(&[("a.example", "")]).await;
    let ours = ["https://www.example.com".parse().unwrap()];
    for (reason, allow_origins, origin, expected) in [
        ("nobody, unless it is said", &[][..], "https://www.example.com", None),
        ("listed", &ours, "https://www.example.com", Some("https://www.example.com")),
        ("not listed", &ours, "https://evil.example", None),
        ("listed with another scheme", &ours, "http://www.example.com", None),
    ] {
        let allow_origins = allow_origins.to_vec();
        let router = router(ProxyConfig { allow_origins, ..config(&lab) }).unwrap();
        let request = Request::get("/v1/policy?domain=a.example").header("origin", origin);
        let reply = send(&router, request.body(Body::empty()).unwrap()).await;
        assert_eq!(reply.header("access-control-allow-origin"), expected, "{reason}");
    }
}

#[tokio::test]
async fn who_asked_to_be_left_alone_is() {
    let lab = lab(&[
        ("out.example", ""),
        ("a.example", "mx = [{ host = 'mail' }, { host = 'mx.out.example.', preference = 20 }]"),
        ("b.example", ""),
    ])
    .await;
    let mut config = config(&lab);
    config.opt_out = OptOut::read("out.example").unwrap();
    let router_of_names = router(config.clone()).unwrap();
    for path in [
        "/v1/policy?domain=out.example",
        "/v1/mx?domain=www.out.example",
        "/v1/mx?domain=a.example&host=mx.out.example",
    ] {
        let reply = get(&router_of_names, path).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (403, "opted-out"), "{path}");
    }
    let facts: Observation<MxFacts> = get(&router_of_names, "/v1/mx?domain=a.example").await.json();
    assert_eq!(facts.unwrap().hosts.len(), 1, "the other host");
    assert_eq!(lab.smtp_log("mx.out.example").connections, 0);

    config.opt_out = OptOut::read("127.0.0.0/8").unwrap();
    let reply = get(&router(config).unwrap(), "/v1/policy?domain=b.example").await;
    assert_eq!(reply.json::<Observation<PolicyFetch>>(), Err(Unobserved::AddressNotAllowed));
}

#[tokio::test]
async fn a_page_elsewhere_may_ask() {
    let lab = lab(&[]).await;
    let router = router(config(&lab)).unwrap();
    for path in ["/v1/policy", "/dns-query"] {
        let preflight = Request::options(path)
            .header("origin", "https://page.example")
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "content-type");
        let reply = send(&router, preflight.body(Body::empty()).unwrap()).await;
        assert_eq!(reply.status, 200, "{path}");
        assert_eq!(reply.header("access-control-allow-origin"), Some("*"), "{path}");
        assert_eq!(reply.header("access-control-allow-credentials"), None, "{path}");
    }
}
