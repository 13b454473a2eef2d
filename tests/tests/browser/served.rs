//! Page and widget as the recipes of `docs/hosting` have a web server serve them, the proxy behind it.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
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
pub(crate) enum Recipe {
    Nginx,
    Caddy,
}

/// A web server, with the site at a path.
pub(crate) struct Served {
    /// Where the site is, without its last slash.
    pub(crate) address: String,
    /// Where its files are.
    site: PathBuf,
    _server: Server,
    _folder: TempDir,
}

impl Recipe {
    /// Serves the site with the proxy behind the same server.
    fn serve_with_proxy_behind(self, path: &str, proxy: SocketAddr) -> Option<Served> {
        self.serve(path, proxy, "", "/dns-query")
    }

    /// Serves it for pages that ask the proxy on its own origin.
    pub(crate) fn serve_with_proxy_elsewhere(
        self,
        path: &str,
        proxy: SocketAddr,
    ) -> Option<Served> {
        let address = format!("http://{proxy}");
        self.serve(path, proxy, &address, &format!("{address}/dns-query"))
    }

    /// Serves the site at a path, edited to ask these; `None`, with a sentence, where something is missing.
    fn serve(self, path: &str, proxy: SocketAddr, asked: &str, resolver: &str) -> Option<Served> {
        let made = crate::folder("MXRAY_SITE", "site to serve")?;
        let mut server = match self {
            Self::Nginx => debian("nginx", LEFT_OUT)?,
            Self::Caddy => debian("caddy", LEFT_OUT)?,
        };
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("root");
        let site = root.join(path.trim_matches('/'));
        fs::create_dir_all(&site).unwrap();
        copy(&made, &site);
        edit(&site, asked, resolver);
        let address = free_address(Ipv4Addr::LOCALHOST).unwrap();
        let names = Names { folder: folder.path(), root: &root, path, address, proxy };
        match self {
            Self::Nginx => nginx(&mut server, &names),
            Self::Caddy => caddy(&mut server, &names),
        }
        let server = Server::start(server, &[address]).unwrap();
        let address = format!("http://{address}{}", path.trim_end_matches('/'));
        Some(Served { address, site, _server: server, _folder: folder })
    }
}

/// Does to a site's settings what its operator does with an editor.
fn edit(site: &Path, proxy: &str, resolver: &str) {
    let resolvers = json!([{ "name": "this site's own resolver", "url": resolver }]);
    let settings = json!({ "proxy": proxy, "resolvers": resolvers });
    fs::write(site.join("config.json"), settings.to_string()).unwrap();
}

/// What a recipe has examples of.
struct Names<'a> {
    /// For what the server writes.
    folder: &'a Path,
    /// Of all files that it serves.
    root: &'a Path,
    /// The site's.
    path: &'a str,
    address: SocketAddr,
    proxy: SocketAddr,
}

/// A recipe with each of these names replaced, all of which it has.
fn filled(recipe: &str, names: &[(&str, &str)]) -> String {
    names.iter().fold(recipe.to_owned(), |recipe, (name, by)| {
        assert!(recipe.contains(name), "{name} in\n{recipe}");
        recipe.replace(name, by)
    })
}

fn nginx(server: &mut Command, &Names { folder, root, path, address, proxy }: &Names<'_>) {
    let types = unpacked_folder().map_or("/etc".into(), |folder| folder.join("etc"));
    let recipe = filled(
        include_str!("../../../docs/hosting/nginx.conf"),
        &[
            ("listen 443 ssl;", &format!("listen {address};")),
            ("server 127.0.0.1:8080;", &format!("server {proxy};")),
            ("/srv/mxray;", &format!("{};", root.display())),
            ("error_page 404 /404.html", &format!("error_page 404 {path}404.html")),
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

fn caddy(server: &mut Command, &Names { folder, root, path, address, proxy }: &Names<'_>) {
    let recipe = filled(
        include_str!("../../../docs/hosting/Caddyfile"),
        &[
            ("scan.example.com {", &format!("http://{address} {{")),
            ("127.0.0.1:8080", &proxy.to_string()),
            ("/srv/mxray", &root.display().to_string()),
            ("rewrite * /404.html", &format!("rewrite * {path}404.html")),
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
    let served = recipe.serve_with_proxy_behind(path, product.proxy.address());
    let Some(served) = served else { return };
    let site = &served.address;
    browse(Chromium, async |browser| {
        browser.scanned(&format!("{site}/?domain=enforce.example")).await;
        assert!(browser.shows("[data-stage=enforce]").await, "{}", browser.text().await);

        let files: Vec<Value> = browser
            .look(
                "const loaded = performance.getEntriesByType('resource').map(({ name }) => name)
                     .filter(name => name.endsWith('.wasm'));
                 const paths = ['', 'config.json', 'embed/', 'widget/v1/mxray.js', 'guides/', 'nothing', ...loaded];
                 return Promise.all(paths.map(async path => {
                     const answer = await fetch(path);
                     const of = name => answer.headers.get(name);
                     return [answer.status, of('content-type')?.split(';')[0], of('cache-control'),
                         of('content-security-policy'), of('access-control-allow-origin'), of('content-encoding')];
                 }))",
            )
            .await;
        let (none, framed) = ("frame-ancestors 'none'", "frame-ancestors 'self' http://127.0.0.1:*");
        let forever = "public, max-age=31536000, immutable";
        let small = match recipe {
            // Debian's nginx knows brotli by a module that is not there.
            Recipe::Nginx => "gzip",
            Recipe::Caddy => "br",
        };
        let expected = [
            json!([200, "text/html", "no-cache", none, null, small]),
            json!([200, "application/json", "no-cache", none, "*", null]),
            json!([200, "text/html", "no-cache", framed, null, small]),
            json!([200, "text/javascript", "no-cache", none, "*", small]),
            json!([200, "text/html", "no-cache", none, null, small]),
            json!([404, "text/html", "no-cache", none, null, null]),
            json!([200, "application/wasm", forever, none, null, small]),
        ];
        for (seen, expected) in files.iter().zip(&expected) {
            assert_eq!(seen, expected, "{recipe:?} at {path}: {files:#?}");
        }
        let missing: String =
            browser.look("return fetch('nothing').then(answer => answer.text())").await;
        assert!(missing.contains("<a href=\"/check/\">"), "{recipe:?} at {path}: {missing}");

        for mode in ["inline", "panel"] {
            let host = Host::start(page(&snippet(site, &format!("mode='{mode}'")))).await;
            browser.visits(&host).await;
            browser.asks("mxray-check", "enforce.example").await;
            let told: Value = browser.told("mxray-result").await;
            assert_eq!(told["stage"], "enforce", "{recipe:?} at {path}, {mode}");
        }
    })
    .await;
    product.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_edited_where_the_site_is_served() {
    let Some(product) = crate::start(Chromium, Config::default()).await else { return };
    let (proxy, path) = (product.proxy.address(), "/check/");
    let Some(served) = Recipe::Nginx.serve_with_proxy_behind(path, proxy) else { return };
    let alive = format!("http://{proxy}/dns-query");
    browse(Chromium, async |browser| {
        for (reason, proxy, resolver, named, stage) in [
            ("behind the same server", json!(""), "/dns-query", "own", "enforce"),
            ("on its own origin", json!(format!("http://{proxy}")), &alive, "own", "enforce"),
            ("none, and a resolver", json!(null), &alive, "another", "unknown"),
        ] {
            let resolvers = json!([{ "name": named, "url": resolver }]);
            let settings = json!({ "proxy": proxy, "resolvers": resolvers });
            fs::write(served.site.join("config.json"), settings.to_string()).unwrap();
            browser.scanned(&format!("{}/?domain=enforce.example", served.address)).await;
            let css = format!("[data-stage={stage}]");
            assert!(browser.shows(&css).await, "{reason}: {}", browser.text().await);
            let asked: String =
                browser.look("return document.querySelector('#resolver').innerText").await;
            assert!(asked.contains(named), "{reason}: {asked}");
        }
    })
    .await;
    product.stop().await;
}

/// The commands of the recipe for object storage.
fn uploading(site: &Path) -> String {
    let document = include_str!("../../../docs/hosting.md");
    let commands = document.split("```sh\n").nth(1).and_then(|rest| rest.split("```").next());
    let site = format!(" {} ", site.display());
    let names = [
        ("s3://BUCKET", "s3://mxray"),
        (" site ", &site),
        // The CDN may read what nobody else may.
        ("s3 sync", "s3 sync --acl public-read"),
        ("s3 cp", "s3 cp --acl public-read"),
    ];
    filled(commands.unwrap(), &names)
}

#[tokio::test(flavor = "multi_thread")]
async fn object_storage_serves_the_site_by_its_recipe() {
    let is_there = |program: &str| Command::new(program).arg("--version").output().is_ok();
    if !["aws", "moto_server"].into_iter().all(is_there) {
        return eprintln!(
            "left out: there is no `aws` or no `moto_server`, a storage to try it on"
        );
    }
    let Some(made) = crate::folder("MXRAY_SITE", "site to serve") else { return };
    let Some(product) = crate::start(Chromium, Config::default()).await else { return };
    let proxy = format!("http://{}", product.proxy.address());
    let folder = tempfile::tempdir().unwrap();
    copy(&made, folder.path());
    edit(folder.path(), &proxy, &format!("{proxy}/dns-query"));
    let address = free_address(Ipv4Addr::LOCALHOST).unwrap();
    let mut storage = Command::new("moto_server");
    storage.args(["-H", "127.0.0.1", "-p", &address.port().to_string()]);
    let _storage = Server::start(storage, &[address]).unwrap();
    let mut upload = Command::new("sh");
    upload.args(["-e", "-c", &format!("aws s3 mb s3://mxray\n{}", uploading(folder.path()))]);
    upload.env("AWS_ENDPOINT_URL", format!("http://{address}"));
    for (variable, value) in [
        ("AWS_ACCESS_KEY_ID", "nobody"),
        ("AWS_SECRET_ACCESS_KEY", "nothing"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
        ("AWS_CONFIG_FILE", "/dev/null"),
    ] {
        upload.env(variable, value);
    }
    let uploaded = upload.output().unwrap();
    assert!(uploaded.status.success(), "{}", String::from_utf8_lossy(&uploaded.stderr));
    browse(Chromium, async |browser| {
        let site = format!("http://{address}/mxray");
        browser.scanned(&format!("{site}/index.html?domain=enforce.example")).await;
        assert!(browser.shows("[data-stage=enforce]").await, "{}", browser.text().await);
        let files: Vec<Value> = browser
            .look(
                "const loaded = performance.getEntriesByType('resource').map(({ name }) => name)
                     .filter(name => /[.](js|wasm)$/.test(name)).sort();
                 const paths = ['index.html', 'config.json', ...loaded];
                 const seen = paths.map(async path => {
                     const { status, headers } = await fetch(path);
                     return JSON.stringify([
                         status, headers.get('content-type')?.split(';')[0], headers.get('cache-control'),
                     ]);
                 });
                 return Promise.all(seen).then(seen => Array.from(new Set(seen), text => JSON.parse(text)))",
            )
            .await;
        let forever = "public, max-age=31536000, immutable";
        let expected = [
            json!([200, "text/html", "no-cache"]),
            json!([200, "application/json", "no-cache"]),
            json!([200, "text/javascript", forever]),
            json!([200, "application/wasm", forever]),
        ];
        assert_eq!(files, expected);
    })
    .await;
    product.stop().await;
}
