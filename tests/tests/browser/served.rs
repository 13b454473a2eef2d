//! Page and widget as the recipes of `docs/hosting` have a web server serve them, the proxy behind it.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Command;

use mxray_lab::Config;
use mxray_tests::{Server, debian, free_address, unpacked_folder};
use rstest::rstest;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::alone::copy;
use crate::driver::browse;
use crate::engine::Engine::Chromium;
use crate::widget::host::{Host, page, snippet};

const LEFT_OUT: &str = "that a web server serves the site by its recipe";

/// A recipe, with the names that it has to be given.
#[derive(Clone, Copy, Debug)]
enum Recipe {
    Nginx,
    Caddy,
}

/// A web server in front of a proxy, with the site at a path.
struct Served {
    address: SocketAddr,
    _server: Server,
    _folder: TempDir,
}

impl Recipe {
    /// Serves the built page at a path; `None`, with a sentence, where there is no such server.
    fn serve(self, path: &str, proxy: SocketAddr) -> Option<Served> {
        let mut server = match self {
            Self::Nginx => debian("nginx", LEFT_OUT)?,
            Self::Caddy => debian("caddy", LEFT_OUT)?,
        };
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("root");
        let site = root.join(path.trim_matches('/'));
        fs::create_dir_all(&site).unwrap();
        copy(&crate::page().unwrap(), &site);
        let resolvers = json!([{ "name": "this site's own resolver", "url": "/dns-query" }]);
        let settings = json!({ "proxy": "", "resolvers": resolvers });
        fs::write(site.join("config.json"), settings.to_string()).unwrap();
        fs::write(root.join("404.html"), "<!doctype html><title>Not found</title>").unwrap();
        let address = free_address(Ipv4Addr::LOCALHOST).unwrap();
        match self {
            Self::Nginx => nginx(&mut server, folder.path(), &root, address, proxy),
            Self::Caddy => caddy(&mut server, folder.path(), &root, address, proxy),
        }
        let server = Server::start(server, &[address]).unwrap();
        Some(Served { address, _server: server, _folder: folder })
    }
}

/// A recipe with each of these names replaced, all of which it has.
fn filled(recipe: &str, names: &[(&str, &str)]) -> String {
    names.iter().fold(recipe.to_owned(), |recipe, (name, by)| {
        assert!(recipe.contains(name), "{name} in\n{recipe}");
        recipe.replace(name, by)
    })
}

fn nginx(server: &mut Command, folder: &Path, root: &Path, address: SocketAddr, proxy: SocketAddr) {
    let types = unpacked_folder().map_or("/etc".into(), |folder| folder.join("etc"));
    let recipe = filled(
        include_str!("../../../docs/hosting/nginx.conf"),
        &[
            ("listen 443 ssl;", &format!("listen {address};")),
            ("server 127.0.0.1:8080;", &format!("server {proxy};")),
            ("/srv/mxray;", &format!("{};", root.display())),
            ("mime.types", &types.join("nginx/mime.types").display().to_string()),
            ("https://www.example.com", "http://127.0.0.1:*"),
        ],
    );
    let folder = folder.display();
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|what| format!("{what}_temp_path {folder}/{what}; "))
        .concat();
    let whole = format!(
        "daemon off; master_process off; pid {folder}/nginx.pid; error_log stderr;
         events {{ worker_connections 512; }}
         http {{ access_log off; {temporary}\n{recipe} }}"
    );
    let file = format!("{folder}/nginx.conf");
    fs::write(&file, whole).unwrap();
    server.args(["-e", "stderr", "-p", &folder.to_string(), "-c", &file]);
}

fn caddy(server: &mut Command, folder: &Path, root: &Path, address: SocketAddr, proxy: SocketAddr) {
    let recipe = filled(
        include_str!("../../../docs/hosting/Caddyfile"),
        &[
            ("scan.example.com {", &format!("http://{address} {{")),
            ("127.0.0.1:8080", &proxy.to_string()),
            ("/srv/mxray", &root.display().to_string()),
            ("https://www.example.com", "http://127.0.0.1:*"),
        ],
    );
    let file = folder.join("Caddyfile");
    fs::write(&file, format!("{{\n\tadmin off\n}}\n{recipe}")).unwrap();
    server.args(["run", "--adapter", "caddyfile", "--config"]).arg(file);
    server.env("HOME", folder).env("XDG_DATA_HOME", folder).env("XDG_CONFIG_HOME", folder);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_web_server_serves_page_and_widget_by_its_recipe(
    #[values(Recipe::Nginx, Recipe::Caddy)] recipe: Recipe,
    #[values("/", "/check/")] path: &str,
) {
    let Some(product) = crate::start(Chromium, Config::default()).await else { return };
    let Some(served) = recipe.serve(path, product.proxy.address()) else { return };
    let site = format!("http://{}{path}", served.address);
    browse(Chromium, async |browser| {
        browser.scanned(&format!("{site}?domain=enforce.example")).await;
        assert!(browser.shows("[data-stage=enforce]").await, "{}", browser.text().await);

        let files: Vec<Value> = browser
            .look(
                "const loaded = performance.getEntriesByType('resource').map(({ name }) => name)
                     .filter(name => name.endsWith('.wasm'));
                 const paths = ['', 'config.json', 'embed/', 'widget/v1/mxray.js', 'nothing', ...loaded];
                 return Promise.all(paths.map(async path => {
                     const answer = await fetch(path);
                     const of = name => answer.headers.get(name);
                     return [answer.status, of('content-type')?.split(';')[0], of('cache-control'),
                         of('content-security-policy'), of('access-control-allow-origin')];
                 }))",
            )
            .await;
        let (none, framed) = ("frame-ancestors 'none'", "frame-ancestors 'self' http://127.0.0.1:*");
        let forever = "public, max-age=31536000, immutable";
        let expected = [
            json!([200, "text/html", "no-cache", none, null]),
            json!([200, "application/json", "no-cache", none, "*"]),
            json!([200, "text/html", "no-cache", framed, null]),
            json!([200, "text/javascript", "no-cache", none, "*"]),
            json!([404, "text/html", "no-cache", none, null]),
            json!([200, "application/wasm", forever, none, null]),
        ];
        assert_eq!(files, expected, "{recipe:?} at {path}");

        for mode in ["inline", "panel"] {
            let body = snippet(site.trim_end_matches('/'), &format!("mode='{mode}'"));
            let host = Host::start(page(&body)).await;
            browser.visits(&host).await;
            browser.asks("mxray-check", "enforce.example").await;
            let told: Value = browser.told("mxray-result").await;
            assert_eq!(told["stage"], "enforce", "{recipe:?} at {path}, {mode}");
        }
    })
    .await;
    product.stop().await;
}
