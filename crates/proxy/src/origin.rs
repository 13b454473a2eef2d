//! Whose pages may use this server, and whose may show it in a frame.

use std::fmt;
use std::str::FromStr;

use axum::http::header::{AGE, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, Method, Uri};
use tower_http::cors::{AllowOrigin, CorsLayer};

/// Whose pages: those of one origin, or all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// `*`
    Any,
    /// A scheme, a host and maybe a port (RFC 6454 §6.1).
    Exactly(HeaderValue),
}

/// The text names no origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoOrigin;

impl FromStr for Origin {
    type Err = NoOrigin;

    fn from_str(text: &str) -> Result<Self, NoOrigin> {
        if text == "*" {
            return Ok(Self::Any);
        }
        let uri: Uri = text.parse().map_err(|_| NoOrigin)?;
        let is_http = matches!(uri.scheme_str(), Some("http" | "https"));
        let authority = uri.authority().filter(|_| is_http).ok_or(NoOrigin)?;
        // A browser sends it without a path, so that one with a path would never be met. And only
        // what is here is known to hold no character that ends a directive of a policy.
        let plain = format!("{}://{authority}", uri.scheme_str().unwrap_or_default());
        if plain != text || text.contains(['@', ';', ',', '\'', '*']) || text != text.to_lowercase()
        {
            return Err(NoOrigin);
        }
        HeaderValue::from_str(text).map(Self::Exactly).map_err(|_| NoOrigin)
    }
}

impl fmt::Display for NoOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected an origin such as https://www.example.com, without a path, or *")
    }
}

impl std::error::Error for NoOrigin {}

/// Lets pages of these origins read what is answered; there are no credentials to steal. Without any,
/// a browser keeps it to our own page.
pub(crate) fn cors(origins: &[Origin]) -> Option<CorsLayer> {
    let exactly = origins.iter().filter_map(|origin| match origin {
        Origin::Exactly(value) => Some(value.clone()),
        Origin::Any => None,
    });
    let allowed = match origins {
        [] => return None,
        some if some.contains(&Origin::Any) => AllowOrigin::any(),
        _ => AllowOrigin::list(exactly),
    };
    let layer = CorsLayer::new()
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([CONTENT_TYPE])
        .expose_headers([AGE, RETRY_AFTER]);
    Some(layer.allow_origin(allowed))
}

/// Who may frame a page of ours: ourselves, and these (CSP 3 §6.4.2).
pub(crate) fn frame_ancestors(origins: &[Origin]) -> HeaderValue {
    let mut policy = b"frame-ancestors 'self'".to_vec();
    for origin in origins {
        policy.push(b' ');
        policy.extend_from_slice(match origin {
            Origin::Any => b"*",
            Origin::Exactly(value) => value.as_bytes(),
        });
    }
    HeaderValue::from_bytes(&policy).unwrap_or(HeaderValue::from_static("frame-ancestors 'self'"))
}

#[cfg(test)]
mod tests {
    use super::{Origin, frame_ancestors};

    #[test]
    fn an_origin_is_what_a_browser_sends() {
        for (text, expected) in [
            ("*", true),
            ("https://www.example.com", true),
            ("http://127.0.0.1:8080", true),
            ("http://[::1]:8080", true),
            ("https://www.example.com/", false),
            ("https://www.example.com/page", false),
            ("https://user@www.example.com", false),
            ("https://Example.com", false),
            ("https://*.example.com", false),
            ("https://a.example;script-src", false),
            ("https://a.example https://b.example", false),
            ("ftp://a.example", false),
            ("www.example.com", false),
            ("null", false),
            ("", false),
        ] {
            assert_eq!(text.parse::<Origin>().is_ok(), expected, "{text}");
        }
    }

    #[test]
    fn who_may_frame_a_page() {
        let of = |texts: &[&str]| {
            let origins: Vec<Origin> = texts.iter().map(|text| text.parse().unwrap()).collect();
            frame_ancestors(&origins)
        };
        assert_eq!(of(&[]), "frame-ancestors 'self'");
        let two = ["https://a.example", "https://b.example:8443"];
        assert_eq!(of(&two), "frame-ancestors 'self' https://a.example https://b.example:8443");
        assert_eq!(of(&["*"]), "frame-ancestors 'self' *");
    }
}
