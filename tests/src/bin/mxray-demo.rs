//! `mxray-demo`: the page against an internet in a box, until Ctrl-C.

use std::error::Error;
use std::io::{self, Write, stdout};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use mxray_proxy::Listen;
use mxray_tests::{Product, Setup};

/// Starts the page, the proxy behind it and sample domains to look at. Needs no network.
#[derive(Parser)]
#[command(name = "mxray-demo", version)]
struct Arguments {
    /// The folder of the built page
    #[arg(long, value_name = "DIR")]
    page: PathBuf,

    /// The page's port on this machine; the next free one if it is taken
    #[arg(long, value_name = "N", default_value_t = 8080)]
    port: u16,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("mxray-demo: {error}");
            ExitCode::from(2)
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let wanted = SocketAddr::from((Ipv4Addr::LOCALHOST, arguments.port));
    let setup =
        Setup { page: Some(arguments.page), listen: Listen::From(wanted), ..Setup::default() };
    let product = Product::start(setup).await?;
    say(&product, arguments.port)?;
    told_to_stop().await?;
    product.stop().await;
    Ok(())
}

fn say(product: &Product, wanted: u16) -> io::Result<()> {
    let mut out = stdout().lock();
    let got = product.proxy.address().port();
    if wanted != 0 && wanted != got {
        writeln!(out, "Port {wanted} is taken, so the page is on port {got}.\n")?;
    }
    writeln!(out, "Open {}/ and try one of these domains:\n", product.address())?;
    let domains = product.lab.domains();
    let width = domains.iter().map(|domain| domain.name.len()).max().unwrap_or_default();
    for domain in domains {
        writeln!(out, "  {:width$}  {}", domain.name, domain.about)?;
    }
    writeln!(out, "\nCtrl-C ends it.")?;
    out.flush()
}

/// Waits for Ctrl-C, or for SIGTERM.
#[cfg(unix)]
async fn told_to_stop() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut terminated = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminated.recv() => Ok(()),
    }
}

/// Waits for Ctrl-C.
#[cfg(not(unix))]
async fn told_to_stop() -> io::Result<()> {
    tokio::signal::ctrl_c().await
}
