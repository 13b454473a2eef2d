//! X25519MLKEM768: a key exchange whose secret outlives quantum computers (draft-ietf-tls-ecdhe-mlkem).
//!
//! `ring` has no ML-KEM. This puts that of `ml-kem` before the X25519 of `ring`, as the draft does.

use ml_kem::kem::{Decapsulate, KeyExport};
use ml_kem::{DecapsulationKey, MlKem768, Seed};
use rustls::crypto::ring::{default_provider, kx_group::X25519};
use rustls::crypto::{ActiveKeyExchange, SharedSecret, SupportedKxGroup};
use rustls::ffdhe_groups::FfdheGroup;
use rustls::{Error, NamedGroup, PeerMisbehaved, ProtocolVersion};

/// The length of what ML-KEM-768 encapsulates, which comes before the share of X25519.
const CIPHERTEXT: usize = 1088;

pub(super) static X25519MLKEM768: &dyn SupportedKxGroup = &Group;

#[derive(Debug)]
struct Group;

impl SupportedKxGroup for Group {
    fn start(&self) -> Result<Box<dyn ActiveKeyExchange>, Error> {
        let classical = X25519.start()?;
        let mut seed = Seed::default();
        default_provider().secure_random.fill(&mut seed)?;
        let post_quantum = DecapsulationKey::from_seed(seed);
        let share = [&*post_quantum.encapsulation_key().to_bytes(), classical.pub_key()].concat();
        Ok(Box::new(Started { classical, post_quantum, share }))
    }

    fn ffdhe_group(&self) -> Option<FfdheGroup<'static>> {
        None
    }

    fn name(&self) -> NamedGroup {
        NamedGroup::X25519MLKEM768
    }

    fn usable_for_version(&self, version: ProtocolVersion) -> bool {
        version == ProtocolVersion::TLSv1_3
    }
}

struct Started {
    classical: Box<dyn ActiveKeyExchange>,
    post_quantum: DecapsulationKey<MlKem768>,
    share: Vec<u8>,
}

impl ActiveKeyExchange for Started {
    fn complete(self: Box<Self>, server_share: &[u8]) -> Result<SharedSecret, Error> {
        let wrong = || Error::from(PeerMisbehaved::InvalidKeyShare);
        let (encapsulated, share) = server_share.split_at_checked(CIPHERTEXT).ok_or_else(wrong)?;
        let post_quantum =
            self.post_quantum.decapsulate_slice(encapsulated).map_err(|_| wrong())?;
        let classical = self.classical.complete(share)?;
        Ok([&*post_quantum, classical.secret_bytes()].concat().into())
    }

    /// X25519 alone costs no further round trip.
    fn hybrid_component(&self) -> Option<(NamedGroup, &[u8])> {
        Some((self.classical.group(), self.classical.pub_key()))
    }

    fn complete_hybrid_component(
        self: Box<Self>,
        server_share: &[u8],
    ) -> Result<SharedSecret, Error> {
        self.classical.complete(server_share)
    }

    fn pub_key(&self) -> &[u8] {
        &self.share
    }

    fn ffdhe_group(&self) -> Option<FfdheGroup<'static>> {
        None
    }

    fn group(&self) -> NamedGroup {
        NamedGroup::X25519MLKEM768
    }
}

#[cfg(test)]
mod tests {
    use ml_kem::kem::{Encapsulate, TryKeyInit};
    use ml_kem::{EncapsulationKey, MlKem768};
    use rustls::crypto::ring::kx_group::X25519;

    use super::{CIPHERTEXT, X25519MLKEM768};

    /// A server's share and secret (draft-ietf-tls-ecdhe-mlkem §3).
    fn serve(share: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let (post_quantum, classical) = share.split_at(1184);
        let key = EncapsulationKey::<MlKem768>::new_from_slice(post_quantum).unwrap();
        let (encapsulated, post_quantum) = key.encapsulate();
        let classical = X25519.start_and_complete(classical).unwrap();
        (
            [&*encapsulated, &*classical.pub_key].concat(),
            [&*post_quantum, classical.secret.secret_bytes()].concat(),
        )
    }

    #[test]
    fn both_sides_come_to_the_same_secret() {
        let started = X25519MLKEM768.start().unwrap();
        assert_eq!(started.pub_key().len(), 1216);
        let (share, secret) = serve(started.pub_key());
        assert_eq!(share.len(), CIPHERTEXT + 32);
        assert_eq!(started.complete(&share).unwrap().secret_bytes(), secret);
    }

    #[test]
    fn a_server_may_take_the_classical_half() {
        let started = X25519MLKEM768.start().unwrap();
        let (group, share) = started.hybrid_component().unwrap();
        assert_eq!(group, X25519.name());
        let server = X25519.start_and_complete(share).unwrap();
        let secret = started.complete_hybrid_component(&server.pub_key).unwrap();
        assert_eq!(secret.secret_bytes(), server.secret.secret_bytes());
    }

    #[test]
    fn a_share_of_another_length_is_refused() {
        for length in [0, 31, CIPHERTEXT - 1, CIPHERTEXT, CIPHERTEXT + 31, CIPHERTEXT + 33, 70_000]
        {
            let started = X25519MLKEM768.start().unwrap();
            assert!(started.complete(&vec![9; length]).is_err(), "{length}");
        }
    }
}
