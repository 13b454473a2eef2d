//! Pictures of the page's main states, taken anew.

use crate::workspace::{Workspace, run};
use crate::{Result, browser, page};

/// Where they are; the README shows three of them.
const FOLDER: &str = "docs/screenshots";

/// Takes them of the built page against the lab, by the browser tests' own code.
pub(crate) fn take(workspace: &Workspace) -> Result {
    let dist = page::build(workspace)?;
    let folder = workspace.root.join(FOLDER);
    let mut cargo = workspace.cargo();
    cargo.args(["test", "--package", "mxray-tests", "--test", "browser", "--", "screenshots"]);
    cargo.env("MXRAY_PAGE", dist).env("CHROMEDRIVER", browser::driver(workspace)?);
    run(cargo.env("MXRAY_SCREENSHOTS", &folder))?;
    println!("The pictures are in {}.", folder.display());
    Ok(())
}
