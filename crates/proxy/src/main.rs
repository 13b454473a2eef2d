//! `mxray-proxy`: the server, until Ctrl-C.

mod settings;

use std::error::Error;
use std::io::{self, stderr};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use std::{env, fs};

use clap::{Parser, ValueEnum, value_parser};
use mxray_probe::{Allowance, IpNet, Probe, ProbeConfig, Switches, read_net};
use mxray_proxy::{
    Bounds, Listen, OptOut, Origin, PER_ADDRESS, PageResolver, Proxy, ProxyConfig, Redis, router,
};

use settings::{Settings, SettingsError};
#[cfg(unix)]
use tokio::signal::unix::{SignalKind, signal};
use tracing::Level;

/// An answer is some twenty small allocations, a tenth of its time with the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Looks at policy hosts and mail servers for the page, which a browser cannot, and serves the page.
#[derive(Debug, Parser)]
#[command(
    name = "mxray-proxy",
    version,
    after_help = "Each switch may also stand in the environment (MXRAY_LISTEN=…, a list with commas) or in the file of --config (listen = …, a list in brackets). A switch outdoes the environment, and that the file."
)]
struct Arguments {
    /// A TOML file of settings
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Say which settings there are and where they come from, whether they are sound, and end
    #[arg(long)]
    check_config: bool,

    /// Where to listen [default: 127.0.0.1:8080, or the next free port]
    #[arg(long, value_name = "IP:PORT")]
    listen: Option<SocketAddr>,

    /// Where Prometheus finds /metrics; without it nowhere
    #[arg(long, value_name = "IP:PORT")]
    metrics: Option<SocketAddr>,

    /// How to log who looked at what, by their network and without their address
    #[arg(long, value_enum, default_value_t)]
    log: LogFormat,

    /// The folder of the built page; without it there is none
    #[arg(long, value_name = "DIR")]
    page: Option<PathBuf>,

    /// Whether the page asks this server's resolver or public ones
    #[arg(long, value_enum, default_value_t)]
    page_resolver: PageResolver,

    /// The networks of web servers in front of this one, whose X-Forwarded-For is believed (may be given again)
    #[arg(long, value_name = "CIDR", value_parser = read_net)]
    trusted_proxy: Vec<IpNet>,

    /// Whose pages may use this server besides its own, such as https://www.example.com, or * for all (may be given again)
    #[arg(long, value_name = "ORIGIN")]
    allow_origin: Vec<Origin>,

    /// Whose pages may show what is below /embed/ in a frame besides its own (may be given again)
    #[arg(long, value_name = "ORIGIN")]
    frame_ancestor: Vec<Origin>,

    /// Leave alone the names and networks in this file, one a line
    #[arg(long, value_name = "FILE")]
    opt_out: Option<PathBuf>,

    /// Share what was seen, and what is left of the limits, with other servers by way of this Redis, such
    /// as redis://127.0.0.1:6379; without it each keeps its own
    #[arg(long, value_name = "URL")]
    redis: Option<Redis>,

    #[command(flatten)]
    bounds: BoundsArguments,

    #[command(flatten)]
    switches: Switches,
}

/// How much is too much.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Limits")]
struct BoundsArguments {
    /// What a client may have looked at: 60 at once, and 60 in each minute after; ten questions to the
    /// resolver count as one look
    #[arg(long, value_name = "N/SECONDS", default_value_t = Bounds::default().per_client)]
    per_client: Allowance,

    /// The questions about names of one domain (its last two labels), for all clients together
    #[arg(long, value_name = "N/SECONDS", default_value_t = Bounds::default().per_domain)]
    per_domain: Allowance,

    /// The connections to one address of a stranger (IPv6: a network of 64 bits), for all clients
    /// together
    #[arg(long, value_name = "N/SECONDS", default_value_t = PER_ADDRESS)]
    per_address: Allowance,

    /// The most looks that are under way at a time
    #[arg(long, value_name = "N", default_value_t = Bounds::default().at_a_time, value_parser = value_parser!(u16).range(1..))]
    at_a_time: u16,

    /// The same of one client
    #[arg(long, value_name = "N", default_value_t = Bounds::default().at_a_time_per_client, value_parser = value_parser!(u16).range(1..))]
    at_a_time_per_client: u16,

    /// The most connections of clients at a time; the next ones wait
    #[arg(long, value_name = "N", default_value_t = Bounds::default().connections, value_parser = value_parser!(u16).range(1..))]
    connections: u16,
}

impl From<BoundsArguments> for Bounds {
    fn from(arguments: BoundsArguments) -> Self {
        Self {
            per_client: arguments.per_client,
            per_domain: arguments.per_domain,
            at_a_time: arguments.at_a_time,
            at_a_time_per_client: arguments.at_a_time_per_client,
            connections: arguments.connections,
        }
    }
}

/// How lines of the log look.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum LogFormat {
    /// There are none.
    Off,
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

/// How long requests that are under way may take to end.
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::main]
async fn main() -> ExitCode {
    let variable = |name: &str| env::var(name).ok();
    let read = |path: &Path| fs::read_to_string(path);
    let done = match settings::read(env::args_os().collect(), variable, read) {
        Ok(settings) => run(settings).await,
        // Help is no mistake, and clap knows how to show both.
        Err(SettingsError::Switch(error)) => error.exit(),
        Err(error) => Err(error.into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("mxray-proxy: {error}");
            ExitCode::from(2)
        }
    }
}

async fn run(settings: Settings<Arguments>) -> Result<(), Box<dyn Error>> {
    let Settings { values: arguments, origins } = settings;
    let Arguments { check_config, log, .. } = arguments;
    let config = config(arguments)?;
    if check_config {
        let probe = config.probe.clone();
        drop(router(config)?);
        for (name, origin) in origins {
            println!("{name} is from {origin}");
        }
        doubt_name(probe).await?;
        println!("the settings are sound; what is not named is as --help says");
        return Ok(());
    }
    start_log(log);
    serve(config).await
}

/// Says what mail servers may hold against our name.
async fn doubt_name(probe: ProbeConfig) -> Result<(), Box<dyn Error>> {
    let Some(name) = probe.ehlo_name.clone() else { return Ok(()) };
    for doubt in Probe::new(probe)?.name_doubts().await {
        println!("warning: mail servers may distrust the name {name}: {doubt}");
    }
    Ok(())
}

fn start_log(format: LogFormat) {
    let log = tracing_subscriber::fmt().with_max_level(Level::INFO).with_writer(stderr);
    match format {
        LogFormat::Off => {}
        LogFormat::Text => log.with_ansi(false).with_target(false).init(),
        LogFormat::Json => log.json().flatten_event(true).with_target(false).init(),
    }
}

fn config(arguments: Arguments) -> Result<ProxyConfig, Box<dyn Error>> {
    let mut probe = arguments.switches.config()?;
    probe.per_address = Some(arguments.bounds.per_address);
    let opt_out = arguments.opt_out.as_deref().map(read_opt_out).transpose()?;
    Ok(ProxyConfig {
        listen: arguments.listen.map_or(Listen::default(), Listen::At),
        metrics: arguments.metrics,
        page: arguments.page,
        page_resolver: arguments.page_resolver,
        trusted_proxies: arguments.trusted_proxy,
        allow_origins: arguments.allow_origin,
        frame_ancestors: arguments.frame_ancestor,
        opt_out: opt_out.unwrap_or_default(),
        redis: arguments.redis,
        bounds: arguments.bounds.into(),
        probe,
    })
}

fn read_opt_out(path: &Path) -> Result<OptOut, String> {
    let text = fs::read_to_string(path).map_err(|error| error.to_string());
    let read = text.and_then(|text| OptOut::read(&text).map_err(|error| error.to_string()));
    read.map_err(|error| format!("in {}: {error}", path.display()))
}

async fn serve(config: ProxyConfig) -> Result<(), Box<dyn Error>> {
    let listen = config.listen;
    let proxy = Proxy::start(config).await?;
    if let Listen::From(wanted) = listen
        && wanted != proxy.address()
    {
        eprintln!("mxray-proxy: port {} is taken", wanted.port());
    }
    eprintln!("mxray-proxy: listening on http://{}/ until Ctrl-C", proxy.address());
    told_to_end().await?;
    eprintln!("mxray-proxy: finishing what is under way; Ctrl-C again ends it at once");
    tokio::select! {
        () = proxy.finish(PATIENCE) => Ok(()),
        told = told_to_end() => Ok(told?),
    }
}

/// By Ctrl-C, or by whoever runs services.
async fn told_to_end() -> io::Result<()> {
    #[cfg(unix)]
    {
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            told = tokio::signal::ctrl_c() => told,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}
