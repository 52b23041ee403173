//! rustls as a server: what it accepts is known from its own configuration.

use std::{
    collections::BTreeSet,
    fs,
    io::{Read as _, Write as _},
    sync::Arc,
};

use rustls::{
    CipherSuite, ProtocolVersion, ServerConfig, ServerConnection, Stream,
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};
use support::peer;

use crate::bench::{folder, probe, strings};

/// Serves a page with the certificate of that name; returns the address.
fn serve(certificate: &str, provider: CryptoProvider) -> String {
    let file = |ending: &str| fs::read(folder().join(format!("{certificate}.{ending}"))).unwrap();
    let chain = vec![CertificateDer::from_pem_slice(&file("pem")).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(&file("key")).unwrap();
    let builder =
        ServerConfig::builder_with_provider(Arc::new(provider)).with_protocol_versions(rustls::ALL_VERSIONS);
    let config = Arc::new(builder.unwrap().with_no_client_auth().with_single_cert(chain, key).unwrap());
    peer::listen(move |mut stream, _| {
        let mut tls = ServerConnection::new(Arc::clone(&config)).unwrap();
        let mut tls = Stream::new(&mut tls, &mut stream);
        let (mut header, mut byte) = (Vec::new(), [0]);
        while let Ok(1) = tls.read(&mut byte) {
            header.push(byte[0]);
            if header.ends_with(b"\r\n\r\n") {
                header.clear();
                let _ = tls.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            }
        }
    })
}

/// The suites of a version that go with a key of RSA.
fn configured(provider: &CryptoProvider, version: ProtocolVersion) -> BTreeSet<String> {
    let of_version = provider.cipher_suites.iter().filter(|suite| suite.version().version == version);
    let numbers = of_version
        .map(|suite| suite.suite())
        .filter(|suite: &CipherSuite| !suite.as_str().is_some_and(|name| name.contains("ECDSA")));
    numbers.map(|suite| format!("0x{:04x}", u16::from(suite))).collect()
}

#[test]
fn rustls_is_found_to_be_as_it_is_configured() {
    let provider = aws_lc_rs::default_provider();
    let run = probe(&[&serve("rsa", provider.clone()), "--all"]);
    assert_eq!(run.code, 0, "{:#}", run.document["error"]);
    let offers = run.result()["offers"].as_array().unwrap();
    let versions: Vec<_> = offers.iter().map(|offer| offer["version"].as_str().unwrap()).collect();
    assert_eq!(versions, ["TLS 1.3", "TLS 1.2"]);
    for (offer, version) in offers.iter().zip([ProtocolVersion::TLSv1_3, ProtocolVersion::TLSv1_2]) {
        let suites = offer["suites"].as_array().unwrap().iter();
        let suites: BTreeSet<_> = suites.map(|suite| suite["id"].as_str().unwrap().to_owned()).collect();
        assert_eq!(suites, configured(&provider, version));
        assert_eq!(offer["extent"], "complete");
    }
    let groups: BTreeSet<_> = strings(&offers[0]["groups"]).into_iter().map(|it| it.to_lowercase()).collect();
    let configured: BTreeSet<_> =
        provider.kx_groups.iter().map(|group| format!("{:?}", group.name()).to_lowercase()).collect();
    assert_eq!(groups, configured);
    let schemes = ["rsa_pss_rsae_sha256", "rsa_pss_rsae_sha384", "rsa_pss_rsae_sha512"];
    assert_eq!(strings(&offers[0]["schemes"]), schemes);
    assert!(run.findings().iter().all(|id| !id.starts_with("suite.")), "{:?}", run.findings());
}
