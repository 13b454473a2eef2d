//! A certificate authority, and what servers show from it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, PublicKeyData};
use sha2::{Digest, Sha256};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

pub(crate) struct Authority {
    root: CertifiedIssuer<'static, KeyPair>,
    folder: PathBuf,
}

/// The files of a certificate and its key, and what a TLSA record `3 1 1` says of it.
pub(crate) struct Shown {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
    pub(crate) tlsa: String,
}

impl Authority {
    pub(crate) fn new(folder: &Path) -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        fs::write(folder.join("ca.pem"), root.pem()).unwrap();
        Self { root, folder: folder.to_owned() }
    }

    /// The file of what clients are to trust.
    pub(crate) fn file(&self) -> PathBuf {
        self.folder.join("ca.pem")
    }

    /// A certificate for these names; it replaces the one that the files hold.
    pub(crate) fn certify(&self, file: &str, names: Vec<String>) -> Shown {
        self.certify_until(file, names, SystemTime::now() + 60 * DAY)
    }

    pub(crate) fn expired(&self, file: &str, names: Vec<String>) -> Shown {
        self.certify_until(file, names, SystemTime::now() - 9 * DAY)
    }

    fn certify_until(&self, file: &str, names: Vec<String>, end: SystemTime) -> Shown {
        let mut params = CertificateParams::new(names).unwrap();
        params.not_before = (end - 90 * DAY).into();
        params.not_after = end.into();
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.root).unwrap();
        let shown = Shown {
            certificate: self.folder.join(format!("{file}.pem")),
            key: self.folder.join(format!("{file}.key")),
            tlsa: format!("3 1 1 {}", hex(&Sha256::digest(key.subject_public_key_info()))),
        };
        fs::write(&shown.certificate, certificate.pem()).unwrap();
        fs::write(&shown.key, key.serialize_pem()).unwrap();
        shown
    }
}

impl Shown {
    /// OpenSMTPD takes no key that others can read, and Exim reads it as another user.
    pub(crate) fn for_root_alone(&self) {
        fs::set_permissions(&self.key, fs::Permissions::from_mode(0o600)).unwrap();
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
