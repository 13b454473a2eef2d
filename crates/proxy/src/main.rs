//! `mxray-proxy`: the server, until Ctrl-C.

use std::error::Error;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use mxray_probe::{IpNet, Switches, read_net};
use mxray_proxy::{Listen, PageResolver, Proxy, ProxyConfig};

/// Looks at policy hosts and mail servers for the page, which a browser cannot, and serves the page.
#[derive(Parser)]
#[command(name = "mxray-proxy", version)]
struct Arguments {
    /// Where to listen [default: 127.0.0.1:8080, or the next free port]
    #[arg(long, value_name = "IP:PORT")]
    listen: Option<SocketAddr>,

    /// The folder of the built page; without it there is none
    #[arg(long, value_name = "DIR")]
    page: Option<PathBuf>,

    /// Whether the page asks this server's resolver or public ones
    #[arg(long, value_enum, default_value_t)]
    page_resolver: PageResolver,

    /// The networks of web servers in front of this one, whose X-Forwarded-For is believed (may be given again)
    #[arg(long, value_name = "CIDR", value_parser = read_net)]
    trusted_proxy: Vec<IpNet>,

    #[command(flatten)]
    switches: Switches,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("mxray-proxy: {error}");
            ExitCode::from(2)
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let usual = Listen::default();
    let listen = arguments.listen.map_or(usual, Listen::At);
    let proxy = Proxy::start(ProxyConfig {
        listen,
        page: arguments.page,
        page_resolver: arguments.page_resolver,
        trusted_proxies: arguments.trusted_proxy,
        probe: arguments.switches.config()?,
    })
    .await?;
    if let Listen::From(wanted) = listen
        && wanted != proxy.address()
    {
        eprintln!("mxray-proxy: port {} is taken", wanted.port());
    }
    eprintln!("mxray-proxy: listening on http://{}/ until Ctrl-C", proxy.address());
    tokio::signal::ctrl_c().await?;
    proxy.stop().await;
    Ok(())
}
