//! The browser engines, and what starts and drives each.

use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::{Map, Value, json};

/// How often a driver may find its port taken.
const ATTEMPTS: usize = 10;

/// What makes a page of HTML, styles and scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    /// Chrome's, and nearly every other's.
    Chromium,
    Firefox,
    /// Safari's, here as GNOME builds it.
    WebKit,
}

impl Engine {
    /// Whether it can be driven; else a line says which tests are left out.
    pub(crate) fn is_there(self) -> bool {
        let is_there = self.program().is_some();
        if !is_there {
            eprintln!("left out: {} is not set, so there is no {self:?}", self.variable());
        }
        is_there
    }

    /// The variable that names the driver; `cargo xtask test` sets it.
    fn variable(self) -> &'static str {
        match self {
            Self::Chromium => "CHROMEDRIVER",
            Self::Firefox => "GECKODRIVER",
            Self::WebKit => "WEBKITDRIVER",
        }
    }

    fn program(self) -> Option<PathBuf> {
        std::env::var_os(self.variable()).map(PathBuf::from)
    }

    /// What a session asks for. Everything but this machine is behind `outside`, so that a test
    /// neither reaches the internet nor depends on it. WebKit starts only sometimes with a proxy; it
    /// sees no hosts but this machine's, and names below `example`, which nobody has.
    ///
    /// Pages are asked for in these languages, whatever this machine's are; WebKit has no setting for it.
    pub(crate) fn capabilities(self, outside: SocketAddr, languages: &str) -> Map<String, Value> {
        let outside = outside.to_string();
        let proxy = json!({
            "proxyType": "manual",
            "httpProxy": outside,
            "sslProxy": outside,
            "noProxy": ["127.0.0.1"],
        });
        let prefs = json!({ "intl.accept_languages": languages });
        let wanted = match self {
            Self::Chromium => {
                let options = json!({ "args": CHROMIUM, "prefs": prefs });
                json!({ "goog:chromeOptions": options, "proxy": proxy })
            }
            Self::Firefox => {
                let options = json!({ "args": FIREFOX, "prefs": prefs });
                json!({ "moz:firefoxOptions": options, "proxy": proxy })
            }
            Self::WebKit => json!({}),
        };
        let mut wanted = wanted.as_object().cloned().unwrap();
        wanted.insert("acceptInsecureCerts".to_owned(), true.into());
        wanted
    }
}

const CHROMIUM: [&str; 7] = [
    "--headless",
    "--no-first-run",
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--window-size=1100,900",
    // So that a test hears an element's role and name, as a screen reader does.
    "--enable-blink-features=ComputedAccessibilityInfo",
];

const FIREFOX: [&str; 3] = ["--headless", "--width=1100", "--height=900"];

/// What starts and drives a browser; it ends with this.
pub(crate) struct Driver {
    process: Child,
    pub(crate) port: u16,
    /// Open as long as it may say something.
    _said: BufReader<ChildStdout>,
    _screen: Option<Screen>,
}

impl Driver {
    /// Starts it. Several start at once and ask for a free port, which another may take before.
    pub(crate) fn start(engine: Engine) -> Self {
        let started = (0..ATTEMPTS).find_map(|_| match engine {
            Engine::Chromium => {
                Self::that_says(engine, &["--port=0"], "started successfully on port ")
            }
            Engine::Firefox => {
                let ports = ["--port=0", "--websocket-port=0"];
                Self::that_says(engine, &ports, "Listening on 127.0.0.1:")
            }
            Engine::WebKit => Self::on_a_screen(engine),
        });
        started.unwrap_or_else(|| panic!("no driver for {engine:?} in {ATTEMPTS} attempts"))
    }

    /// One that takes a port by itself, and says which behind these words.
    fn that_says(engine: Engine, arguments: &[&str], words: &str) -> Option<Self> {
        let (process, mut said) = run(Command::new(engine.program()?).args(arguments));
        let port = said.by_ref().lines().map_while(Result::ok).find_map(|line| {
            let (_, port) = line.split_once(words)?;
            port.trim_end_matches('.').parse().ok()
        });
        let driver = Self { process, port: port.unwrap_or_default(), _said: said, _screen: None };
        port.map(|_| driver)
    }

    /// One that has to be told a port, and whose browser needs a screen.
    fn on_a_screen(engine: Engine) -> Option<Self> {
        let screen = Screen::start();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = Command::new(engine.program()?);
        command.arg(format!("--port={port}")).env("DISPLAY", &screen.name);
        // As root, its sandbox cannot be had; it opens pages of this test only.
        command.env("WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS", "1");
        let (process, said) = run(&mut command);
        Some(Self { process, port, _said: said, _screen: Some(screen) })
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        end(&mut self.process);
    }
}

/// A screen that nobody looks at.
struct Screen {
    process: Child,
    name: String,
}

impl Screen {
    fn start() -> Self {
        let mut command = Command::new("Xvfb");
        command.args(["-displayfd", "1", "-nolisten", "tcp", "-screen", "0", "1280x1024x24"]);
        let (process, mut said) = run(command.stderr(Stdio::null()));
        let mut number = String::new();
        said.read_line(&mut number).unwrap();
        Self { process, name: format!(":{}", number.trim()) }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        end(&mut self.process);
    }
}

fn run(command: &mut Command) -> (Child, BufReader<ChildStdout>) {
    let mut process = command
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{}: {error}", command.get_program().display()));
    let said = BufReader::new(process.stdout.take().unwrap());
    (process, said)
}

/// It may have ended by itself.
fn end(process: &mut Child) {
    let _ = process.kill();
    let _ = process.wait();
}
