//! The memory of the board with mutual TLS. The emulated board has as much as Wi-Fi leaves of the ESP32-C3's.

use std::fs;

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CustomExtension, DnType, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_RSA_SHA256, RsaKeySize,
};
use reqwest::{Client, Response};
use rustls::pki_types::PrivateKeyDer;
use rustls::version::{TLS12, TLS13};
use support::eventually;
use tempfile::TempDir;

use crate::board::{Board, ClientIdentity, client_with};

/// A root and what a client presents: its certificate and those of two CAs, all with RSA-4096 keys.
struct LongChain {
    root_pem: String,
    chain: Vec<rustls::pki_types::CertificateDer<'static>>,
    key: KeyPair,
}

impl LongChain {
    fn new() -> Self {
        let new_key = || KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_4096).unwrap();
        // One key for all but the root, since each takes a second to make.
        let (root_key, key) = (new_key(), new_key());
        let root = authority("root");
        let root_pem = root.self_signed(&root_key).unwrap().pem();
        let root = Issuer::new(root, root_key);
        let first = authority("first");
        let first_der = first.signed_by(&key, &root).unwrap().der().clone();
        let first = Issuer::new(first, &key);
        let second = authority("second");
        let second_der = second.signed_by(&key, &first).unwrap().der().clone();
        let second = Issuer::new(second, &key);
        let mut leaf = CertificateParams::new(vec!["client.example.com".to_owned()]).unwrap();
        leaf.distinguished_name.push(DnType::CommonName, "a client");
        leaf.distinguished_name.push(DnType::OrganizationName, "Example Company");
        leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        let leaf_der = leaf.signed_by(&key, &second).unwrap().der().clone();
        Self { root_pem, chain: vec![leaf_der, second_der, first_der], key }
    }

    fn identity(&self) -> ClientIdentity {
        (self.chain.clone(), PrivateKeyDer::try_from(self.key.serialize_der()).unwrap())
    }

    /// Its root as a file in `folder`.
    fn root_file(&self, folder: &TempDir) -> String {
        let path = folder.path().join("root.pem");
        fs::write(&path, &self.root_pem).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

fn authority(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.distinguished_name.push(DnType::OrganizationName, "Example Company");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.use_authority_key_identifier_extension = true;
    params
}

/// Four clients with long chains at once, and no allocation that fails: each keeps its session while the next comes.
#[tokio::test]
async fn four_clients_with_long_chains_are_served_at_once_whatever_the_boards_key() {
    let chain = LongChain::new();
    let folder = tempfile::tempdir().unwrap();
    let root = chain.root_file(&folder);
    for key in ["rsa2048", "p256", "rsa4096"] {
        let Some(board) = Board::with_key(key, &["--client-ca", &root]) else { return };
        for version in [&TLS13, &TLS12] {
            let clients: Vec<Client> =
                (0..4).map(|_| client_with(&board, &[version], Some(chain.identity()))).collect();
            for answer in all_at_once(&clients, &board).await {
                assert_eq!(answer.unwrap().status(), 200, "{key}, {version:?}");
            }
            let last = board.stat(&clients[0]).await;
            assert_eq!(last.failed, 0, "{key}, {version:?}: {last:?}");
            assert!(last.sessions == 4 && last.heap_min >= 20_000, "{key}, {version:?}: {last:?}");
        }
    }
}

/// Asks for the page with each client, which has a connection of its own and keeps it.
async fn all_at_once(clients: &[Client], board: &Board) -> Vec<reqwest::Result<Response>> {
    let asked: Vec<_> = clients.iter().map(|client| tokio::spawn(client.get(board.url()).send())).collect();
    let mut answers = Vec::new();
    for answer in asked {
        answers.push(answer.await.unwrap());
    }
    answers
}

/// A board whose own certificate leaves it too little: it says so, and blames no certificate of a client.
#[tokio::test]
async fn a_handshake_for_which_there_is_no_memory_ends_with_internal_error() {
    let chain = LongChain::new();
    let mut refused = 0;
    for names in [1100, 1300, 1500, 1700] {
        let folder = tempfile::tempdir().unwrap();
        let root = chain.root_file(&folder);
        let (certificate, key) = greedy_pair(names);
        fs::write(folder.path().join("cacert.pem"), certificate.pem()).unwrap();
        fs::write(folder.path().join("prvtkey.pem"), key.serialize_pem()).unwrap();
        let flags = ["--cert", "cacert.pem", "--key", "prvtkey.pem", "--client-ca", &root];
        let Some(board) = Board::start(&folder, &flags) else { return };
        for version in [&TLS13, &TLS12] {
            let clients: Vec<Client> =
                (0..4).map(|_| client_with(&board, &[version], Some(chain.identity()))).collect();
            for error in all_at_once(&clients, &board).await.into_iter().filter_map(Result::err) {
                refused += 1;
                let told = format!("{error:?}");
                assert!(told.contains("AlertReceived(InternalError)"), "{names}, {version:?}: {told}");
            }
        }
        let alone = client_with(&board, &[&TLS13], Some(chain.identity()));
        // Once the others' sessions have ended.
        let answer = eventually("a client by itself is served", async || {
            alone.get(board.url()).send().await.map_err(|error| format!("{names}: {error:?}"))
        });
        assert_eq!(answer.await.status(), 200, "{names}");
    }
    assert!(refused > 0, "no board was short of memory");
}

/// A client that no CA knows can make the board take ten times the size of its certificate, and no more than is set aside for that.
#[tokio::test]
async fn a_clients_certificate_that_is_made_to_take_memory_is_refused() {
    let chain = LongChain::new();
    let folder = tempfile::tempdir().unwrap();
    let root = chain.root_file(&folder);
    let Some(board) = Board::new(&["--client-ca", &root]) else { return };
    for version in [&TLS13, &TLS12] {
        let (certificate, key) = greedy_pair(2500);
        let own = (vec![certificate.der().clone()], PrivateKeyDer::try_from(key.serialize_der()).unwrap());
        let refused = client_with(&board, &[version], Some(own)).get(board.url()).send().await;
        let told = format!("{:?}", refused.unwrap_err());
        assert!(told.contains("AlertReceived(BadCertificate)"), "{version:?}: {told}");
    }
    let stat = board.stat(&client_with(&board, &[&TLS13], Some(chain.identity()))).await;
    assert!(stat.failed == 2 && stat.heap_min >= 90_000, "{stat:?}");
}

/// A certificate that takes a board 32 bytes of heap for each of its names, and its key.
fn greedy_pair(names: u16) -> (Certificate, KeyPair) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::default();
    // SubjectAltName (RFC 5280 section 4.2.1.6): the board's address, and names of the type dNSName without a letter.
    let mut content = vec![0x87, 4, 127, 0, 0, 1];
    content.extend([0x82, 0].repeat(usize::from(names)));
    let [high, low] = u16::try_from(content.len()).unwrap().to_be_bytes();
    let sequence = [&[0x30, 0x82, high, low], content.as_slice()].concat();
    params.custom_extensions = vec![CustomExtension::from_oid_content(&[2, 5, 29, 17], sequence)];
    (params.self_signed(&key).unwrap(), key)
}
