//! `/openapi.json`; that it is true is tried end to end.

use mxray_proxy::router;
use serde_json::Value;

use crate::client::{alone, get, nobody_to_ask};

#[tokio::test]
async fn all_that_a_program_may_ask_for_is_in_the_document() {
    let document: Value = get(&alone(), "/openapi.json").await.json();
    let paths: Vec<&String> = document["paths"].as_object().unwrap().keys().collect();
    assert_eq!(
        paths,
        ["/config.json", "/dns-query", "/healthz", "/v1/bimi", "/v1/mx", "/v1/policy"]
    );
    let router = router(nobody_to_ask()).unwrap();
    for path in paths {
        assert_ne!(get(&router, path).await.status, 404, "{path}");
    }
    // What is referred to is there.
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(document["components"]["schemas"][name].is_object(), "{name}");
    }
}
