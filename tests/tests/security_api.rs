//! The OpenAPI document is true: schemathesis, which knows nothing else of the proxy, sends what the
//! document allows and what it does not, and compares the answers with it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{env, fs};

use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use mxray_tests::{Product, Setup};
use serde_json::{Map, Value, json};
use tokio::process::Command;

/// What is compared. That any query in base64url is a sound one, the document does not say.
const CHECKS: [&str; 7] = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "unsupported_method",
];

/// `cargo xtask test` says where schemathesis is, and `cargo xtask bench proxy` to do more of it.
#[tokio::test]
async fn what_is_answered_is_what_the_document_says() {
    let Some(schemathesis) = env::var_os("MXRAY_SCHEMATHESIS") else {
        eprintln!("MXRAY_SCHEMATHESIS names no schemathesis: the OpenAPI document is not tried");
        return;
    };
    let most = env::var("MXRAY_SCHEMATHESIS_EXAMPLES").unwrap_or_else(|_| "50".to_owned());
    let product = Product::start(Setup::default()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("openapi.json");
    fs::write(&file, document(&product).await.to_string()).unwrap();
    let mut run = Command::new(schemathesis);
    run.arg("run").arg(file).args(["--url", &product.address(), "--checks", &CHECKS.join(",")]);
    run.args(["--max-examples", &most, "--seed", "1", "--workers", "4"]);
    run.args(["--generation-database", "none"]);
    // A look at a silent server takes ten seconds, which is as long as it would wait itself.
    run.args(["--request-timeout", "60"]);
    run.env("SCHEMATHESIS_HOOKS", concat!(env!("CARGO_MANIFEST_DIR"), "/dns_message.py"));
    // Nothing is left in the clone.
    run.env("PYTHONDONTWRITEBYTECODE", "1");
    let output = run.current_dir(folder.path()).output().await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    println!("{said}");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    product.stop().await;
}

/// The proxy's document, with the domains of the lab as examples of domains.
async fn document(product: &Product) -> Value {
    let client = Client::builder(TokioExecutor::new()).build_http::<Empty<Bytes>>();
    let url = format!("{}/openapi.json", product.address()).parse().unwrap();
    let body = client.get(url).await.unwrap().into_body().collect().await.unwrap().to_bytes();
    let mut document: Value = serde_json::from_slice(&body).unwrap();
    let domains = product.lab.domains().iter();
    let domains: Map<_, _> =
        domains.map(|domain| (domain.name.clone(), json!({ "value": domain.name }))).collect();
    for path in ["/v1/policy", "/v1/mx", "/v1/bimi"] {
        let domain = &mut document["paths"][path]["get"]["parameters"][0];
        assert_eq!(domain["name"], "domain");
        domain.as_object_mut().unwrap().remove("example");
        domain["examples"] = domains.clone().into();
    }
    document
}
