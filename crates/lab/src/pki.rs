//! The lab's certificate authority, and certificates good and bad.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, CustomExtension, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, PublicKeyData,
};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, SupportedProtocolVersion, version};
use sha2::{Digest, Sha256, Sha512};

use crate::LabError;
use crate::format::{CertificateKind, TlsVersions};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The name on a certificate that was made for somebody else.
const ELSEWHERE: &str = "somewhere-else.example";

/// Where a certificate says that its issuer's can be had, as those of public authorities do.
const ISSUER_URL: &str = "http://ca.lab.example/intermediate.der";

/// A root, and the intermediate that signs for it.
struct Authority {
    root: CertifiedIssuer<'static, KeyPair>,
    intermediate: CertifiedIssuer<'static, KeyPair>,
}

/// Makes certificates: from the CA that clients of the lab trust, and from one that nobody does.
pub(crate) struct Pki {
    trusted: Authority,
    untrusted: Authority,
    /// Since 1970: certificates are dated around it.
    now: Duration,
}

/// A server's certificate with its key, ready for handshakes.
#[derive(Clone)]
pub(crate) struct Identity {
    pub(crate) config: Arc<ServerConfig>,
    leaf: CertificateDer<'static>,
    public_key: Vec<u8>,
    issuer: CertificateDer<'static>,
    issuer_key: Vec<u8>,
}

impl Pki {
    pub(crate) fn new(now: SystemTime) -> Result<Self, LabError> {
        let now = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Ok(Self {
            trusted: Authority::new("mxray lab", now)?,
            untrusted: Authority::new("Nobody's", now)?,
            now,
        })
    }

    /// The root that a client of the lab is to trust.
    pub(crate) fn root_pem(&self) -> String {
        self.trusted.root.pem()
    }

    /// What `host` shows, of the kind asked for.
    pub(crate) fn identity(
        &self,
        host: &str,
        kind: CertificateKind,
        tls: TlsVersions,
    ) -> Result<Identity, LabError> {
        self.make(host, kind, tls).map_err(|problem| LabError::certificate(host, problem))
    }

    fn make(
        &self,
        host: &str,
        kind: CertificateKind,
        tls: TlsVersions,
    ) -> Result<Identity, Box<dyn std::error::Error>> {
        let authority = match kind {
            CertificateKind::UntrustedRoot => &self.untrusted,
            _ => &self.trusted,
        };
        let key = KeyPair::generate()?;
        let params = self.leaf(host, kind)?;
        let issuer = &authority.intermediate;
        let leaf = match kind {
            CertificateKind::SelfSigned => params.self_signed(&key)?,
            _ => params.signed_by(&key, issuer)?,
        };
        let mut chain = vec![leaf.der().clone()];
        if !matches!(kind, CertificateKind::SelfSigned | CertificateKind::MissingIntermediate) {
            chain.push(issuer.der().clone());
        }
        if kind == CertificateKind::OutOfOrder {
            chain.insert(1, authority.root.der().clone());
        }
        Ok(Identity {
            leaf: leaf.der().clone(),
            public_key: key.subject_public_key_info(),
            issuer: issuer.der().clone(),
            issuer_key: issuer.key().subject_public_key_info(),
            config: server_config(chain, &key, tls)?,
        })
    }

    fn leaf(&self, host: &str, kind: CertificateKind) -> Result<CertificateParams, rcgen::Error> {
        let name = if kind == CertificateKind::WrongName { ELSEWHERE } else { host };
        let dns_ids = match kind {
            CertificateKind::CommonNameOnly => Vec::new(),
            _ => vec![name.to_owned()],
        };
        let mut params = CertificateParams::new(dns_ids)?;
        params.distinguished_name = Default::default();
        // A common name has room for 64 characters (RFC 5280, appendix A.1).
        params.distinguished_name.push(DnType::CommonName, name.get(..64).unwrap_or(name));
        let epoch = rcgen::date_time_ymd(1970, 1, 1);
        // 90 days, as most certificates run today.
        let (begins, ends) = match kind {
            CertificateKind::Expired => (self.now - DAY * 120, self.now - DAY * 30),
            CertificateKind::EndsSoon => (self.now - DAY * 87, self.now + DAY * 3),
            CertificateKind::NotYetValid => (self.now + DAY * 30, self.now + DAY * 120),
            _ => (self.now - DAY * 30, self.now + DAY * 60),
        };
        params.not_before = epoch + begins;
        params.not_after = epoch + ends;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        if kind == CertificateKind::MissingIntermediate {
            params.custom_extensions.push(authority_info_access());
        }
        params.use_authority_key_identifier_extension = kind != CertificateKind::SelfSigned;
        Ok(params)
    }
}

/// The extension that names [`ISSUER_URL`] (RFC 5280 §4.2.2.1): a list of one pair of a method and a
/// URL, each with its tag and its length.
fn authority_info_access() -> CustomExtension {
    const AUTHORITY_INFO_ACCESS: [u64; 9] = [1, 3, 6, 1, 5, 5, 7, 1, 1];
    const CA_ISSUERS: [u8; 10] = [6, 8, 0x2b, 6, 1, 5, 5, 7, 0x30, 2];
    // None of them is longer than one octet can say.
    let sized = |tag: u8, content: &[u8]| [&[tag, content.len() as u8], content].concat();
    let url = sized(0x86, ISSUER_URL.as_bytes());
    let list = sized(0x30, &sized(0x30, &[&CA_ISSUERS[..], &url].concat()));
    CustomExtension::from_oid_content(&AUTHORITY_INFO_ACCESS, list)
}

impl Authority {
    fn new(owner: &str, now: Duration) -> Result<Self, LabError> {
        Self::make(owner, now).map_err(|problem| LabError::certificate(owner, problem))
    }

    fn make(owner: &str, now: Duration) -> Result<Self, rcgen::Error> {
        let root = authority_params(&format!("{owner} root CA"), now);
        let root = CertifiedIssuer::self_signed(root, KeyPair::generate()?)?;
        let intermediate = authority_params(&format!("{owner} intermediate CA"), now);
        let intermediate = CertifiedIssuer::signed_by(intermediate, KeyPair::generate()?, &root)?;
        Ok(Self { root, intermediate })
    }
}

fn authority_params(name: &str, now: Duration) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = Default::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    params.not_before = epoch + (now - DAY * 365);
    params.not_after = epoch + (now + DAY * 3650);
    params
}

fn server_config(
    chain: Vec<CertificateDer<'static>>,
    key: &KeyPair,
    tls: TlsVersions,
) -> Result<Arc<ServerConfig>, rustls::Error> {
    let versions: &[&'static SupportedProtocolVersion] = match tls {
        TlsVersions::Both => &[&version::TLS12, &version::TLS13],
        TlsVersions::Only12 => &[&version::TLS12],
        TlsVersions::Only13 => &[&version::TLS13],
    };
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(versions)?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    Ok(Arc::new(config))
}

impl Identity {
    /// The data of a TLSA record for this certificate (RFC 6698 §2.1), for parameters such as
    /// `3 1 1`.
    pub(crate) fn tlsa(&self, parameters: &str) -> Result<Vec<u8>, String> {
        let wrong = || {
            format!(
                "tlsa {parameters:?}: expected usage, selector and matching type, such as \"3 1 1\""
            )
        };
        let numbers: Vec<u8> =
            parameters.split(' ').map(str::parse).collect::<Result<_, _>>().map_err(|_| wrong())?;
        let [usage, selector, matching] = numbers[..] else { return Err(wrong()) };
        let selected: &[u8] = match (usage, selector) {
            // Trust anchors (0 and 2) name the CA, end entities (1 and 3) the server.
            (0 | 2, 0) => &self.issuer,
            (0 | 2, 1) => &self.issuer_key,
            (1 | 3, 0) => &self.leaf,
            (1 | 3, 1) => &self.public_key,
            _ => return Err(wrong()),
        };
        let data = match matching {
            0 => selected.to_vec(),
            1 => Sha256::digest(selected).to_vec(),
            2 => Sha512::digest(selected).to_vec(),
            _ => return Err(wrong()),
        };
        Ok([&[usage, selector, matching], &data[..]].concat())
    }
}
