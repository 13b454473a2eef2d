//! Measurements that take a while, and depend on the machine.

pub(crate) mod lighthouse;
mod records;

use clap::ValueEnum;

use crate::python::{CHECKDMARC, SCHEMATHESIS};
use crate::workspace::{Workspace, corpora, run};
use crate::{Result, browser, page, servers};

/// What is measured.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum What {
    /// Cached answers beside a bare handler, 2,000 slow looks, three replicas, and 10,000 requests by the
    /// OpenAPI document
    Proxy,
    /// The time of a scan and domains a second, beside checkdmarc; takes root, for the ports 25, 53 and 443
    Scan,
    /// Instructions, speed and allocations of reading a record, beside mail-auth's parsers
    Records,
    /// Lighthouse of the page, as a phone shows it
    Page,
    /// How long a thousand TLS reports keep the page from answering, in three browser engines
    Reports,
    /// Lighthouse of a plain page with and without the widget, and the bytes before and after its use
    Widget,
}

/// The most requests for each of the four operations that have parameters; it finds no more than some
/// 10,000 in all that differ.
const EXAMPLES: &str = "3500";

pub(crate) fn measure(workspace: &Workspace, what: What) -> Result {
    match what {
        What::Page => lighthouse::page(workspace),
        What::Proxy => proxy(workspace),
        What::Records => records::measure(workspace),
        What::Scan => scan(workspace),
        What::Reports => reports(workspace),
        What::Widget => lighthouse::widget(workspace),
    }
}

fn proxy(workspace: &Workspace) -> Result {
    run(workspace.cargo().args(["build", "--release", "--package", "mxray-proxy"]))?;
    let program = workspace.target.join("release").join("mxray-proxy");
    let mut bench = workspace.cargo();
    bench.args(["bench", "--package", "mxray-tests", "--bench", "proxy"]);
    if let Some(servers) = servers::ready(workspace) {
        bench.env("MXRAY_SERVERS", servers);
    }
    let fast = run(bench.env("MXRAY_PROXY", program));
    if let Some(schemathesis) = SCHEMATHESIS.ready(workspace)? {
        let mut test = workspace.cargo();
        test.args(["test", "--release", "--package", "mxray-tests", "--test", "security_api"]);
        test.args(["--", "--nocapture"]).env("MXRAY_SCHEMATHESIS", schemathesis);
        run(test.env("MXRAY_SCHEMATHESIS_EXAMPLES", EXAMPLES))?;
    }
    fast
}

fn reports(workspace: &Workspace) -> Result {
    let dist = page::build(workspace)?;
    let mut measure = workspace.cargo();
    measure.args(["test", "--package", "mxray-tests", "--test", "browser", "--"]);
    measure.args(["measure_reports", "--ignored", "--nocapture", "--test-threads=1"]);
    measure.env("MXRAY_PAGE", dist).env("CHROMEDRIVER", browser::driver(workspace)?);
    run(measure.envs(browser::others(workspace)?))
}

fn scan(workspace: &Workspace) -> Result {
    let checkdmarc = CHECKDMARC.ready(workspace)?.ok_or("there is nothing to compare with")?;
    run(workspace.cargo().args(["build", "--release", "--package", "mxray-cli"]))?;
    let mut bench = workspace.cargo();
    bench.args(["bench", "--package", "mxray-tests", "--bench", "scan"]);
    if let Some(corpora) = corpora()? {
        bench.env("MXRAY_CORPORA", corpora);
    }
    bench.env("MXRAY_COMMAND", workspace.target.join("release").join("mxray"));
    run(bench.env("MXRAY_CHECKDMARC", checkdmarc))
}
