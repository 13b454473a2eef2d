//! Postfix, Exim and OpenSMTPD as mail servers, and nginx as the host of policies, each at addresses of
//! its own and in several settings.

use std::fmt::Write as _;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Command, Stdio};

use mxray_setup::Hosting;
use mxray_setup::hosting::{File, files};
use mxray_tests::{Server, debian, unpacked_folder};
use tempfile::TempDir;

use crate::authority::Shown;

/// Where policies are: those that nginx serves, and those of Caddy.
pub(crate) const POLICY_HOST: Ipv4Addr = Ipv4Addr::new(127, 0, 53, 1);
pub(crate) const CADDY: Ipv4Addr = Ipv4Addr::new(127, 0, 53, 2);

/// Each address is one setting of a server.
pub(crate) const POSTFIX: Ipv4Addr = Ipv4Addr::new(127, 0, 53, 11);
pub(crate) const POSTFIX_FROM_TLS_1_0: Ipv4Addr = Ipv4Addr::new(127, 0, 53, 12);
pub(crate) const POSTFIX_ONLY_TLS_1_0: Ipv4Addr = Ipv4Addr::new(127, 0, 53, 13);
pub(crate) const POSTFIX_NO_TLS: Ipv4Addr = Ipv4Addr::new(127, 0, 53, 14);
pub(crate) const POSTFIX_ALWAYS_TLS: Ipv4Addr = Ipv4Addr::new(127, 0, 53, 15);
pub(crate) const EXIM: Ipv4Addr = Ipv4Addr::new(127, 0, 53, 21);
pub(crate) const EXIM_EXPIRED: Ipv4Addr = Ipv4Addr::new(127, 0, 53, 22);
pub(crate) const EXIM_NO_TLS: Ipv4Addr = Ipv4Addr::new(127, 0, 53, 23);
pub(crate) const EXIM_TLS_1_2: Ipv4Addr = Ipv4Addr::new(127, 0, 53, 24);
pub(crate) const OPENSMTPD: Ipv4Addr = Ipv4Addr::new(127, 0, 53, 31);
pub(crate) const OPENSMTPD_NO_TLS: Ipv4Addr = Ipv4Addr::new(127, 0, 53, 32);

/// A mail server in a machine of its own.
pub(crate) struct MailServer {
    _server: Server,
    _memory: TempDir,
}

/// Whether mail servers can run here: in another way than with the machine's own files and users, they
/// cannot, and that takes rights which even the administrator of a container may not have. This is no
/// fault of whoever runs the tests, so that it is no failure either.
pub(crate) fn machines() -> bool {
    if debian("postfix", "mail servers").is_none() {
        return false;
    }
    let Some(packages) = unpacked_folder() else {
        eprintln!("left out: mail servers, because their packages are not unpacked but installed");
        return false;
    };
    let memory = tempfile::tempdir().unwrap();
    let tried = machine(&packages, memory.path()).arg("true").stderr(Stdio::null()).status();
    let is_possible = tried.is_ok_and(|status| status.success());
    if !is_possible {
        eprintln!("left out: mail servers, because file systems cannot be mounted here");
    }
    is_possible
}

/// What is started in a machine of its own.
fn machine(packages: &Path, memory: &Path) -> Command {
    let mut machine = Command::new("unshare");
    // Whatever the server starts ends with it.
    machine.args(["--mount", "--pid", "--fork", "--kill-child", "sh"]);
    machine.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/debian/machine.sh"));
    machine.arg(packages).arg(memory);
    machine
}

impl MailServer {
    fn start(words: &[&str], addresses: &[Ipv4Addr], port: u16) -> Self {
        let memory = tempfile::tempdir().unwrap();
        let mut command = machine(&unpacked_folder().unwrap(), memory.path());
        command.args(words);
        let sockets: Vec<SocketAddr> =
            addresses.iter().map(|address| (*address, port).into()).collect();
        let server = Server::start(command, &sockets).unwrap();
        Self { _server: server, _memory: memory }
    }

    pub(crate) fn postfix(folder: &Path, port: u16, shown: &Shown) -> Self {
        let folder = folder.join("postfix");
        fs::create_dir(&folder).unwrap();
        let listed = folder.display();
        // Debian's OpenSSL refuses TLS 1.0 and 1.1 for everybody, by its own configuration.
        fs::write(folder.join("openssl.cnf"), "openssl_conf = none\n[none]\n").unwrap();
        let main = format!(
            "compatibility_level = 3.6
maillog_file = /dev/stdout
myhostname = mail.example
queue_directory = /var/spool/postfix
alias_maps =
local_recipient_maps =
smtpd_peername_lookup = no
smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {key}
smtpd_tls_security_level = may
import_environment = MAIL_CONFIG LANG=C POSTLOG_SERVICE POSTLOG_HOSTNAME OPENSSL_CONF={listed}/openssl.cnf
",
            certificate = shown.certificate.display(),
            key = shown.key.display(),
        );
        let old = "-o smtpd_tls_ciphers=low -o tls_low_cipherlist=ALL:@SECLEVEL=0";
        let settings = [
            (POSTFIX, String::new()),
            (POSTFIX_FROM_TLS_1_0, format!("{old} -o smtpd_tls_protocols=>=TLSv1")),
            (POSTFIX_ONLY_TLS_1_0, format!("{old} -o smtpd_tls_protocols=TLSv1")),
            (POSTFIX_NO_TLS, "-o smtpd_tls_security_level=none".to_owned()),
            (POSTFIX_ALWAYS_TLS, "-o smtpd_tls_security_level=encrypt".to_owned()),
        ];
        let mut master = String::from(
            "postlog unix-dgram n - n - 1 postlogd
tlsmgr unix - - n 1000? 1 tlsmgr
anvil unix - - n - 1 anvil
rewrite unix - - n - - trivial-rewrite
cleanup unix n - n - 0 cleanup
",
        );
        for (address, options) in &settings {
            writeln!(master, "{address}:{port} inet n - n - - smtpd {options}").unwrap();
        }
        fs::write(folder.join("main.cf"), main).unwrap();
        fs::write(folder.join("master.cf"), master).unwrap();
        let words = ["postfix", "-c", &listed.to_string(), "start-fg"];
        Self::start(&words, &settings.map(|(address, _)| address), port)
    }

    pub(crate) fn exim(folder: &Path, port: u16, shown: &Shown, expired: &Shown) -> Self {
        let addresses = [EXIM, EXIM_EXPIRED, EXIM_NO_TLS, EXIM_TLS_1_2];
        let listed = addresses.map(|address| address.to_string()).join(" ; ");
        let at = |address: Ipv4Addr, here: &str, elsewhere: &str| {
            format!("${{if eq {{$received_ip_address}}{{{address}}}{{{here}}}{{{elsewhere}}}}}")
        };
        let file = |of: fn(&Shown) -> &Path| {
            let [here, elsewhere] = [of(expired), of(shown)].map(|path| path.display().to_string());
            at(EXIM_EXPIRED, &here, &elsewhere)
        };
        let configuration = format!(
            "primary_hostname = mail.example
local_interfaces = <; {listed}
daemon_smtp_ports = {port}
tls_certificate = {certificate}
tls_privatekey = {key}
tls_advertise_hosts = {offered}
tls_require_ciphers = {versions}
keep_environment =
",
            certificate = file(|shown| &shown.certificate),
            key = file(|shown| &shown.key),
            offered = at(EXIM_NO_TLS, "", "*"),
            versions = at(EXIM_TLS_1_2, "NORMAL:-VERS-ALL:+VERS-TLS1.2", "NORMAL"),
        );
        let file = folder.join("exim.conf");
        fs::write(&file, configuration).unwrap();
        Self::start(&["exim4", "-C", file.to_str().unwrap(), "-bdf"], &addresses, port)
    }

    pub(crate) fn opensmtpd(folder: &Path, port: u16, shown: &Shown) -> Self {
        shown.for_root_alone();
        let configuration = format!(
            "pki ours cert \"{certificate}\"
pki ours key \"{key}\"
listen on {OPENSMTPD} port {port} tls pki ours
listen on {OPENSMTPD_NO_TLS} port {port}
action \"none\" relay
match from local for local action \"none\"
",
            certificate = shown.certificate.display(),
            key = shown.key.display(),
        );
        let file = folder.join("smtpd.conf");
        fs::write(&file, configuration).unwrap();
        let words = ["/usr/sbin/smtpd", "-d", "-f", file.to_str().unwrap()];
        Self::start(&words, &[OPENSMTPD, OPENSMTPD_NO_TLS], port)
    }
}

/// Whether this OpenSMTPD can do TLS at all. The one of Debian 12 offers STARTTLS and then fails every
/// handshake: the OpenSSL that it is built with does not let it keep its key apart.
pub(crate) fn opensmtpd_can_tls() -> bool {
    let version = debian("smtpd", "OpenSMTPD").map(|mut smtpd| smtpd.arg("-h").output().unwrap());
    version.is_some_and(|said| !String::from_utf8_lossy(&said.stderr).contains("OpenSMTPD 6."))
}

/// Serves policies: a text for each name, or what nginx itself says of a file that is not there. Each is
/// served by the very configuration that the set-up's bundle holds, at this test's places.
pub(crate) fn nginx(
    folder: &Path,
    port: u16,
    shown: &Shown,
    policies: &[(String, Option<String>)],
) -> Option<Server> {
    let mut nginx = debian("nginx", "policy hosts")?;
    let folder = folder.join("nginx");
    fs::create_dir(&folder).unwrap();
    let served = policies.iter().filter_map(|(name, policy)| Some((name, policy.as_ref()?)));
    let served: String =
        served.map(|(name, policy)| served_as_set_up(&folder, port, shown, name, policy)).collect();
    let listed = folder.display();
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|what| format!("{what}_temp_path {listed}/{what}; "))
        .concat();
    let configuration = format!(
        "daemon off; master_process off; pid {listed}/nginx.pid; error_log stderr;
         events {{ }}
         http {{
             access_log off; {temporary}
             server {{
                 listen {POLICY_HOST}:{port} ssl default_server;
                 ssl_certificate {certificate};
                 ssl_certificate_key {key};
                 root {listed}/nothing;
             }}
             {served}
         }}",
        certificate = shown.certificate.display(),
        key = shown.key.display(),
    );
    let file = folder.join("nginx.conf");
    fs::write(&file, configuration).unwrap();
    nginx.args(["-e", "stderr", "-p"]).arg(&folder).arg("-c").arg(file);
    Some(Server::start(nginx, &[(POLICY_HOST, port).into()]).unwrap())
}

/// Serves policies as well, by the bundle's configuration for Caddy.
pub(crate) fn caddy(
    folder: &Path,
    port: u16,
    shown: &Shown,
    policies: &[(String, Option<String>)],
) -> Option<Server> {
    let mut caddy = debian("caddy", "policies that Caddy serves")?;
    let folder = folder.join("caddy");
    let mut configuration = format!(
        "{{\n admin off\n auto_https disable_redirects\n https_port {port}\n default_bind {CADDY}\n}}\n"
    );
    let certificate = format!("tls {} {}", shown.certificate.display(), shown.key.display());
    for (host, policy) in policies {
        let Some(policy) = policy else { continue };
        let root = folder.join(host);
        let text = set_up(Hosting::Caddy, &root, host, policy);
        let site = format!("{host} {{\n");
        assert!(text.contains(&site), "{text}");
        let text = text.replace(&site, &format!("{site}\t{certificate}\n"));
        configuration += &text.replace("/var/www/mta-sts", &root.display().to_string());
    }
    let file = folder.join("Caddyfile");
    fs::write(&file, configuration).unwrap();
    caddy.env("HOME", &folder).env_remove("XDG_DATA_HOME").env_remove("XDG_CONFIG_HOME");
    caddy.args(["run", "--adapter", "caddyfile", "--config"]).arg(file);
    Some(Server::start(caddy, &[(CADDY, port).into()]).unwrap())
}

/// The bundle's configuration of nginx for a policy's host, at this test's places.
fn served_as_set_up(folder: &Path, port: u16, shown: &Shown, host: &str, policy: &str) -> String {
    let root = folder.join(host);
    let live = format!("/etc/letsencrypt/live/{host}");
    let path = |path: &Path| path.display().to_string();
    let places = [
        ("listen 443 ssl;", format!("listen {POLICY_HOST}:{port} ssl;")),
        // The machines of these tests have no IPv6.
        ("listen [::]:443 ssl;", String::new()),
        (&format!("{live}/fullchain.pem"), path(&shown.certificate)),
        (&format!("{live}/privkey.pem"), path(&shown.key)),
        ("/var/www/mta-sts", path(&root)),
    ];
    let text = set_up(Hosting::Nginx, &root, host, policy);
    places.iter().fold(text, |text, (theirs, ours)| {
        assert!(text.contains(theirs), "{theirs} in {text}");
        text.replace(theirs, ours)
    })
}

/// Writes the bundle's files below a folder, and gives the web server's configuration.
fn set_up(hosting: Hosting, root: &Path, host: &str, policy: &str) -> String {
    let domain = host.strip_prefix("mta-sts.").unwrap().parse().unwrap();
    let mut configuration = String::new();
    for File { path, text } in files(hosting, &domain, policy) {
        if path.starts_with(".well-known") {
            let file = root.join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        } else {
            configuration = text;
        }
    }
    configuration
}
