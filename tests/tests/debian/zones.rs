//! Knot, which signs zones and answers for them, and Unbound, which validates them and is asked over
//! HTTPS.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use mxray_tests::{Server, debian, free_address};

use crate::authority::Authority;

/// What hangs on it.
const LEFT_OUT: &str = "scans of real servers";

/// A zone below the root: its name, how it is delegated, and its records by relative name.
pub(crate) struct Zone {
    pub(crate) name: &'static str,
    pub(crate) delegation: Delegation,
    pub(crate) records: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delegation {
    /// The root vouches for its key.
    Signed,
    /// The root vouches for another key.
    Bogus,
    /// The root vouches for no key.
    Unsigned,
}

pub(crate) struct Knot {
    _server: Server,
    address: SocketAddr,
    folder: PathBuf,
    zones: Vec<&'static str>,
    trust_anchor: String,
}

pub(crate) struct Unbound {
    _server: Server,
    /// Where it is asked.
    pub(crate) url: String,
}

/// Whether all programs are here.
pub(crate) fn are_here() -> bool {
    ["knotd", "keymgr", "knotc", "unbound"]
        .iter()
        .all(|program| debian(program, LEFT_OUT).is_some())
}

impl Knot {
    pub(crate) fn start(folder: &Path, zones: Vec<Zone>) -> Self {
        let folder = folder.join("knot");
        fs::create_dir_all(folder.join("db")).unwrap();
        let address = free_address(Ipv4Addr::LOCALHOST).unwrap();
        write_configuration(&folder, address, &zones);
        let mut root = String::from("ns.root.example. 0 A 127.0.0.1\n");
        for zone in &zones {
            let name = zone.name;
            root.push_str(&format!("{name}. 0 NS ns.root.example.\n"));
            let made = (zone.delegation != Delegation::Unsigned).then(|| make_key(&folder, name));
            match (zone.delegation, made) {
                (Delegation::Signed, Some(digest)) => root.push_str(&digest),
                (Delegation::Bogus, Some(digest)) => root.push_str(&another(&digest)),
                _ => {}
            }
            write_zone(&folder, name, &zone.records);
        }
        let trust_anchor = make_key(&folder, "");
        write_zone(&folder, "", &root);
        let mut knot = debian("knotd", LEFT_OUT).unwrap();
        knot.arg("--config").arg(folder.join("knot.conf"));
        let server = Server::start(knot, &[address]).unwrap();
        let zones = zones.iter().map(|zone| zone.name).collect();
        Self { _server: server, address, folder, zones, trust_anchor }
    }

    /// Replaces the records of a type at a name, and signs what is new.
    pub(crate) fn set(&self, zone: &str, name: &str, record_type: &str, values: &[&str]) {
        let run = |words: &[&str]| {
            let mut knotc = debian("knotc", LEFT_OUT).unwrap();
            knotc.arg("--blocking").arg("--config").arg(self.folder.join("knot.conf")).args(words);
            let output = knotc.output().unwrap();
            assert!(output.status.success(), "{words:?}: {output:?}");
        };
        run(&["zone-begin", zone]);
        run(&["zone-unset", zone, name, record_type]);
        for value in values {
            run(&["zone-set", zone, name, "0", record_type, value]);
        }
        run(&["zone-commit", zone]);
    }
}

impl Unbound {
    pub(crate) fn start(folder: &Path, authority: &Authority, knot: &Knot) -> Self {
        let address = free_address(Ipv4Addr::LOCALHOST).unwrap();
        let shown = authority.certify("unbound", vec!["127.0.0.1".to_owned()]);
        let (key, certificate) = (shown.key.display(), shown.certificate.display());
        let at = |address: SocketAddr| format!("{}@{}", address.ip(), address.port());
        let (here, knot_at) = (at(address), at(knot.address));
        // Each zone is asked for at Knot's port, which a delegation cannot name.
        let stubs = ["."].into_iter().chain(knot.zones.iter().copied());
        let stubs: String = stubs
            .map(|name| format!("stub-zone:\n name: \"{name}\"\n stub-addr: {knot_at}\n"))
            .collect();
        let anchor = knot.trust_anchor.lines().next().unwrap();
        // Nothing is kept, so that what Knot has signed anew is what is seen.
        let configuration = format!(
            "server:
 interface: {here}
 https-port: {port}
 tls-service-key: \"{key}\"
 tls-service-pem: \"{certificate}\"
 do-daemonize: no
 use-syslog: no
 logfile: \"\"
 username: \"\"
 chroot: \"\"
 pidfile: \"\"
 directory: \"{folder}\"
 module-config: \"validator iterator\"
 trust-anchor: \"{anchor}\"
 do-not-query-localhost: no
 ede: yes
 cache-max-ttl: 0
 cache-max-negative-ttl: 0
remote-control:
 control-enable: no
{stubs}",
            port = address.port(),
            folder = folder.display(),
        );
        let file = folder.join("unbound.conf");
        fs::write(&file, configuration).unwrap();
        let mut unbound = debian("unbound", LEFT_OUT).unwrap();
        unbound.arg("-d").arg("-c").arg(file);
        let server = Server::start(unbound, &[address]).unwrap();
        Self { _server: server, url: format!("https://{address}/dns-query") }
    }
}

fn write_configuration(folder: &Path, address: SocketAddr, zones: &[Zone]) {
    let signs = |zone: &Zone| zone.delegation != Delegation::Unsigned;
    let zones = zones.iter().map(|zone| (zone.name, signs(zone))).chain([("", true)]);
    let zones: String = zones
        .map(|(name, signs)| {
            let signing = if signs { "on" } else { "off" };
            format!(
                " - domain: {name}.\n   file: \"{file}\"\n   dnssec-signing: {signing}\n",
                file = zone_file(folder, name).display()
            )
        })
        .collect();
    let configuration = format!(
        "server:
   rundir: \"{folder}\"
   listen: {ip}@{port}
database:
   storage: \"{folder}/db\"
log:
 - target: stderr
   any: warning
policy:
 - id: ours
   algorithm: ecdsap256sha256
   manual: on
template:
 - id: default
   zonefile-sync: -1
   dnssec-policy: ours
zone:
{zones}",
        folder = folder.display(),
        ip = address.ip(),
        port = address.port(),
    );
    fs::write(folder.join("knot.conf"), configuration).unwrap();
}

fn write_zone(folder: &Path, name: &str, records: &str) {
    let head = format!(
        "$ORIGIN {name}.\n$TTL 0\n\
         @ SOA ns.root.example. hostmaster.root.example. 1 3600 600 86400 0\n\
         @ NS ns.root.example.\n"
    );
    fs::write(zone_file(folder, name), head + records).unwrap();
}

fn zone_file(folder: &Path, name: &str) -> PathBuf {
    folder.join(if name.is_empty() { "root.zone".to_owned() } else { format!("{name}.zone") })
}

/// Makes the key that signs a zone, and returns the DS records by which the zone above vouches for it.
fn make_key(folder: &Path, zone: &str) -> String {
    let zone = format!("{zone}.");
    let run = |words: &[&str]| {
        let mut keymgr = debian("keymgr", LEFT_OUT).unwrap();
        keymgr.arg("--config").arg(folder.join("knot.conf")).arg(&zone).args(words);
        let output = keymgr.output().unwrap();
        assert!(output.status.success(), "{words:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    run(&["generate", "algorithm=ecdsap256sha256", "ksk=yes", "zsk=yes"]);
    run(&["ds"])
}

/// The same DS records with other digests.
fn another(records: &str) -> String {
    let other = |line: &str| {
        let (rest, digest) = line.rsplit_once(' ').unwrap();
        format!("{rest} {}\n", digest.chars().rev().collect::<String>())
    };
    records.lines().map(other).collect()
}
