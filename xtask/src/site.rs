//! One folder to put on any static host: page, rules and widget, compressed ahead, and the settings of
//! whoever runs it. What is in it depends on the clone and on what is asked for, and on nothing else.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

use serde_json::{Value, json};

use crate::address::Address;
use crate::compress::{brotli, gzip};
use crate::finish::{file_names, headers};
use crate::workspace::{
    Workspace, create_folder, files_below, read, read_text, remove, run, write,
};
use crate::{Result, links, page};

const SETTINGS: &str = "config.json";

/// By this a folder is known to be one of ours, which may be replaced.
const MARK: &str = "_headers";

/// What Cloudflare Pages reads of such a file.
const MOST_RULES: usize = 100;

/// Below this a file is sent in one packet however it is compressed.
const WORTH_COMPRESSING: usize = 512;

#[derive(Clone, Default, clap::Args)]
pub(crate) struct Arguments {
    /// The folder to fill.
    #[arg(long, default_value = "site")]
    out: PathBuf,
    /// Where the proxy is, such as https://proxy.example; without one, mail servers are not tested.
    #[arg(long, value_name = "URL", value_parser = url)]
    proxy: Option<String>,
    /// A resolver that speaks DNS over HTTPS, in place of the public ones [may be given again].
    #[arg(long, value_name = "URL", value_parser = url)]
    resolver: Vec<String>,
    /// Where the site will be: for search engines, and for whoever shows a link to it.
    #[arg(long, value_name = "URL", value_parser = url)]
    address: Option<String>,
    /// The path that the site will have on its host, such as /check/, if --address does not say it.
    #[arg(long, value_name = "PATH", value_parser = base)]
    base: Option<String>,
    /// Whose pages may show the widget's result in a frame, such as https://www.example.com, or * for
    /// all [may be given again].
    #[arg(long, value_name = "ORIGIN", value_parser = ancestor)]
    frame_ancestor: Vec<String>,
    /// Build all of it a second time, from a fresh clone of this commit, and compare; takes minutes.
    #[arg(long)]
    twice: bool,
}

impl Arguments {
    /// The path of the site on its host.
    fn base(&self) -> String {
        let path = |address: &String| {
            let (_, rest) = address.split_once("://")?;
            let (_, path) = rest.trim_end_matches('/').split_once('/')?;
            Some(format!("/{path}/"))
        };
        let known = self.base.clone().or_else(|| self.address.as_ref().and_then(path));
        known.unwrap_or_else(|| "/".to_owned())
    }
}

pub(crate) fn make(workspace: &Workspace, arguments: &Arguments) -> Result {
    let dist = page::build(workspace)?;
    fill(&dist, arguments)?;
    println!("{} is ready: copy all of it to a static host.", arguments.out.display());
    println!("{SETTINGS} in it holds the proxy and the resolvers, and can be edited there.");
    if arguments.twice { compare_with_another_build(workspace, arguments) } else { Ok(()) }
}

/// Builds the site of this commit at another path, with nothing of the first build but its tools.
fn compare_with_another_build(workspace: &Workspace, arguments: &Arguments) -> Result {
    let folder = workspace.target.join("twice");
    let again = Workspace { root: folder.join("clone"), target: folder.join("target") };
    if folder.exists() {
        remove(&folder)?;
    }
    create_folder(&again.target)?;
    let mut git = Command::new("git");
    git.args(["-c", "advice.detachedHead=false", "clone", "--quiet", "--shared"])
        .arg(&workspace.root)
        .arg(&again.root);
    run(&mut git)?;
    #[cfg(unix)]
    std::os::unix::fs::symlink(workspace.tools(), again.tools())
        .map_err(|error| cannot("linked", &again.tools(), &error))?;
    let dist = page::build(&again)?;
    let out = folder.join("site");
    fill(&dist, &Arguments { out: out.clone(), ..arguments.clone() })?;
    // What somebody has edited in the first one is not of the build.
    write(&out.join(SETTINGS), read(&arguments.out.join(SETTINGS))?)?;
    let files = same(&arguments.out, &out)?;
    println!("Built twice: {files} files, equal byte for byte.");
    remove(&folder)
}

/// An address as a site names it that is not at the root of its host.
pub(crate) const SAMPLE: &str = "https://scan.example.com/check/";

/// A site for tests and measurements to serve.
pub(crate) fn sample(workspace: &Workspace, dist: &Path, address: &str) -> Result<PathBuf> {
    let out = workspace.target.join("site");
    fill_anew(dist, &out, address)?;
    Ok(out)
}

/// Holds that a site is made the same twice, and that each link in it leads somewhere.
pub(crate) fn hold(workspace: &Workspace, dist: &Path) -> Result {
    let site = sample(workspace, dist, SAMPLE)?;
    let again = workspace.target.join("site-again");
    fill_anew(dist, &again, SAMPLE)?;
    let files = same(&site, &again)?;
    remove(&again)?;
    let links = links::check(&site, SAMPLE)?;
    let rules = read_text(&site.join(MARK))?.lines().filter(|line| line.starts_with('/')).count();
    if rules > MOST_RULES {
        return Err(format!("{MARK} has {rules} rules, of which hosts read {MOST_RULES}"));
    }
    println!(
        "site: {files} files, the same twice; {links} links, all of which lead somewhere; \
         {rules} rules of headers"
    );
    Ok(())
}

fn fill_anew(dist: &Path, out: &Path, address: &str) -> Result {
    if out.exists() {
        remove(out)?;
    }
    let (out, address) = (out.to_owned(), Some(address.to_owned()));
    fill(dist, &Arguments { out, address, ..Arguments::default() })
}

/// How many files two folders have; fails with the first one that is not the same in both.
fn same(one: &Path, other: &Path) -> Result<usize> {
    let below = |folder: &Path| -> Result<Vec<PathBuf>> {
        let files = files_below(folder)?.into_iter();
        Ok(files.filter_map(|file| file.strip_prefix(folder).ok().map(Path::to_owned)).collect())
    };
    let (files, others) = (below(one)?, below(other)?);
    let differs = |file: &Path| format!("{} is not the same in two builds", file.display());
    let alone =
        |from: &[PathBuf], to: &[PathBuf]| from.iter().find(|file| !to.contains(file)).cloned();
    if let Some(file) = alone(&files, &others).or_else(|| alone(&others, &files)) {
        return Err(differs(&file));
    }
    for file in &files {
        if read(&one.join(file))? != read(&other.join(file))? {
            return Err(differs(file));
        }
    }
    Ok(files.len())
}

fn fill(dist: &Path, arguments: &Arguments) -> Result {
    let out = &arguments.out;
    let kept = kept_settings(out, arguments)?;
    if out.exists() {
        fs::remove_dir_all(out).map_err(|error| cannot("emptied", out, &error))?;
    }
    let address = arguments.address.as_deref().map(Address::new);
    let names = file_names(dist)?;
    for name in &names {
        let content = read(&dist.join(name))?;
        let content = match &address {
            Some(address) => address.told(name, content),
            None => content,
        };
        put(&out.join(name), &content)?;
    }
    if let Some(address) = address {
        let names = names.iter().map(String::as_str);
        put(&out.join("sitemap.xml"), address.sitemap(names).as_bytes())?;
        if let Some(robots) = address.robots() {
            put(&out.join("robots.txt"), robots.as_bytes())?;
        }
    }
    let settings = match kept {
        Some(kept) => kept,
        None => settings(&read_text(&dist.join(SETTINGS))?, arguments)?,
    };
    put(&out.join(SETTINGS), settings.as_bytes())?;
    let base = arguments.base();
    put(&out.join("404.html"), not_found(&base).as_bytes())?;
    let names = [names, vec!["404.html".to_owned()]].concat();
    put(&out.join(MARK), headers(&base, &names, &arguments.frame_ancestor).as_bytes())
}

/// The settings that somebody has edited in an earlier folder, unless others are given now.
fn kept_settings(out: &Path, arguments: &Arguments) -> Result<Option<String>> {
    if !out.exists() || fs::read_dir(out).is_ok_and(|mut entries| entries.next().is_none()) {
        return Ok(None);
    }
    if !(out.join(MARK).is_file() && out.join("index.html").is_file()) {
        return Err(format!(
            "{} holds something else; name an empty or a new folder with --out",
            out.display()
        ));
    }
    let given = arguments.proxy.is_some() || !arguments.resolver.is_empty();
    Ok(if given { None } else { read_text(&out.join(SETTINGS)).ok() })
}

/// The page's own settings, with what is given in their place.
fn settings(own: &str, arguments: &Arguments) -> Result<String> {
    let mut settings: Value =
        serde_json::from_str(own).map_err(|error| format!("{SETTINGS}: {error}"))?;
    if let Some(proxy) = &arguments.proxy {
        settings["proxy"] = json!(proxy.trim_end_matches('/'));
    }
    if !arguments.resolver.is_empty() {
        let named = |url: &String| json!({ "name": host(url), "url": url });
        settings["resolvers"] = arguments.resolver.iter().map(named).collect();
    }
    Ok(format!("{settings:#}\n"))
}

fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}

/// Writes a file, and beside it what a server can send instead.
fn put(file: &Path, content: &[u8]) -> Result {
    create_folder(file.parent().unwrap_or(file))?;
    write(file, content)?;
    // What somebody edits there must not have an older self beside it.
    let edited = file.ends_with(SETTINGS) || file.ends_with(MARK);
    if edited || content.len() < WORTH_COMPRESSING {
        return Ok(());
    }
    let failed = |error: io::Error| cannot("compressed", file, &error);
    write(&beside(file, "br"), brotli(content).map_err(failed)?)?;
    write(&beside(file, "gz"), gzip(content).map_err(failed)?)
}

fn beside(file: &Path, extension: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    name.into()
}

fn cannot(what: &str, path: &Path, error: &io::Error) -> String {
    format!("{} cannot be {what}: {error}", path.display())
}

/// What the page's security policy lets it talk to: https, and this machine.
fn url(text: &str) -> Result<String> {
    let local = ["http://127.0.0.1:", "http://localhost:"];
    let allowed = text.starts_with("https://") || local.iter().any(|start| text.starts_with(start));
    let whole = allowed && !host(text).is_empty() && !text.contains(char::is_whitespace);
    whole
        .then(|| text.to_owned())
        .ok_or_else(|| "expected a URL such as https://proxy.example".into())
}

/// An absolute path, from slash to slash.
fn base(text: &str) -> Result<String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte);
    let whole = text.starts_with('/') && text.ends_with('/') && !text.contains("//");
    (whole && text.bytes().all(plain))
        .then(|| text.to_owned())
        .ok_or_else(|| "expected a path such as /check/".into())
}

/// What may stand in `frame-ancestors`: an origin as a browser sends it, or `*`.
fn ancestor(text: &str) -> Result<String> {
    let plain = |host: &str| {
        let named = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        !host.is_empty() && host.bytes().all(|byte| named(byte) || b".-:[]".contains(&byte))
    };
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    (text == "*" || host.is_some_and(plain))
        .then(|| text.to_owned())
        .ok_or_else(|| "expected an origin such as https://www.example.com, or *".into())
}

fn not_found(base: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>Not found: mxray</title>\n<h1>There is nothing here</h1>\n\
         <p>The check is on <a href=\"{base}\">the first page of this site</a>.</p>\n\
         <p lang=\"de\">Hier ist nichts. Die Prüfung steht auf \
         <a href=\"{base}\">der ersten Seite dieser Website</a>.</p>\n</html>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(out: &Path, proxy: Option<&str>, resolver: &[&str]) -> Arguments {
        let resolver = resolver.iter().map(|&url| url.to_owned()).collect();
        let (out, proxy) = (out.to_owned(), proxy.map(str::to_owned));
        Arguments { out, proxy, resolver, ..Arguments::default() }
    }

    fn page(folder: &Path) -> PathBuf {
        let dist = folder.join("dist");
        for part in ["snippets", "embed"] {
            fs::create_dir_all(dist.join(part)).unwrap();
        }
        fs::write(dist.join("embed/index.html"), "").unwrap();
        fs::write(dist.join("index.html"), "<p>".repeat(500)).unwrap();
        fs::write(dist.join("snippets/a.js"), "small").unwrap();
        fs::write(dist.join(MARK), "/*").unwrap();
        fs::write(
            dist.join(SETTINGS),
            format!(r#"{{"proxy":null,"resolvers":["{}"]}}"#, "x".repeat(600)),
        )
        .unwrap();
        dist
    }

    fn setting(out: &Path, key: &str) -> Value {
        let settings: Value =
            serde_json::from_slice(&fs::read(out.join(SETTINGS)).unwrap()).unwrap();
        settings[key].clone()
    }

    #[test]
    fn a_site_is_the_page_and_what_a_server_can_send_instead() {
        let folder = tempfile::tempdir().unwrap();
        let (dist, out) = (page(folder.path()), folder.path().join("site"));
        fill(&dist, &arguments(&out, None, &[])).unwrap();
        for (name, there) in [
            ("index.html", true),
            ("index.html.br", true),
            ("index.html.gz", true),
            ("embed/index.html", true),
            ("snippets/a.js", true),
            ("snippets/a.js.br", false),
            ("404.html", true),
            ("config.json", true),
            ("config.json.br", false),
            ("_headers", true),
        ] {
            assert_eq!(out.join(name).is_file(), there, "{name}");
        }
        assert!(!out.join("sitemap.xml").exists(), "nobody knows where the site will be");
        let first = fs::read(out.join("index.html.gz")).unwrap();
        fill(&dist, &arguments(&out, None, &[])).unwrap();
        assert_eq!(fs::read(out.join("index.html.gz")).unwrap(), first, "the same once more");
    }

    #[test]
    fn a_site_says_where_it_is_if_that_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let (dist, out) = (page(folder.path()), folder.path().join("site"));
        let address = Some("https://mxray.example".to_owned());
        fill(&dist, &Arguments { address, ..arguments(&out, None, &[]) }).unwrap();
        let map = fs::read_to_string(out.join("sitemap.xml")).unwrap();
        assert!(map.contains("<loc>https://mxray.example/</loc>"), "{map}");
        assert!(out.join("robots.txt").is_file());
    }

    #[test]
    fn the_path_of_a_site_stands_where_no_relative_one_can() {
        let folder = tempfile::tempdir().unwrap();
        let (dist, out) = (page(folder.path()), folder.path().join("site"));
        let named = Arguments {
            address: Some("https://www.example.com/check/".into()),
            frame_ancestor: vec!["https://host.example".into()],
            ..arguments(&out, None, &[])
        };
        let based =
            Arguments { address: None, base: Some("/check/".into()), ..arguments(&out, None, &[]) };
        for given in [named, based] {
            fill(&dist, &given).unwrap();
            let read = |name: &str| fs::read_to_string(out.join(name)).unwrap();
            assert!(read("404.html").contains("<a href=\"/check/\">"), "{}", read("404.html"));
            let ancestors = given.frame_ancestor.iter().map(|origin| format!(" {origin}"));
            let framed = format!(
                "/check/embed/*\n  Content-Security-Policy: frame-ancestors 'self'{}\n",
                ancestors.collect::<String>()
            );
            assert!(read("_headers").contains(&framed), "{}", read("_headers"));
        }
    }

    #[test]
    fn a_path_has_one_form() {
        for (text, expected) in [
            ("/", true),
            ("/check/", true),
            ("/a/b-c/", true),
            ("check", false),
            ("/check", false),
            ("//check/", false),
            ("/a b/", false),
            ("https://www.example.com/", false),
        ] {
            assert_eq!(base(text).is_ok(), expected, "{text}");
        }
    }

    #[test]
    fn only_an_origin_may_be_named_for_frames() {
        for (text, expected) in [
            ("*", true),
            ("https://www.example.com", true),
            ("http://127.0.0.1:8080", true),
            ("https://www.example.com/", false),
            ("https://a.example; script-src *", false),
            ("www.example.com", false),
            ("https://", false),
        ] {
            assert_eq!(ancestor(text).is_ok(), expected, "{text}");
        }
    }

    #[test]
    fn settings_are_given_or_kept_as_somebody_edited_them() {
        let folder = tempfile::tempdir().unwrap();
        let (dist, out) = (page(folder.path()), folder.path().join("site"));
        let given =
            arguments(&out, Some("https://proxy.example/"), &["https://dns.example/dns-query"]);
        fill(&dist, &given).unwrap();
        assert_eq!(setting(&out, "proxy"), "https://proxy.example");
        assert_eq!(setting(&out, "resolvers")[0]["name"], "dns.example");

        fs::write(out.join(SETTINGS), r#"{"proxy":"https://mine.example"}"#).unwrap();
        fill(&dist, &arguments(&out, None, &[])).unwrap();
        assert_eq!(setting(&out, "proxy"), "https://mine.example", "edited, and nothing given");
        fill(&dist, &given).unwrap();
        assert_eq!(setting(&out, "proxy"), "https://proxy.example", "given now");
    }

    #[test]
    fn two_sites_are_the_same_when_each_byte_is() {
        let folder = tempfile::tempdir().unwrap();
        let [one, other] = ["one", "other"].map(|name| folder.path().join(name));
        for site in [&one, &other] {
            fs::create_dir_all(site.join("rules")).unwrap();
            fs::write(site.join("rules/a.html"), "a").unwrap();
        }
        assert_eq!(same(&one, &other), Ok(1));
        for (reason, file, content) in
            [("another byte", "rules/a.html", "b"), ("one more file", "b.html", "b")]
        {
            fs::write(other.join(file), content).unwrap();
            for (one, other) in [(&one, &other), (&other, &one)] {
                assert!(same(one, other).is_err_and(|why| why.contains(file)), "{reason}");
            }
            fs::write(other.join("rules/a.html"), "a").unwrap();
        }
    }

    #[test]
    fn a_folder_that_holds_something_else_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (dist, out) = (page(folder.path()), folder.path().join("letters"));
        fs::create_dir(&out).unwrap();
        fs::write(out.join("letter.txt"), "dear").unwrap();
        assert!(fill(&dist, &arguments(&out, None, &[])).is_err_and(|why| why.contains("--out")));
        assert!(out.join("letter.txt").is_file());
    }

    #[test]
    fn only_what_the_pages_policy_lets_through_is_taken() {
        for (text, expected) in [
            ("https://proxy.example", true),
            ("https://proxy.example/base/", true),
            ("http://127.0.0.1:8080", true),
            ("http://localhost:8080", true),
            ("http://proxy.example", false),
            ("proxy.example", false),
            ("https://", false),
            ("https://a b", false),
        ] {
            assert_eq!(url(text).is_ok(), expected, "{text}");
        }
    }
}
