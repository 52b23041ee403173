//! Certificates that openssl makes, good ones and odd ones, and whether a board takes them.

/// One certificate, or several in one file.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) place: Place,
    /// The name of its key, see [`KEYS`].
    pub(crate) key: &'static str,
    /// The key of the CA that issues it; it is self-signed without one.
    pub(crate) issuer: Option<&'static str>,
    pub(crate) subject: &'static str,
    /// Options of `openssl req`, or of `openssl x509 -req` where a CA issues it.
    pub(crate) options: &'static str,
    /// Lines of a section of extensions, and sections that they name, as in openssl's files.
    pub(crate) extensions: &'static str,
    /// Bytes (in hexadecimal) that take the place of others everywhere in it: for what openssl does not make. The signature does
    /// not fit then, which a board does not check.
    pub(crate) patches: &'static [(&'static str, &'static str)],
    /// Cases whose certificates follow in the same file.
    pub(crate) behind: &'static [&'static str],
    pub(crate) taken: Taken,
}

/// What a board is given it for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// The device's own.
    Device,
    /// The CA of the clients.
    ClientCa,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    /// The board serves.
    Yes,
    /// It starts, and no handshake succeeds.
    Never,
    /// It says FAULT.
    No,
}

const fn device(name: &'static str) -> Case {
    Case {
        name,
        place: Place::Device,
        key: "p256",
        issuer: None,
        subject: "/CN=esp32.example",
        options: "",
        extensions: "subjectKeyIdentifier=hash",
        patches: &[],
        behind: &[],
        taken: Taken::Yes,
    }
}

const fn client_ca(name: &'static str, key: &'static str) -> Case {
    let case = device(name).ext("basicConstraints=critical,CA:TRUE");
    Case { place: Place::ClientCa, key, subject: "/CN=a CA", ..case }
}

impl Case {
    const fn refused(self) -> Self {
        Self { taken: Taken::No, ..self }
    }

    const fn never_serves(self) -> Self {
        Self { taken: Taken::Never, ..self }
    }

    const fn key(self, key: &'static str) -> Self {
        Self { key, ..self }
    }

    const fn issuer(self, key: &'static str) -> Self {
        Self { issuer: Some(key), ..self }
    }

    const fn subject(self, subject: &'static str) -> Self {
        Self { subject, ..self }
    }

    const fn opt(self, options: &'static str) -> Self {
        Self { options, ..self }
    }

    const fn ext(self, extensions: &'static str) -> Self {
        Self { extensions, ..self }
    }

    const fn patch(self, patches: &'static [(&'static str, &'static str)]) -> Self {
        Self { patches, ..self }
    }

    const fn behind(self, behind: &'static [&'static str]) -> Self {
        Self { behind, ..self }
    }
}

/// The kinds of keys, each with the arguments of openssl that make one.
pub(crate) const KEYS: &[(&str, &str)] = &[
    ("p256", "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256"),
    ("p384", "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384"),
    ("p521", "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-521"),
    ("p224", "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-224"),
    ("p192", "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-192"),
    ("secp256k1", "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:secp256k1"),
    ("secp160r1", "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:secp160r1"),
    ("brainpool256", "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:brainpoolP256r1"),
    ("brainpool320", "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:brainpoolP320r1"),
    ("sect283k1", "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:sect283k1"),
    ("explicit", "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:explicit"),
    ("rsa1024", "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024"),
    ("rsa2048", "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048"),
    ("rsa-pss", "genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048"),
    ("ed25519", "genpkey -algorithm ED25519"),
    ("ed448", "genpkey -algorithm ED448"),
];

/// The numbers of SHA-256 and SHA-384 with ECDSA.
const ECDSA_SHA256: &str = "06082a8648ce3d040302";
const ECDSA_SHA384: &str = "06082a8648ce3d040303";

const PSS: &str = "-sha256 -sigopt rsa_padding_mode:pss";
/// The numbers of two hashes, of the mask generator with each of them, and of something that is none.
const SHA256: &str = "0609608648016503040201";
const SHA3_256: &str = "0609608648016503040208";
const MGF1_SHA256: &str = "06092a864886f70d010108300d0609608648016503040201";
const MGF1_SHA3_256: &str = "06092a864886f70d010108300d0609608648016503040208";
const MGF1: &str = "06092a864886f70d010108";
const RSA_PSS: &str = "06092a864886f70d01010a";

pub(crate) const CASES: &[Case] = &[
    // Signatures.
    device("plain"),
    device("version 1").ext(""),
    device("sha1").opt("-sha1"),
    device("sha224").opt("-sha224"),
    device("sha384").opt("-sha384"),
    device("sha512").opt("-sha512"),
    device("sha3").opt("-sha3-256").refused(),
    device("rsa").key("rsa2048"),
    device("rsa md5").key("rsa2048").opt("-md5"),
    device("rsa sha1").key("rsa2048").opt("-sha1"),
    device("rsa sha3").key("rsa2048").opt("-sha3-256").refused(),
    device("rsa sha512/256").key("rsa2048").opt("-sha512-256").refused(),
    device("rsa pss").key("rsa2048").opt("-sigopt rsa_padding_mode:pss"),
    device("rsa pss with sha1").key("rsa2048").opt("-sha1 -sigopt rsa_padding_mode:pss"),
    device("rsa pss with sha3").key("rsa2048").opt(PSS).patch(&[(SHA256, SHA3_256)]).refused(),
    device("rsa pss with two hashes").key("rsa2048").opt("-sigopt rsa_padding_mode:pss -sigopt rsa_mgf1_md:sha512"),
    device("rsa pss with another mask").key("rsa2048").opt(PSS).patch(&[(MGF1_SHA256, MGF1_SHA3_256)]).refused(),
    device("rsa pss with another generator").key("rsa2048").opt(PSS).patch(&[(MGF1, RSA_PSS)]).refused(),
    device("by an Ed25519 CA").issuer("ed25519").ext("subjectAltName=DNS:esp32.local").refused(),
    device("by an Ed448 CA").issuer("ed448").ext("subjectAltName=DNS:esp32.local").refused(),
    device("by a P-521 CA").issuer("p521").ext("subjectAltName=DNS:esp32.local"),
    device("by a brainpool CA").issuer("brainpool256").ext("subjectAltName=DNS:esp32.local"),
    device("by an RSA CA").issuer("rsa2048").ext("subjectAltName=DNS:esp32.local"),
    device("P-384").key("p384"),
    device("explicit curve").key("explicit").refused(),
    // Names.
    device("empty subject and issuer").subject("/").refused(),
    device("empty subject").issuer("p256").subject("/").ext("subjectAltName=critical,DNS:esp32.local"),
    device("UTF-8").subject("/CN=Küche/O=Bäckerei").opt("-utf8"),
    device("many attributes").subject("/C=DE/ST=Bayern/L=Ort/O=A/OU=B/CN=c/emailAddress=a@example.com/serialNumber=7"),
    device("several attributes in one set").subject("/CN=a+OU=b/O=c").opt("-multivalue-rdn"),
    device("VisibleString").patch(&[("0c0d6573703332", "1a0d6573703332")]).refused(),
    device("NumericString").patch(&[("0c0d6573703332", "120d6573703332")]).refused(),
    device("T61String").patch(&[("0c0d6573703332", "140d6573703332")]),
    // Version, serial number, dates.
    device("negative serial number").opt("-set_serial -5"),
    device("long serial number").opt("-set_serial 0x7f0102030405060708090a0b0c0d0e0f1011121314151617"),
    device("version 4").patch(&[("a003020102", "a003020103")]).refused(),
    device("version 2 with extensions").patch(&[("a003020102", "a003020101")]).refused(),
    device("two algorithms").patch(&[(ECDSA_SHA256, ECDSA_SHA384)]).opt("-sha256"),
    device("year 2070").opt("-days 16000"),
    // Extensions that Mbed TLS knows.
    device("a CA's").ext("basicConstraints=critical,CA:TRUE,pathlen:0"),
    device("key identifiers with issuer").issuer("p256").ext("authorityKeyIdentifier=keyid,issuer:always"),
    device("key usage").ext("keyUsage=critical,digitalSignature"),
    device("key usage of a CA").ext("keyUsage=critical,keyCertSign,cRLSign").never_serves(),
    device("key usage of RSA key exchange").key("rsa2048").ext("keyUsage=keyEncipherment").never_serves(),
    device("for servers").ext("extendedKeyUsage=critical,serverAuth"),
    device("for clients").ext("extendedKeyUsage=clientAuth").never_serves(),
    device("for both").ext("extendedKeyUsage=clientAuth,serverAuth"),
    device("for anything").ext("extendedKeyUsage=anyExtendedKeyUsage"),
    device("for nothing").ext("2.5.29.37=DER:3000").refused(),
    device("Netscape's type").ext("nsCertType=server"),
    device("Netscape's comment").ext("nsComment=hello"),
    device("any policy").ext("certificatePolicies=critical,2.5.29.32.0"),
    device("a policy").ext("certificatePolicies=1.2.3.4"),
    device("a critical policy").ext("certificatePolicies=critical,1.2.3.4").refused(),
    device("two policies").ext("certificatePolicies=critical,2.5.29.32.0,1.2.3.4").refused(),
    device("no policy").ext("2.5.29.32=DER:3000").refused(),
    device("an extension twice").ext("subjectAltName=DNS:a\nissuerAltName=DNS:b").patch(&[("0603551d12", "0603551d11")]).refused(),
    // Alternative names.
    device("names").ext("subjectAltName=critical,DNS:esp32.local,IP:192.168.1.7,IP:fe80::1,URI:https://a,email:a@b.c,RID:1.2.3"),
    device("a directory name").ext("subjectAltName=dirName:dn\n[dn]\nCN=esp32"),
    device("an empty directory name").ext("subjectAltName=DER:3004a4023000").refused(),
    device("an address of 5 bytes").ext("subjectAltName=DER:300787050102030405").refused(),
    device("a user's name").ext("subjectAltName=otherName:1.3.6.1.4.1.311.20.2.3;UTF8:a@b"),
    device("a hardware module").ext(
        "subjectAltName=otherName:1.3.6.1.5.5.7.8.4;SEQUENCE:hw\n[hw]\ntype=OID:1.2.3\nserial=FORMAT:HEX,OCT:0102",
    ),
    device("a damaged hardware module").ext(
        "subjectAltName=otherName:1.3.6.1.5.5.7.8.4;SEQUENCE:hw\n[hw]\ntype=OID:1.2.3\nserial=INTEGER:7",
    ).refused(),
    device("no name").ext("subjectAltName=DER:3000"),
    // Extensions that Mbed TLS does not know.
    device("unknown").ext("1.2.3.4=DER:0500"),
    device("unknown and critical").ext("1.2.3.4=critical,DER:0500").refused(),
    device("name constraints").ext("nameConstraints=permitted;DNS:local"),
    device("critical name constraints").ext("nameConstraints=critical,permitted;DNS:local").refused(),
    device("policy constraints").ext("policyConstraints=requireExplicitPolicy:3"),
    device("critical policy constraints").ext("policyConstraints=critical,requireExplicitPolicy:3").refused(),
    device("critical inhibitAnyPolicy").ext("inhibitAnyPolicy=critical,2").refused(),
    device("stapling").ext("tlsfeature=status_request"),
    device("critical stapling").ext("tlsfeature=critical,status_request").refused(),
    device("revocation lists").ext("crlDistributionPoints=URI:http://a/crl"),
    device("critical revocation lists").ext("crlDistributionPoints=critical,URI:http://a/crl").refused(),
    device("OCSP").ext("authorityInfoAccess=OCSP;URI:http://a/"),
    device("critical issuer's names").ext("issuerAltName=critical,DNS:a").refused(),
    // Chains.
    device("with a good CA behind").behind(&["CA on P-521", "CA of RSA-1024"]),
    device("with an Ed25519 CA behind").behind(&["CA of Ed25519"]).refused(),
    device("with a constrained CA behind").behind(&["CA with critical name constraints"]).refused(),
    device("with six behind").behind(&["CA", "CA on P-521", "CA", "CA on secp256k1", "CA", "CA"]),
    // CAs.
    client_ca("CA", "p256"),
    client_ca("CA of RSA", "rsa2048"),
    client_ca("CA of RSA-1024", "rsa1024"),
    client_ca("CA of RSA-PSS", "rsa-pss").refused(),
    client_ca("CA on P-521", "p521"),
    client_ca("CA on P-224", "p224"),
    client_ca("CA on P-192", "p192"),
    client_ca("CA on secp256k1", "secp256k1"),
    client_ca("CA on brainpoolP256r1", "brainpool256"),
    client_ca("CA on brainpoolP320r1", "brainpool320").refused(),
    client_ca("CA on secp160r1", "secp160r1").refused(),
    client_ca("CA on sect283k1", "sect283k1").refused(),
    client_ca("CA with an explicit curve", "explicit").refused(),
    client_ca("CA of Ed25519", "ed25519").refused(),
    client_ca("CA of Ed448", "ed448").refused(),
    client_ca("CA with an empty name", "p256").subject("/").refused(),
    client_ca("CA with name constraints", "p256").ext("nameConstraints=permitted;email:a.b"),
    client_ca("CA with critical name constraints", "p256").ext("nameConstraints=critical,permitted;email:a.b").refused(),
    client_ca("CA with a critical policy", "p256").ext("certificatePolicies=critical,1.2.3.4").refused(),
    client_ca("two CAs", "p256").behind(&["CA of RSA"]),
    client_ca("two CAs, one of them constrained", "p256").behind(&["CA with critical name constraints"]).refused(),
];
