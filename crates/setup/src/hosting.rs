//! What a web host needs to hand out a policy.

use mxray_facts::Domain;

use crate::wishes::Hosting;

/// A file, and where it goes, below the host's folder in the bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its path.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// The files with which a host hands out the policy as senders want it: status 200, `text/plain`, and no
/// redirect (RFC 8461 §3.2, §3.3). Browsers may read it, too, so that a check needs no proxy for it.
#[must_use]
pub fn files(hosting: Hosting, domain: &Domain, policy: &str) -> Vec<File> {
    let file = |path: &str, text: String| File { path: path.to_owned(), text };
    let served = || file(".well-known/mta-sts.txt", policy.to_owned());
    match hosting {
        Hosting::Nginx => vec![served(), file("mta-sts.conf", fill(NGINX, domain))],
        Hosting::Caddy => vec![served(), file("Caddyfile", fill(CADDY, domain))],
        Hosting::CloudflareWorkers => vec![
            file("worker.js", WORKER.replace("POLICY_LINES", &js_lines(policy))),
            file("wrangler.toml", fill(WRANGLER, domain)),
        ],
        Hosting::GithubPages => vec![
            served(),
            file("CNAME", format!("mta-sts.{domain}\n")),
            // Without it, names that begin with a dot are left out.
            file(".nojekyll", String::new()),
        ],
        Hosting::Netlify => vec![served(), file("netlify.toml", NETLIFY.to_owned())],
        Hosting::ObjectStorage => vec![served(), file("upload.sh", fill(UPLOAD, domain))],
    }
}

fn fill(template: &str, domain: &Domain) -> String {
    template.replace("DOMAIN", domain.as_str())
}

/// The policy as JavaScript's strings, a line each.
fn js_lines(policy: &str) -> String {
    let lines = policy
        .lines()
        .map(|line| format!("  \"{}\",\n", line.replace('\\', "\\\\").replace('"', "\\\"")));
    lines.collect()
}

const NGINX: &str = r#"# The MTA-STS policy of DOMAIN.
# 1. Get a certificate for mta-sts.DOMAIN.
# 2. Put .well-known/mta-sts.txt below /var/www/mta-sts/.
# 3. Put this file into /etc/nginx/conf.d/, and reload nginx.
server {
    listen 443 ssl;
    listen [::]:443 ssl;
    server_name mta-sts.DOMAIN;
    ssl_certificate /etc/letsencrypt/live/mta-sts.DOMAIN/fullchain.pem;
    ssl_certificate_key /etc/letsencrypt/live/mta-sts.DOMAIN/privkey.pem;

    location = /.well-known/mta-sts.txt {
        root /var/www/mta-sts;
        types { }
        default_type "text/plain; charset=utf-8";
        add_header Access-Control-Allow-Origin "*";
    }
    location / {
        return 404;
    }
}
"#;

const CADDY: &str = r#"# The MTA-STS policy of DOMAIN. Caddy gets the certificate by itself.
# 1. Put .well-known/mta-sts.txt below /var/www/mta-sts/.
# 2. Add this to /etc/caddy/Caddyfile, and reload Caddy.
mta-sts.DOMAIN {
	handle /.well-known/mta-sts.txt {
		root * /var/www/mta-sts
		header Content-Type "text/plain; charset=utf-8"
		header Access-Control-Allow-Origin "*"
		file_server
	}
	handle {
		respond 404
	}
}
"#;

const WORKER: &str = r#"// Answers with the MTA-STS policy, and with nothing else.
const policy = [
POLICY_LINES  "",
].join("\n");

export default {
  fetch(request) {
    if (new URL(request.url).pathname !== "/.well-known/mta-sts.txt") {
      return new Response("", { status: 404 });
    }
    return new Response(policy, {
      headers: {
        "content-type": "text/plain; charset=utf-8",
        "access-control-allow-origin": "*",
      },
    });
  },
};
"#;

const WRANGLER: &str = r#"# npx wrangler deploy. Cloudflare makes the DNS record and the certificate of the host.
name = "mta-sts"
main = "worker.js"
compatibility_date = "2026-01-01"
workers_dev = false
routes = [{ pattern = "mta-sts.DOMAIN", custom_domain = true }]
"#;

const NETLIFY: &str = r#"# Add the host as a custom domain of the site.
[build]
publish = "."

[[headers]]
for = "/.well-known/mta-sts.txt"

[headers.values]
Content-Type = "text/plain; charset=utf-8"
Access-Control-Allow-Origin = "*"
"#;

const UPLOAD: &str = r#"#!/bin/sh
# Uploads the MTA-STS policy of DOMAIN to a bucket that is served as https://mta-sts.DOMAIN/.
# A bucket has no certificate for that name: something has to stand before it, such as CloudFront.
set -eu
bucket="${1:?the name of the bucket}"
aws s3 cp .well-known/mta-sts.txt "s3://$bucket/.well-known/mta-sts.txt" \
    --content-type "text/plain; charset=utf-8" --cache-control "no-cache"
"#;
