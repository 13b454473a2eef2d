//! The small HTTP server in front of the probe, which also serves the built page.
//!
//! It states facts and judges nothing. Whoever asks names a domain; no URL, no address and no port
//! is taken, so it is nobody's way to anywhere else.
//!
//! | path | answer |
//! |---|---|
//! | `GET /v1/policy?domain=` | `Observation<PolicyFetch>` as JSON |
//! | `GET /v1/mx?domain=[&host=]` | `Observation<MxFacts>` as JSON, of all MX hosts or of one |
//! | `GET /v1/bimi?domain=` | `BimiFacts` as JSON |
//! | `GET`, `POST /dns-query` | DNS over HTTPS (RFC 8484), as far as a scan needs it |
//! | `GET /healthz` | what this server can see: IPv6, port 25 |
//! | `GET /about-this-probe` | for whoever finds it in their server's log |
//! | `GET /config.json` | the page's settings |
//! | `GET /openapi.json` | all that a program may ask for, made from the code |
//! | `GET` anything else | the built page |
//!
//! What is refused is answered with `{"code", "message"}`.

mod api;
mod cache;
mod client;
mod limits;
mod metrics;
mod names;
mod openapi;
mod opt_out;
mod origin;
mod page;
mod refusal;
mod relay;
mod serve;
mod shared;

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::FutureExt;
use mxray_probe::{Allowance, Allowances, ConfigError, IpNet, Ledger, Probe, ProbeConfig};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tower::ServiceBuilder;
use tower::util::option_layer;
use tower_http::compression::CompressionLayer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use api::{Looker, Names};
use cache::Cache;
pub use limits::Bounds;
use limits::{Limits, Price, limit};
use metrics::{Requests, Watched};
pub use opt_out::{NoOptOut, OptOut};
pub use origin::{NoOrigin, Origin};
pub use page::PageResolver;
use shared::Shared;
pub use shared::{NoRedis, Redis};

/// How often one address is connected to, for all clients together.
pub const PER_ADDRESS: Allowance = Allowance { at_once: 10.0, per_second: 10.0 / 60.0 };

/// How a proxy is set up. The default serves no page, on the first free port from 8080.
#[derive(Clone, Debug, Default)]
pub struct ProxyConfig {
    /// Where it listens.
    pub listen: Listen,
    /// Where metrics are, at `/metrics`; without it nowhere.
    pub metrics: Option<SocketAddr>,
    /// The folder of the built page; without one there is none.
    pub page: Option<PathBuf>,
    /// Which resolver the page asks.
    pub page_resolver: PageResolver,
    /// Whose word is taken for whom they ask (`X-Forwarded-For`): the operator's web servers.
    pub trusted_proxies: Vec<IpNet>,
    /// Whose pages may use it besides its own.
    pub allow_origins: Vec<Origin>,
    /// Whose pages may show what is below `/embed/` in a frame besides its own; all else is never framed.
    pub frame_ancestors: Vec<Origin>,
    /// Who is left alone.
    pub opt_out: OptOut,
    /// With whom what is kept and what is left of limits is shared; without one with nobody.
    pub redis: Option<Redis>,
    /// How much is too much.
    pub bounds: Bounds,
    /// How it looks at strangers' servers; each address of theirs as often as [`PER_ADDRESS`] allows,
    /// unless something else is said.
    pub probe: ProbeConfig,
}

/// Where to listen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listen {
    /// Here, or not at all; port 0 for any.
    At(SocketAddr),
    /// Here, or on the next port that is free.
    From(SocketAddr),
}

impl Default for Listen {
    fn default() -> Self {
        Self::From((Ipv4Addr::LOCALHOST, 8080).into())
    }
}

/// A running proxy. Dropping it ends it.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    metrics: Option<SocketAddr>,
    end: watch::Sender<bool>,
    task: JoinHandle<io::Result<()>>,
}

/// Why there is no proxy.
#[derive(Debug)]
pub enum StartError {
    /// The probe cannot be had.
    Probe(ConfigError),
    /// The address cannot be listened on.
    Listen(Listen, io::Error),
    /// The folder of the page holds none.
    NoPage(PathBuf),
    /// The word of this network, which is everybody, would be taken.
    TrustsEverybody(IpNet),
}

impl Proxy {
    /// Starts a proxy.
    ///
    /// # Errors
    /// [`StartError`], with what to change.
    pub async fn start(mut config: ProxyConfig) -> Result<Self, StartError> {
        let (listener, address) = listen(config.listen).await?;
        config.probe.own_sockets.push(address);
        let metrics = match config.metrics {
            Some(address) => Some(listen(Listen::At(address)).await?),
            None => None,
        };
        config.probe.own_sockets.extend(metrics.as_ref().map(|(_, address)| *address));
        let most = config.bounds.connections;
        let Routers { router, watch, shared } = routers(config)?;
        if let Some(shared) = shared {
            shared.tried().await;
        }
        let (end, ended) = watch::channel(false);
        let metrics_address = metrics.as_ref().map(|(_, address)| *address);
        let task = tokio::spawn(async move {
            let served = serve::serve(listener, router, most, ended.clone());
            let Some((listener, _)) = metrics else { return served.await };
            let (served, watched) =
                tokio::join!(served, serve::serve(listener, watch, most, ended));
            served.and(watched)
        });
        Ok(Self { address, metrics: metrics_address, end, task })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where its metrics are.
    #[must_use]
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics
    }

    /// Accepts nobody any more, and ends when all who wait have their answers, or patience does.
    pub async fn finish(mut self, patience: Duration) {
        self.end.send_replace(true);
        if timeout(patience, &mut self.task).await.is_err() {
            self.stop().await;
        }
    }

    /// Ends it at once: whoever waits for an answer gets none.
    pub async fn stop(mut self) {
        self.task.abort();
        // It was aborted, so that there is no result to look at.
        let _ = (&mut self.task).await;
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn listen(listen: Listen) -> Result<(TcpListener, SocketAddr), StartError> {
    let failed = |error| StartError::Listen(listen, error);
    let listener = serve::bind(listen).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

/// What a proxy answers, without a socket; from within a runtime.
///
/// # Errors
/// [`StartError`], unless it is about the address.
pub fn router(config: ProxyConfig) -> Result<Router, StartError> {
    Ok(routers(config)?.router)
}

/// What a proxy answers to everybody, and to who watches it.
struct Routers {
    router: Router,
    watch: Router,
    shared: Option<Arc<Shared>>,
}

fn routers(mut config: ProxyConfig) -> Result<Routers, StartError> {
    if let Some(everybody) = config.trusted_proxies.iter().find(|net| net.prefix_len() == 0) {
        return Err(StartError::TrustsEverybody(*everybody));
    }
    let shared = config.redis.map(|redis| Arc::new(Shared::new(redis)));
    let ledger = shared.clone().map(|shared| shared as Arc<dyn Ledger>);
    config.probe.per_address.get_or_insert(PER_ADDRESS);
    config.probe.ledger = ledger.clone();
    config.probe.denied_nets.extend(&config.opt_out.nets);
    let names = if config.probe.allowed_nets.is_empty() { Names::Public } else { Names::Any };
    let looker = Arc::new(Looker {
        probe: Probe::new(config.probe).map_err(StartError::Probe)?,
        names,
        opt_out: config.opt_out,
        domains: Allowances::new(config.bounds.per_domain).shared("domain", ledger.clone()),
        policies: Cache::new("policy", shared.clone()),
        mx_sets: Cache::new("mx", shared.clone()),
        mail_hosts: Cache::new("host", shared.clone()),
        bimi: Cache::new("bimi", shared.clone()),
        shared: shared.clone(),
    });
    let frame_ancestors = origin::frame_ancestors(&config.frame_ancestors);
    let settings = page::Settings::from(config.page_resolver);
    let rest = match config.page {
        Some(folder) if !folder.join("index.html").is_file() => {
            return Err(StartError::NoPage(folder));
        }
        Some(folder) => page::files(&folder, frame_ancestors),
        None => Router::new().fallback(refusal::not_found),
    };
    let limits = Arc::new(Limits::new(config.trusted_proxies, config.bounds, ledger));
    let requests = Arc::new(Requests::default());
    let own = OpenApiRouter::with_openapi(openapi::head())
        .merge(looks(&looker, &limits, &config.allow_origins))
        .merge(
            OpenApiRouter::new().routes(routes!(metrics::health)).with_state(Arc::clone(&looker)),
        )
        .merge(OpenApiRouter::new().routes(routes!(page::settings)).with_state(settings));
    let (own, document) = own.split_for_parts();
    // Facts are certificates and hashes for the most part, which hardly get smaller.
    let compressed = rest
        .route("/openapi.json", openapi::serve(&document))
        .route("/about-this-probe", get(page::about))
        .layer(CompressionLayer::new());
    let router = compressed
        .merge(own)
        .method_not_allowed_fallback(refusal::method_not_allowed)
        .layer(from_fn_with_state(Arc::clone(&requests), around));
    let watched = Arc::new(Watched { requests, limits, looker });
    let watch = Router::new().route("/metrics", get(metrics::metrics)).with_state(watched);
    Ok(Routers { router, watch, shared })
}

/// Everything that reaches strangers: limited, and open to pages of some origins.
fn looks(looker: &Arc<Looker>, limits: &Arc<Limits>, origins: &[Origin]) -> OpenApiRouter {
    let cors = option_layer(origin::cors(origins));
    let limited = |routes: OpenApiRouter<Arc<Looker>>, price| {
        let (router, document) = routes.split_for_parts();
        let limit = from_fn_with_state((Arc::clone(limits), price), limit);
        let router = router
            .method_not_allowed_fallback(refusal::method_not_allowed)
            .layer(ServiceBuilder::new().layer(cors.clone()).layer(limit));
        let mut limited = OpenApiRouter::from(router);
        *limited.get_openapi_mut() = document;
        limited
    };
    let facts = OpenApiRouter::new()
        .routes(routes!(api::policy))
        .routes(routes!(api::mx))
        .routes(routes!(api::bimi));
    let questions = OpenApiRouter::new().routes(routes!(relay::get, relay::post));
    limited(facts, Price::Look)
        .merge(limited(questions, Price::Question))
        .route("/v1/{*rest}", get(refusal::not_found).layer(cors))
        .with_state(Arc::clone(looker))
}

/// What becomes of every request: it is counted, a panic is answered like anything else, and a browser
/// is told what it may do with the answer.
async fn around(State(requests): State<Arc<Requests>>, request: Request, next: Next) -> Response {
    let answer = async |request| {
        let answered = AssertUnwindSafe(next.run(request)).catch_unwind().await;
        answered.unwrap_or_else(|_| refusal::internal().into_response())
    };
    page::secure(requests.count(request, answer).await)
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Probe(error) => error.fmt(f),
            Self::Listen(Listen::At(address), error) => {
                write!(f, "{address} cannot be listened on: {error}; name another with --listen")
            }
            Self::Listen(Listen::From(address), error) => write!(
                f,
                "neither {address} nor the ports after it can be listened on: {error}; name another with --listen"
            ),
            Self::NoPage(folder) => write!(
                f,
                "{} holds no index.html; expected the folder of a built page",
                folder.display()
            ),
            Self::TrustsEverybody(net) => write!(
                f,
                "--trusted-proxy {net} would let everybody claim any address; name your own servers, such as --trusted-proxy 127.0.0.1"
            ),
        }
    }
}

impl std::error::Error for StartError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Probe(error) => Some(error),
            Self::Listen(_, error) => Some(error),
            Self::NoPage(_) | Self::TrustsEverybody(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::Router;
    use axum::body::Body;
    use axum::extract::Request;
    use axum::middleware::from_fn_with_state;
    use axum::routing::get;
    use tower::ServiceExt;

    use super::around;

    #[tokio::test]
    async fn a_panic_is_answered_like_anything_else() {
        let router = Router::new()
            .route("/", get(async || -> &'static str { panic!("as a test asks for") }))
            .layer(from_fn_with_state(Arc::default(), around));
        let response = router.oneshot(Request::new(Body::empty())).await.unwrap();
        assert_eq!(response.status(), 500);
        let policy = "default-src 'none'; frame-ancestors 'none'";
        assert_eq!(response.headers()["content-security-policy"], policy);
    }
}
