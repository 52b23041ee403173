//! The one table of cipher suites: those that a server with or without a certificate may choose, from IANA's registry "TLS
//! Cipher Suites" (<https://www.iana.org/assignments/tls-parameters>), without Kerberos, SRP and national suites. The other
//! columns follow from the documents that the registry names. A number that is not here prints as hex.

use std::fmt;

use serde::{Serialize, Serializer};

use super::{
    cipher::*,
    hash::Hash::{self, Md5, Sha1, Sha256, Sha384},
    suite::{
        Authentication as A,
        KeyExchange::{self as K, Dh, Dhe, Ecdh, Ecdhe, Group},
        Suite, SuiteParts,
    },
};

/// All of them, by number.
const CIPHER_SUITES: &[SuiteParts] = &[
    row(0x0000, "TLS_NULL_WITH_NULL_NULL", K::Null, A::Null, NULL, Hash::Null),
    row(0x0001, "TLS_RSA_WITH_NULL_MD5", K::Rsa, A::Rsa, NULL, Md5),
    row(0x0002, "TLS_RSA_WITH_NULL_SHA", K::Rsa, A::Rsa, NULL, Sha1),
    row(0x0003, "TLS_RSA_EXPORT_WITH_RC4_40_MD5", K::Rsa, A::Rsa, RC4_40, Md5),
    row(0x0004, "TLS_RSA_WITH_RC4_128_MD5", K::Rsa, A::Rsa, RC4_128, Md5),
    row(0x0005, "TLS_RSA_WITH_RC4_128_SHA", K::Rsa, A::Rsa, RC4_128, Sha1),
    row(0x0006, "TLS_RSA_EXPORT_WITH_RC2_CBC_40_MD5", K::Rsa, A::Rsa, RC2_40_CBC, Md5),
    row(0x0007, "TLS_RSA_WITH_IDEA_CBC_SHA", K::Rsa, A::Rsa, IDEA_CBC, Sha1),
    row(0x0008, "TLS_RSA_EXPORT_WITH_DES40_CBC_SHA", K::Rsa, A::Rsa, DES_40_CBC, Sha1),
    row(0x0009, "TLS_RSA_WITH_DES_CBC_SHA", K::Rsa, A::Rsa, DES_CBC, Sha1),
    row(0x000a, "TLS_RSA_WITH_3DES_EDE_CBC_SHA", K::Rsa, A::Rsa, TRIPLE_DES_CBC, Sha1),
    row(0x000b, "TLS_DH_DSS_EXPORT_WITH_DES40_CBC_SHA", Dh, A::Dss, DES_40_CBC, Sha1),
    row(0x000c, "TLS_DH_DSS_WITH_DES_CBC_SHA", Dh, A::Dss, DES_CBC, Sha1),
    row(0x000d, "TLS_DH_DSS_WITH_3DES_EDE_CBC_SHA", Dh, A::Dss, TRIPLE_DES_CBC, Sha1),
    row(0x000e, "TLS_DH_RSA_EXPORT_WITH_DES40_CBC_SHA", Dh, A::Rsa, DES_40_CBC, Sha1),
    row(0x000f, "TLS_DH_RSA_WITH_DES_CBC_SHA", Dh, A::Rsa, DES_CBC, Sha1),
    row(0x0010, "TLS_DH_RSA_WITH_3DES_EDE_CBC_SHA", Dh, A::Rsa, TRIPLE_DES_CBC, Sha1),
    row(0x0011, "TLS_DHE_DSS_EXPORT_WITH_DES40_CBC_SHA", Dhe, A::Dss, DES_40_CBC, Sha1),
    row(0x0012, "TLS_DHE_DSS_WITH_DES_CBC_SHA", Dhe, A::Dss, DES_CBC, Sha1),
    row(0x0013, "TLS_DHE_DSS_WITH_3DES_EDE_CBC_SHA", Dhe, A::Dss, TRIPLE_DES_CBC, Sha1),
    row(0x0014, "TLS_DHE_RSA_EXPORT_WITH_DES40_CBC_SHA", Dhe, A::Rsa, DES_40_CBC, Sha1),
    row(0x0015, "TLS_DHE_RSA_WITH_DES_CBC_SHA", Dhe, A::Rsa, DES_CBC, Sha1),
    row(0x0016, "TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA", Dhe, A::Rsa, TRIPLE_DES_CBC, Sha1),
    row(0x0017, "TLS_DH_anon_EXPORT_WITH_RC4_40_MD5", Dh, A::Anonymous, RC4_40, Md5),
    row(0x0018, "TLS_DH_anon_WITH_RC4_128_MD5", Dh, A::Anonymous, RC4_128, Md5),
    row(0x0019, "TLS_DH_anon_EXPORT_WITH_DES40_CBC_SHA", Dh, A::Anonymous, DES_40_CBC, Sha1),
    row(0x001a, "TLS_DH_anon_WITH_DES_CBC_SHA", Dh, A::Anonymous, DES_CBC, Sha1),
    row(0x001b, "TLS_DH_anon_WITH_3DES_EDE_CBC_SHA", Dh, A::Anonymous, TRIPLE_DES_CBC, Sha1),
    row(0x002c, "TLS_PSK_WITH_NULL_SHA", K::Psk, A::Psk, NULL, Sha1),
    row(0x002d, "TLS_DHE_PSK_WITH_NULL_SHA", Dhe, A::Psk, NULL, Sha1),
    row(0x002e, "TLS_RSA_PSK_WITH_NULL_SHA", K::Rsa, A::Psk, NULL, Sha1),
    row(0x002f, "TLS_RSA_WITH_AES_128_CBC_SHA", K::Rsa, A::Rsa, AES_128_CBC, Sha1),
    row(0x0030, "TLS_DH_DSS_WITH_AES_128_CBC_SHA", Dh, A::Dss, AES_128_CBC, Sha1),
    row(0x0031, "TLS_DH_RSA_WITH_AES_128_CBC_SHA", Dh, A::Rsa, AES_128_CBC, Sha1),
    row(0x0032, "TLS_DHE_DSS_WITH_AES_128_CBC_SHA", Dhe, A::Dss, AES_128_CBC, Sha1),
    row(0x0033, "TLS_DHE_RSA_WITH_AES_128_CBC_SHA", Dhe, A::Rsa, AES_128_CBC, Sha1),
    row(0x0034, "TLS_DH_anon_WITH_AES_128_CBC_SHA", Dh, A::Anonymous, AES_128_CBC, Sha1),
    row(0x0035, "TLS_RSA_WITH_AES_256_CBC_SHA", K::Rsa, A::Rsa, AES_256_CBC, Sha1),
    row(0x0036, "TLS_DH_DSS_WITH_AES_256_CBC_SHA", Dh, A::Dss, AES_256_CBC, Sha1),
    row(0x0037, "TLS_DH_RSA_WITH_AES_256_CBC_SHA", Dh, A::Rsa, AES_256_CBC, Sha1),
    row(0x0038, "TLS_DHE_DSS_WITH_AES_256_CBC_SHA", Dhe, A::Dss, AES_256_CBC, Sha1),
    row(0x0039, "TLS_DHE_RSA_WITH_AES_256_CBC_SHA", Dhe, A::Rsa, AES_256_CBC, Sha1),
    row(0x003a, "TLS_DH_anon_WITH_AES_256_CBC_SHA", Dh, A::Anonymous, AES_256_CBC, Sha1),
    row(0x003b, "TLS_RSA_WITH_NULL_SHA256", K::Rsa, A::Rsa, NULL, Sha256),
    row(0x003c, "TLS_RSA_WITH_AES_128_CBC_SHA256", K::Rsa, A::Rsa, AES_128_CBC, Sha256),
    row(0x003d, "TLS_RSA_WITH_AES_256_CBC_SHA256", K::Rsa, A::Rsa, AES_256_CBC, Sha256),
    row(0x003e, "TLS_DH_DSS_WITH_AES_128_CBC_SHA256", Dh, A::Dss, AES_128_CBC, Sha256),
    row(0x003f, "TLS_DH_RSA_WITH_AES_128_CBC_SHA256", Dh, A::Rsa, AES_128_CBC, Sha256),
    row(0x0040, "TLS_DHE_DSS_WITH_AES_128_CBC_SHA256", Dhe, A::Dss, AES_128_CBC, Sha256),
    row(0x0041, "TLS_RSA_WITH_CAMELLIA_128_CBC_SHA", K::Rsa, A::Rsa, CAMELLIA_128_CBC, Sha1),
    row(0x0042, "TLS_DH_DSS_WITH_CAMELLIA_128_CBC_SHA", Dh, A::Dss, CAMELLIA_128_CBC, Sha1),
    row(0x0043, "TLS_DH_RSA_WITH_CAMELLIA_128_CBC_SHA", Dh, A::Rsa, CAMELLIA_128_CBC, Sha1),
    row(0x0044, "TLS_DHE_DSS_WITH_CAMELLIA_128_CBC_SHA", Dhe, A::Dss, CAMELLIA_128_CBC, Sha1),
    row(0x0045, "TLS_DHE_RSA_WITH_CAMELLIA_128_CBC_SHA", Dhe, A::Rsa, CAMELLIA_128_CBC, Sha1),
    row(0x0046, "TLS_DH_anon_WITH_CAMELLIA_128_CBC_SHA", Dh, A::Anonymous, CAMELLIA_128_CBC, Sha1),
    row(0x0066, "TLS_DHE_DSS_WITH_RC4_128_SHA", Dhe, A::Dss, RC4_128, Sha1),
    row(0x0067, "TLS_DHE_RSA_WITH_AES_128_CBC_SHA256", Dhe, A::Rsa, AES_128_CBC, Sha256),
    row(0x0068, "TLS_DH_DSS_WITH_AES_256_CBC_SHA256", Dh, A::Dss, AES_256_CBC, Sha256),
    row(0x0069, "TLS_DH_RSA_WITH_AES_256_CBC_SHA256", Dh, A::Rsa, AES_256_CBC, Sha256),
    row(0x006a, "TLS_DHE_DSS_WITH_AES_256_CBC_SHA256", Dhe, A::Dss, AES_256_CBC, Sha256),
    row(0x006b, "TLS_DHE_RSA_WITH_AES_256_CBC_SHA256", Dhe, A::Rsa, AES_256_CBC, Sha256),
    row(0x006c, "TLS_DH_anon_WITH_AES_128_CBC_SHA256", Dh, A::Anonymous, AES_128_CBC, Sha256),
    row(0x006d, "TLS_DH_anon_WITH_AES_256_CBC_SHA256", Dh, A::Anonymous, AES_256_CBC, Sha256),
    row(0x0084, "TLS_RSA_WITH_CAMELLIA_256_CBC_SHA", K::Rsa, A::Rsa, CAMELLIA_256_CBC, Sha1),
    row(0x0085, "TLS_DH_DSS_WITH_CAMELLIA_256_CBC_SHA", Dh, A::Dss, CAMELLIA_256_CBC, Sha1),
    row(0x0086, "TLS_DH_RSA_WITH_CAMELLIA_256_CBC_SHA", Dh, A::Rsa, CAMELLIA_256_CBC, Sha1),
    row(0x0087, "TLS_DHE_DSS_WITH_CAMELLIA_256_CBC_SHA", Dhe, A::Dss, CAMELLIA_256_CBC, Sha1),
    row(0x0088, "TLS_DHE_RSA_WITH_CAMELLIA_256_CBC_SHA", Dhe, A::Rsa, CAMELLIA_256_CBC, Sha1),
    row(0x0089, "TLS_DH_anon_WITH_CAMELLIA_256_CBC_SHA", Dh, A::Anonymous, CAMELLIA_256_CBC, Sha1),
    row(0x008a, "TLS_PSK_WITH_RC4_128_SHA", K::Psk, A::Psk, RC4_128, Sha1),
    row(0x008b, "TLS_PSK_WITH_3DES_EDE_CBC_SHA", K::Psk, A::Psk, TRIPLE_DES_CBC, Sha1),
    row(0x008c, "TLS_PSK_WITH_AES_128_CBC_SHA", K::Psk, A::Psk, AES_128_CBC, Sha1),
    row(0x008d, "TLS_PSK_WITH_AES_256_CBC_SHA", K::Psk, A::Psk, AES_256_CBC, Sha1),
    row(0x008e, "TLS_DHE_PSK_WITH_RC4_128_SHA", Dhe, A::Psk, RC4_128, Sha1),
    row(0x008f, "TLS_DHE_PSK_WITH_3DES_EDE_CBC_SHA", Dhe, A::Psk, TRIPLE_DES_CBC, Sha1),
    row(0x0090, "TLS_DHE_PSK_WITH_AES_128_CBC_SHA", Dhe, A::Psk, AES_128_CBC, Sha1),
    row(0x0091, "TLS_DHE_PSK_WITH_AES_256_CBC_SHA", Dhe, A::Psk, AES_256_CBC, Sha1),
    row(0x0092, "TLS_RSA_PSK_WITH_RC4_128_SHA", K::Rsa, A::Psk, RC4_128, Sha1),
    row(0x0093, "TLS_RSA_PSK_WITH_3DES_EDE_CBC_SHA", K::Rsa, A::Psk, TRIPLE_DES_CBC, Sha1),
    row(0x0094, "TLS_RSA_PSK_WITH_AES_128_CBC_SHA", K::Rsa, A::Psk, AES_128_CBC, Sha1),
    row(0x0095, "TLS_RSA_PSK_WITH_AES_256_CBC_SHA", K::Rsa, A::Psk, AES_256_CBC, Sha1),
    row(0x0096, "TLS_RSA_WITH_SEED_CBC_SHA", K::Rsa, A::Rsa, SEED_CBC, Sha1),
    row(0x0097, "TLS_DH_DSS_WITH_SEED_CBC_SHA", Dh, A::Dss, SEED_CBC, Sha1),
    row(0x0098, "TLS_DH_RSA_WITH_SEED_CBC_SHA", Dh, A::Rsa, SEED_CBC, Sha1),
    row(0x0099, "TLS_DHE_DSS_WITH_SEED_CBC_SHA", Dhe, A::Dss, SEED_CBC, Sha1),
    row(0x009a, "TLS_DHE_RSA_WITH_SEED_CBC_SHA", Dhe, A::Rsa, SEED_CBC, Sha1),
    row(0x009b, "TLS_DH_anon_WITH_SEED_CBC_SHA", Dh, A::Anonymous, SEED_CBC, Sha1),
    row(0x009c, "TLS_RSA_WITH_AES_128_GCM_SHA256", K::Rsa, A::Rsa, AES_128_GCM, Sha256),
    row(0x009d, "TLS_RSA_WITH_AES_256_GCM_SHA384", K::Rsa, A::Rsa, AES_256_GCM, Sha384),
    row(0x009e, "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", Dhe, A::Rsa, AES_128_GCM, Sha256),
    row(0x009f, "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384", Dhe, A::Rsa, AES_256_GCM, Sha384),
    row(0x00a0, "TLS_DH_RSA_WITH_AES_128_GCM_SHA256", Dh, A::Rsa, AES_128_GCM, Sha256),
    row(0x00a1, "TLS_DH_RSA_WITH_AES_256_GCM_SHA384", Dh, A::Rsa, AES_256_GCM, Sha384),
    row(0x00a2, "TLS_DHE_DSS_WITH_AES_128_GCM_SHA256", Dhe, A::Dss, AES_128_GCM, Sha256),
    row(0x00a3, "TLS_DHE_DSS_WITH_AES_256_GCM_SHA384", Dhe, A::Dss, AES_256_GCM, Sha384),
    row(0x00a4, "TLS_DH_DSS_WITH_AES_128_GCM_SHA256", Dh, A::Dss, AES_128_GCM, Sha256),
    row(0x00a5, "TLS_DH_DSS_WITH_AES_256_GCM_SHA384", Dh, A::Dss, AES_256_GCM, Sha384),
    row(0x00a6, "TLS_DH_anon_WITH_AES_128_GCM_SHA256", Dh, A::Anonymous, AES_128_GCM, Sha256),
    row(0x00a7, "TLS_DH_anon_WITH_AES_256_GCM_SHA384", Dh, A::Anonymous, AES_256_GCM, Sha384),
    row(0x00a8, "TLS_PSK_WITH_AES_128_GCM_SHA256", K::Psk, A::Psk, AES_128_GCM, Sha256),
    row(0x00a9, "TLS_PSK_WITH_AES_256_GCM_SHA384", K::Psk, A::Psk, AES_256_GCM, Sha384),
    row(0x00aa, "TLS_DHE_PSK_WITH_AES_128_GCM_SHA256", Dhe, A::Psk, AES_128_GCM, Sha256),
    row(0x00ab, "TLS_DHE_PSK_WITH_AES_256_GCM_SHA384", Dhe, A::Psk, AES_256_GCM, Sha384),
    row(0x00ac, "TLS_RSA_PSK_WITH_AES_128_GCM_SHA256", K::Rsa, A::Psk, AES_128_GCM, Sha256),
    row(0x00ad, "TLS_RSA_PSK_WITH_AES_256_GCM_SHA384", K::Rsa, A::Psk, AES_256_GCM, Sha384),
    row(0x00ae, "TLS_PSK_WITH_AES_128_CBC_SHA256", K::Psk, A::Psk, AES_128_CBC, Sha256),
    row(0x00af, "TLS_PSK_WITH_AES_256_CBC_SHA384", K::Psk, A::Psk, AES_256_CBC, Sha384),
    row(0x00b0, "TLS_PSK_WITH_NULL_SHA256", K::Psk, A::Psk, NULL, Sha256),
    row(0x00b1, "TLS_PSK_WITH_NULL_SHA384", K::Psk, A::Psk, NULL, Sha384),
    row(0x00b2, "TLS_DHE_PSK_WITH_AES_128_CBC_SHA256", Dhe, A::Psk, AES_128_CBC, Sha256),
    row(0x00b3, "TLS_DHE_PSK_WITH_AES_256_CBC_SHA384", Dhe, A::Psk, AES_256_CBC, Sha384),
    row(0x00b4, "TLS_DHE_PSK_WITH_NULL_SHA256", Dhe, A::Psk, NULL, Sha256),
    row(0x00b5, "TLS_DHE_PSK_WITH_NULL_SHA384", Dhe, A::Psk, NULL, Sha384),
    row(0x00b6, "TLS_RSA_PSK_WITH_AES_128_CBC_SHA256", K::Rsa, A::Psk, AES_128_CBC, Sha256),
    row(0x00b7, "TLS_RSA_PSK_WITH_AES_256_CBC_SHA384", K::Rsa, A::Psk, AES_256_CBC, Sha384),
    row(0x00b8, "TLS_RSA_PSK_WITH_NULL_SHA256", K::Rsa, A::Psk, NULL, Sha256),
    row(0x00b9, "TLS_RSA_PSK_WITH_NULL_SHA384", K::Rsa, A::Psk, NULL, Sha384),
    row(0x00ba, "TLS_RSA_WITH_CAMELLIA_128_CBC_SHA256", K::Rsa, A::Rsa, CAMELLIA_128_CBC, Sha256),
    row(0x00bb, "TLS_DH_DSS_WITH_CAMELLIA_128_CBC_SHA256", Dh, A::Dss, CAMELLIA_128_CBC, Sha256),
    row(0x00bc, "TLS_DH_RSA_WITH_CAMELLIA_128_CBC_SHA256", Dh, A::Rsa, CAMELLIA_128_CBC, Sha256),
    row(0x00bd, "TLS_DHE_DSS_WITH_CAMELLIA_128_CBC_SHA256", Dhe, A::Dss, CAMELLIA_128_CBC, Sha256),
    row(0x00be, "TLS_DHE_RSA_WITH_CAMELLIA_128_CBC_SHA256", Dhe, A::Rsa, CAMELLIA_128_CBC, Sha256),
    row(0x00bf, "TLS_DH_anon_WITH_CAMELLIA_128_CBC_SHA256", Dh, A::Anonymous, CAMELLIA_128_CBC, Sha256),
    row(0x00c0, "TLS_RSA_WITH_CAMELLIA_256_CBC_SHA256", K::Rsa, A::Rsa, CAMELLIA_256_CBC, Sha256),
    row(0x00c1, "TLS_DH_DSS_WITH_CAMELLIA_256_CBC_SHA256", Dh, A::Dss, CAMELLIA_256_CBC, Sha256),
    row(0x00c2, "TLS_DH_RSA_WITH_CAMELLIA_256_CBC_SHA256", Dh, A::Rsa, CAMELLIA_256_CBC, Sha256),
    row(0x00c3, "TLS_DHE_DSS_WITH_CAMELLIA_256_CBC_SHA256", Dhe, A::Dss, CAMELLIA_256_CBC, Sha256),
    row(0x00c4, "TLS_DHE_RSA_WITH_CAMELLIA_256_CBC_SHA256", Dhe, A::Rsa, CAMELLIA_256_CBC, Sha256),
    row(0x00c5, "TLS_DH_anon_WITH_CAMELLIA_256_CBC_SHA256", Dh, A::Anonymous, CAMELLIA_256_CBC, Sha256),
    row(0x1301, "TLS_AES_128_GCM_SHA256", Group, A::Certificate, AES_128_GCM, Sha256),
    row(0x1302, "TLS_AES_256_GCM_SHA384", Group, A::Certificate, AES_256_GCM, Sha384),
    row(0x1303, "TLS_CHACHA20_POLY1305_SHA256", Group, A::Certificate, CHACHA20_POLY1305, Sha256),
    row(0x1304, "TLS_AES_128_CCM_SHA256", Group, A::Certificate, AES_128_CCM, Sha256),
    row(0x1305, "TLS_AES_128_CCM_8_SHA256", Group, A::Certificate, AES_128_CCM_8, Sha256),
    row(0xc001, "TLS_ECDH_ECDSA_WITH_NULL_SHA", Ecdh, A::Ecdsa, NULL, Sha1),
    row(0xc002, "TLS_ECDH_ECDSA_WITH_RC4_128_SHA", Ecdh, A::Ecdsa, RC4_128, Sha1),
    row(0xc003, "TLS_ECDH_ECDSA_WITH_3DES_EDE_CBC_SHA", Ecdh, A::Ecdsa, TRIPLE_DES_CBC, Sha1),
    row(0xc004, "TLS_ECDH_ECDSA_WITH_AES_128_CBC_SHA", Ecdh, A::Ecdsa, AES_128_CBC, Sha1),
    row(0xc005, "TLS_ECDH_ECDSA_WITH_AES_256_CBC_SHA", Ecdh, A::Ecdsa, AES_256_CBC, Sha1),
    row(0xc006, "TLS_ECDHE_ECDSA_WITH_NULL_SHA", Ecdhe, A::Ecdsa, NULL, Sha1),
    row(0xc007, "TLS_ECDHE_ECDSA_WITH_RC4_128_SHA", Ecdhe, A::Ecdsa, RC4_128, Sha1),
    row(0xc008, "TLS_ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA", Ecdhe, A::Ecdsa, TRIPLE_DES_CBC, Sha1),
    row(0xc009, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", Ecdhe, A::Ecdsa, AES_128_CBC, Sha1),
    row(0xc00a, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", Ecdhe, A::Ecdsa, AES_256_CBC, Sha1),
    row(0xc00b, "TLS_ECDH_RSA_WITH_NULL_SHA", Ecdh, A::Rsa, NULL, Sha1),
    row(0xc00c, "TLS_ECDH_RSA_WITH_RC4_128_SHA", Ecdh, A::Rsa, RC4_128, Sha1),
    row(0xc00d, "TLS_ECDH_RSA_WITH_3DES_EDE_CBC_SHA", Ecdh, A::Rsa, TRIPLE_DES_CBC, Sha1),
    row(0xc00e, "TLS_ECDH_RSA_WITH_AES_128_CBC_SHA", Ecdh, A::Rsa, AES_128_CBC, Sha1),
    row(0xc00f, "TLS_ECDH_RSA_WITH_AES_256_CBC_SHA", Ecdh, A::Rsa, AES_256_CBC, Sha1),
    row(0xc010, "TLS_ECDHE_RSA_WITH_NULL_SHA", Ecdhe, A::Rsa, NULL, Sha1),
    row(0xc011, "TLS_ECDHE_RSA_WITH_RC4_128_SHA", Ecdhe, A::Rsa, RC4_128, Sha1),
    row(0xc012, "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA", Ecdhe, A::Rsa, TRIPLE_DES_CBC, Sha1),
    row(0xc013, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", Ecdhe, A::Rsa, AES_128_CBC, Sha1),
    row(0xc014, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", Ecdhe, A::Rsa, AES_256_CBC, Sha1),
    row(0xc015, "TLS_ECDH_anon_WITH_NULL_SHA", Ecdh, A::Anonymous, NULL, Sha1),
    row(0xc016, "TLS_ECDH_anon_WITH_RC4_128_SHA", Ecdh, A::Anonymous, RC4_128, Sha1),
    row(0xc017, "TLS_ECDH_anon_WITH_3DES_EDE_CBC_SHA", Ecdh, A::Anonymous, TRIPLE_DES_CBC, Sha1),
    row(0xc018, "TLS_ECDH_anon_WITH_AES_128_CBC_SHA", Ecdh, A::Anonymous, AES_128_CBC, Sha1),
    row(0xc019, "TLS_ECDH_anon_WITH_AES_256_CBC_SHA", Ecdh, A::Anonymous, AES_256_CBC, Sha1),
    row(0xc023, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256", Ecdhe, A::Ecdsa, AES_128_CBC, Sha256),
    row(0xc024, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384", Ecdhe, A::Ecdsa, AES_256_CBC, Sha384),
    row(0xc025, "TLS_ECDH_ECDSA_WITH_AES_128_CBC_SHA256", Ecdh, A::Ecdsa, AES_128_CBC, Sha256),
    row(0xc026, "TLS_ECDH_ECDSA_WITH_AES_256_CBC_SHA384", Ecdh, A::Ecdsa, AES_256_CBC, Sha384),
    row(0xc027, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256", Ecdhe, A::Rsa, AES_128_CBC, Sha256),
    row(0xc028, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384", Ecdhe, A::Rsa, AES_256_CBC, Sha384),
    row(0xc029, "TLS_ECDH_RSA_WITH_AES_128_CBC_SHA256", Ecdh, A::Rsa, AES_128_CBC, Sha256),
    row(0xc02a, "TLS_ECDH_RSA_WITH_AES_256_CBC_SHA384", Ecdh, A::Rsa, AES_256_CBC, Sha384),
    row(0xc02b, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", Ecdhe, A::Ecdsa, AES_128_GCM, Sha256),
    row(0xc02c, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", Ecdhe, A::Ecdsa, AES_256_GCM, Sha384),
    row(0xc02d, "TLS_ECDH_ECDSA_WITH_AES_128_GCM_SHA256", Ecdh, A::Ecdsa, AES_128_GCM, Sha256),
    row(0xc02e, "TLS_ECDH_ECDSA_WITH_AES_256_GCM_SHA384", Ecdh, A::Ecdsa, AES_256_GCM, Sha384),
    row(0xc02f, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", Ecdhe, A::Rsa, AES_128_GCM, Sha256),
    row(0xc030, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", Ecdhe, A::Rsa, AES_256_GCM, Sha384),
    row(0xc031, "TLS_ECDH_RSA_WITH_AES_128_GCM_SHA256", Ecdh, A::Rsa, AES_128_GCM, Sha256),
    row(0xc032, "TLS_ECDH_RSA_WITH_AES_256_GCM_SHA384", Ecdh, A::Rsa, AES_256_GCM, Sha384),
    row(0xc033, "TLS_ECDHE_PSK_WITH_RC4_128_SHA", Ecdhe, A::Psk, RC4_128, Sha1),
    row(0xc034, "TLS_ECDHE_PSK_WITH_3DES_EDE_CBC_SHA", Ecdhe, A::Psk, TRIPLE_DES_CBC, Sha1),
    row(0xc035, "TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA", Ecdhe, A::Psk, AES_128_CBC, Sha1),
    row(0xc036, "TLS_ECDHE_PSK_WITH_AES_256_CBC_SHA", Ecdhe, A::Psk, AES_256_CBC, Sha1),
    row(0xc037, "TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256", Ecdhe, A::Psk, AES_128_CBC, Sha256),
    row(0xc038, "TLS_ECDHE_PSK_WITH_AES_256_CBC_SHA384", Ecdhe, A::Psk, AES_256_CBC, Sha384),
    row(0xc039, "TLS_ECDHE_PSK_WITH_NULL_SHA", Ecdhe, A::Psk, NULL, Sha1),
    row(0xc03a, "TLS_ECDHE_PSK_WITH_NULL_SHA256", Ecdhe, A::Psk, NULL, Sha256),
    row(0xc03b, "TLS_ECDHE_PSK_WITH_NULL_SHA384", Ecdhe, A::Psk, NULL, Sha384),
    row(0xc03c, "TLS_RSA_WITH_ARIA_128_CBC_SHA256", K::Rsa, A::Rsa, ARIA_128_CBC, Sha256),
    row(0xc03d, "TLS_RSA_WITH_ARIA_256_CBC_SHA384", K::Rsa, A::Rsa, ARIA_256_CBC, Sha384),
    row(0xc03e, "TLS_DH_DSS_WITH_ARIA_128_CBC_SHA256", Dh, A::Dss, ARIA_128_CBC, Sha256),
    row(0xc03f, "TLS_DH_DSS_WITH_ARIA_256_CBC_SHA384", Dh, A::Dss, ARIA_256_CBC, Sha384),
    row(0xc040, "TLS_DH_RSA_WITH_ARIA_128_CBC_SHA256", Dh, A::Rsa, ARIA_128_CBC, Sha256),
    row(0xc041, "TLS_DH_RSA_WITH_ARIA_256_CBC_SHA384", Dh, A::Rsa, ARIA_256_CBC, Sha384),
    row(0xc042, "TLS_DHE_DSS_WITH_ARIA_128_CBC_SHA256", Dhe, A::Dss, ARIA_128_CBC, Sha256),
    row(0xc043, "TLS_DHE_DSS_WITH_ARIA_256_CBC_SHA384", Dhe, A::Dss, ARIA_256_CBC, Sha384),
    row(0xc044, "TLS_DHE_RSA_WITH_ARIA_128_CBC_SHA256", Dhe, A::Rsa, ARIA_128_CBC, Sha256),
    row(0xc045, "TLS_DHE_RSA_WITH_ARIA_256_CBC_SHA384", Dhe, A::Rsa, ARIA_256_CBC, Sha384),
    row(0xc046, "TLS_DH_anon_WITH_ARIA_128_CBC_SHA256", Dh, A::Anonymous, ARIA_128_CBC, Sha256),
    row(0xc047, "TLS_DH_anon_WITH_ARIA_256_CBC_SHA384", Dh, A::Anonymous, ARIA_256_CBC, Sha384),
    row(0xc048, "TLS_ECDHE_ECDSA_WITH_ARIA_128_CBC_SHA256", Ecdhe, A::Ecdsa, ARIA_128_CBC, Sha256),
    row(0xc049, "TLS_ECDHE_ECDSA_WITH_ARIA_256_CBC_SHA384", Ecdhe, A::Ecdsa, ARIA_256_CBC, Sha384),
    row(0xc04a, "TLS_ECDH_ECDSA_WITH_ARIA_128_CBC_SHA256", Ecdh, A::Ecdsa, ARIA_128_CBC, Sha256),
    row(0xc04b, "TLS_ECDH_ECDSA_WITH_ARIA_256_CBC_SHA384", Ecdh, A::Ecdsa, ARIA_256_CBC, Sha384),
    row(0xc04c, "TLS_ECDHE_RSA_WITH_ARIA_128_CBC_SHA256", Ecdhe, A::Rsa, ARIA_128_CBC, Sha256),
    row(0xc04d, "TLS_ECDHE_RSA_WITH_ARIA_256_CBC_SHA384", Ecdhe, A::Rsa, ARIA_256_CBC, Sha384),
    row(0xc04e, "TLS_ECDH_RSA_WITH_ARIA_128_CBC_SHA256", Ecdh, A::Rsa, ARIA_128_CBC, Sha256),
    row(0xc04f, "TLS_ECDH_RSA_WITH_ARIA_256_CBC_SHA384", Ecdh, A::Rsa, ARIA_256_CBC, Sha384),
    row(0xc050, "TLS_RSA_WITH_ARIA_128_GCM_SHA256", K::Rsa, A::Rsa, ARIA_128_GCM, Sha256),
    row(0xc051, "TLS_RSA_WITH_ARIA_256_GCM_SHA384", K::Rsa, A::Rsa, ARIA_256_GCM, Sha384),
    row(0xc052, "TLS_DHE_RSA_WITH_ARIA_128_GCM_SHA256", Dhe, A::Rsa, ARIA_128_GCM, Sha256),
    row(0xc053, "TLS_DHE_RSA_WITH_ARIA_256_GCM_SHA384", Dhe, A::Rsa, ARIA_256_GCM, Sha384),
    row(0xc054, "TLS_DH_RSA_WITH_ARIA_128_GCM_SHA256", Dh, A::Rsa, ARIA_128_GCM, Sha256),
    row(0xc055, "TLS_DH_RSA_WITH_ARIA_256_GCM_SHA384", Dh, A::Rsa, ARIA_256_GCM, Sha384),
    row(0xc056, "TLS_DHE_DSS_WITH_ARIA_128_GCM_SHA256", Dhe, A::Dss, ARIA_128_GCM, Sha256),
    row(0xc057, "TLS_DHE_DSS_WITH_ARIA_256_GCM_SHA384", Dhe, A::Dss, ARIA_256_GCM, Sha384),
    row(0xc058, "TLS_DH_DSS_WITH_ARIA_128_GCM_SHA256", Dh, A::Dss, ARIA_128_GCM, Sha256),
    row(0xc059, "TLS_DH_DSS_WITH_ARIA_256_GCM_SHA384", Dh, A::Dss, ARIA_256_GCM, Sha384),
    row(0xc05a, "TLS_DH_anon_WITH_ARIA_128_GCM_SHA256", Dh, A::Anonymous, ARIA_128_GCM, Sha256),
    row(0xc05b, "TLS_DH_anon_WITH_ARIA_256_GCM_SHA384", Dh, A::Anonymous, ARIA_256_GCM, Sha384),
    row(0xc05c, "TLS_ECDHE_ECDSA_WITH_ARIA_128_GCM_SHA256", Ecdhe, A::Ecdsa, ARIA_128_GCM, Sha256),
    row(0xc05d, "TLS_ECDHE_ECDSA_WITH_ARIA_256_GCM_SHA384", Ecdhe, A::Ecdsa, ARIA_256_GCM, Sha384),
    row(0xc05e, "TLS_ECDH_ECDSA_WITH_ARIA_128_GCM_SHA256", Ecdh, A::Ecdsa, ARIA_128_GCM, Sha256),
    row(0xc05f, "TLS_ECDH_ECDSA_WITH_ARIA_256_GCM_SHA384", Ecdh, A::Ecdsa, ARIA_256_GCM, Sha384),
    row(0xc060, "TLS_ECDHE_RSA_WITH_ARIA_128_GCM_SHA256", Ecdhe, A::Rsa, ARIA_128_GCM, Sha256),
    row(0xc061, "TLS_ECDHE_RSA_WITH_ARIA_256_GCM_SHA384", Ecdhe, A::Rsa, ARIA_256_GCM, Sha384),
    row(0xc062, "TLS_ECDH_RSA_WITH_ARIA_128_GCM_SHA256", Ecdh, A::Rsa, ARIA_128_GCM, Sha256),
    row(0xc063, "TLS_ECDH_RSA_WITH_ARIA_256_GCM_SHA384", Ecdh, A::Rsa, ARIA_256_GCM, Sha384),
    row(0xc064, "TLS_PSK_WITH_ARIA_128_CBC_SHA256", K::Psk, A::Psk, ARIA_128_CBC, Sha256),
    row(0xc065, "TLS_PSK_WITH_ARIA_256_CBC_SHA384", K::Psk, A::Psk, ARIA_256_CBC, Sha384),
    row(0xc066, "TLS_DHE_PSK_WITH_ARIA_128_CBC_SHA256", Dhe, A::Psk, ARIA_128_CBC, Sha256),
    row(0xc067, "TLS_DHE_PSK_WITH_ARIA_256_CBC_SHA384", Dhe, A::Psk, ARIA_256_CBC, Sha384),
    row(0xc068, "TLS_RSA_PSK_WITH_ARIA_128_CBC_SHA256", K::Rsa, A::Psk, ARIA_128_CBC, Sha256),
    row(0xc069, "TLS_RSA_PSK_WITH_ARIA_256_CBC_SHA384", K::Rsa, A::Psk, ARIA_256_CBC, Sha384),
    row(0xc06a, "TLS_PSK_WITH_ARIA_128_GCM_SHA256", K::Psk, A::Psk, ARIA_128_GCM, Sha256),
    row(0xc06b, "TLS_PSK_WITH_ARIA_256_GCM_SHA384", K::Psk, A::Psk, ARIA_256_GCM, Sha384),
    row(0xc06c, "TLS_DHE_PSK_WITH_ARIA_128_GCM_SHA256", Dhe, A::Psk, ARIA_128_GCM, Sha256),
    row(0xc06d, "TLS_DHE_PSK_WITH_ARIA_256_GCM_SHA384", Dhe, A::Psk, ARIA_256_GCM, Sha384),
    row(0xc06e, "TLS_RSA_PSK_WITH_ARIA_128_GCM_SHA256", K::Rsa, A::Psk, ARIA_128_GCM, Sha256),
    row(0xc06f, "TLS_RSA_PSK_WITH_ARIA_256_GCM_SHA384", K::Rsa, A::Psk, ARIA_256_GCM, Sha384),
    row(0xc070, "TLS_ECDHE_PSK_WITH_ARIA_128_CBC_SHA256", Ecdhe, A::Psk, ARIA_128_CBC, Sha256),
    row(0xc071, "TLS_ECDHE_PSK_WITH_ARIA_256_CBC_SHA384", Ecdhe, A::Psk, ARIA_256_CBC, Sha384),
    row(0xc072, "TLS_ECDHE_ECDSA_WITH_CAMELLIA_128_CBC_SHA256", Ecdhe, A::Ecdsa, CAMELLIA_128_CBC, Sha256),
    row(0xc073, "TLS_ECDHE_ECDSA_WITH_CAMELLIA_256_CBC_SHA384", Ecdhe, A::Ecdsa, CAMELLIA_256_CBC, Sha384),
    row(0xc074, "TLS_ECDH_ECDSA_WITH_CAMELLIA_128_CBC_SHA256", Ecdh, A::Ecdsa, CAMELLIA_128_CBC, Sha256),
    row(0xc075, "TLS_ECDH_ECDSA_WITH_CAMELLIA_256_CBC_SHA384", Ecdh, A::Ecdsa, CAMELLIA_256_CBC, Sha384),
    row(0xc076, "TLS_ECDHE_RSA_WITH_CAMELLIA_128_CBC_SHA256", Ecdhe, A::Rsa, CAMELLIA_128_CBC, Sha256),
    row(0xc077, "TLS_ECDHE_RSA_WITH_CAMELLIA_256_CBC_SHA384", Ecdhe, A::Rsa, CAMELLIA_256_CBC, Sha384),
    row(0xc078, "TLS_ECDH_RSA_WITH_CAMELLIA_128_CBC_SHA256", Ecdh, A::Rsa, CAMELLIA_128_CBC, Sha256),
    row(0xc079, "TLS_ECDH_RSA_WITH_CAMELLIA_256_CBC_SHA384", Ecdh, A::Rsa, CAMELLIA_256_CBC, Sha384),
    row(0xc07a, "TLS_RSA_WITH_CAMELLIA_128_GCM_SHA256", K::Rsa, A::Rsa, CAMELLIA_128_GCM, Sha256),
    row(0xc07b, "TLS_RSA_WITH_CAMELLIA_256_GCM_SHA384", K::Rsa, A::Rsa, CAMELLIA_256_GCM, Sha384),
    row(0xc07c, "TLS_DHE_RSA_WITH_CAMELLIA_128_GCM_SHA256", Dhe, A::Rsa, CAMELLIA_128_GCM, Sha256),
    row(0xc07d, "TLS_DHE_RSA_WITH_CAMELLIA_256_GCM_SHA384", Dhe, A::Rsa, CAMELLIA_256_GCM, Sha384),
    row(0xc07e, "TLS_DH_RSA_WITH_CAMELLIA_128_GCM_SHA256", Dh, A::Rsa, CAMELLIA_128_GCM, Sha256),
    row(0xc07f, "TLS_DH_RSA_WITH_CAMELLIA_256_GCM_SHA384", Dh, A::Rsa, CAMELLIA_256_GCM, Sha384),
    row(0xc080, "TLS_DHE_DSS_WITH_CAMELLIA_128_GCM_SHA256", Dhe, A::Dss, CAMELLIA_128_GCM, Sha256),
    row(0xc081, "TLS_DHE_DSS_WITH_CAMELLIA_256_GCM_SHA384", Dhe, A::Dss, CAMELLIA_256_GCM, Sha384),
    row(0xc082, "TLS_DH_DSS_WITH_CAMELLIA_128_GCM_SHA256", Dh, A::Dss, CAMELLIA_128_GCM, Sha256),
    row(0xc083, "TLS_DH_DSS_WITH_CAMELLIA_256_GCM_SHA384", Dh, A::Dss, CAMELLIA_256_GCM, Sha384),
    row(0xc084, "TLS_DH_anon_WITH_CAMELLIA_128_GCM_SHA256", Dh, A::Anonymous, CAMELLIA_128_GCM, Sha256),
    row(0xc085, "TLS_DH_anon_WITH_CAMELLIA_256_GCM_SHA384", Dh, A::Anonymous, CAMELLIA_256_GCM, Sha384),
    row(0xc086, "TLS_ECDHE_ECDSA_WITH_CAMELLIA_128_GCM_SHA256", Ecdhe, A::Ecdsa, CAMELLIA_128_GCM, Sha256),
    row(0xc087, "TLS_ECDHE_ECDSA_WITH_CAMELLIA_256_GCM_SHA384", Ecdhe, A::Ecdsa, CAMELLIA_256_GCM, Sha384),
    row(0xc088, "TLS_ECDH_ECDSA_WITH_CAMELLIA_128_GCM_SHA256", Ecdh, A::Ecdsa, CAMELLIA_128_GCM, Sha256),
    row(0xc089, "TLS_ECDH_ECDSA_WITH_CAMELLIA_256_GCM_SHA384", Ecdh, A::Ecdsa, CAMELLIA_256_GCM, Sha384),
    row(0xc08a, "TLS_ECDHE_RSA_WITH_CAMELLIA_128_GCM_SHA256", Ecdhe, A::Rsa, CAMELLIA_128_GCM, Sha256),
    row(0xc08b, "TLS_ECDHE_RSA_WITH_CAMELLIA_256_GCM_SHA384", Ecdhe, A::Rsa, CAMELLIA_256_GCM, Sha384),
    row(0xc08c, "TLS_ECDH_RSA_WITH_CAMELLIA_128_GCM_SHA256", Ecdh, A::Rsa, CAMELLIA_128_GCM, Sha256),
    row(0xc08d, "TLS_ECDH_RSA_WITH_CAMELLIA_256_GCM_SHA384", Ecdh, A::Rsa, CAMELLIA_256_GCM, Sha384),
    row(0xc08e, "TLS_PSK_WITH_CAMELLIA_128_GCM_SHA256", K::Psk, A::Psk, CAMELLIA_128_GCM, Sha256),
    row(0xc08f, "TLS_PSK_WITH_CAMELLIA_256_GCM_SHA384", K::Psk, A::Psk, CAMELLIA_256_GCM, Sha384),
    row(0xc090, "TLS_DHE_PSK_WITH_CAMELLIA_128_GCM_SHA256", Dhe, A::Psk, CAMELLIA_128_GCM, Sha256),
    row(0xc091, "TLS_DHE_PSK_WITH_CAMELLIA_256_GCM_SHA384", Dhe, A::Psk, CAMELLIA_256_GCM, Sha384),
    row(0xc092, "TLS_RSA_PSK_WITH_CAMELLIA_128_GCM_SHA256", K::Rsa, A::Psk, CAMELLIA_128_GCM, Sha256),
    row(0xc093, "TLS_RSA_PSK_WITH_CAMELLIA_256_GCM_SHA384", K::Rsa, A::Psk, CAMELLIA_256_GCM, Sha384),
    row(0xc094, "TLS_PSK_WITH_CAMELLIA_128_CBC_SHA256", K::Psk, A::Psk, CAMELLIA_128_CBC, Sha256),
    row(0xc095, "TLS_PSK_WITH_CAMELLIA_256_CBC_SHA384", K::Psk, A::Psk, CAMELLIA_256_CBC, Sha384),
    row(0xc096, "TLS_DHE_PSK_WITH_CAMELLIA_128_CBC_SHA256", Dhe, A::Psk, CAMELLIA_128_CBC, Sha256),
    row(0xc097, "TLS_DHE_PSK_WITH_CAMELLIA_256_CBC_SHA384", Dhe, A::Psk, CAMELLIA_256_CBC, Sha384),
    row(0xc098, "TLS_RSA_PSK_WITH_CAMELLIA_128_CBC_SHA256", K::Rsa, A::Psk, CAMELLIA_128_CBC, Sha256),
    row(0xc099, "TLS_RSA_PSK_WITH_CAMELLIA_256_CBC_SHA384", K::Rsa, A::Psk, CAMELLIA_256_CBC, Sha384),
    row(0xc09a, "TLS_ECDHE_PSK_WITH_CAMELLIA_128_CBC_SHA256", Ecdhe, A::Psk, CAMELLIA_128_CBC, Sha256),
    row(0xc09b, "TLS_ECDHE_PSK_WITH_CAMELLIA_256_CBC_SHA384", Ecdhe, A::Psk, CAMELLIA_256_CBC, Sha384),
    row(0xc09c, "TLS_RSA_WITH_AES_128_CCM", K::Rsa, A::Rsa, AES_128_CCM, Sha256),
    row(0xc09d, "TLS_RSA_WITH_AES_256_CCM", K::Rsa, A::Rsa, AES_256_CCM, Sha256),
    row(0xc09e, "TLS_DHE_RSA_WITH_AES_128_CCM", Dhe, A::Rsa, AES_128_CCM, Sha256),
    row(0xc09f, "TLS_DHE_RSA_WITH_AES_256_CCM", Dhe, A::Rsa, AES_256_CCM, Sha256),
    row(0xc0a0, "TLS_RSA_WITH_AES_128_CCM_8", K::Rsa, A::Rsa, AES_128_CCM_8, Sha256),
    row(0xc0a1, "TLS_RSA_WITH_AES_256_CCM_8", K::Rsa, A::Rsa, AES_256_CCM_8, Sha256),
    row(0xc0a2, "TLS_DHE_RSA_WITH_AES_128_CCM_8", Dhe, A::Rsa, AES_128_CCM_8, Sha256),
    row(0xc0a3, "TLS_DHE_RSA_WITH_AES_256_CCM_8", Dhe, A::Rsa, AES_256_CCM_8, Sha256),
    row(0xc0a4, "TLS_PSK_WITH_AES_128_CCM", K::Psk, A::Psk, AES_128_CCM, Sha256),
    row(0xc0a5, "TLS_PSK_WITH_AES_256_CCM", K::Psk, A::Psk, AES_256_CCM, Sha256),
    row(0xc0a6, "TLS_DHE_PSK_WITH_AES_128_CCM", Dhe, A::Psk, AES_128_CCM, Sha256),
    row(0xc0a7, "TLS_DHE_PSK_WITH_AES_256_CCM", Dhe, A::Psk, AES_256_CCM, Sha256),
    row(0xc0a8, "TLS_PSK_WITH_AES_128_CCM_8", K::Psk, A::Psk, AES_128_CCM_8, Sha256),
    row(0xc0a9, "TLS_PSK_WITH_AES_256_CCM_8", K::Psk, A::Psk, AES_256_CCM_8, Sha256),
    row(0xc0aa, "TLS_PSK_DHE_WITH_AES_128_CCM_8", Dhe, A::Psk, AES_128_CCM_8, Sha256),
    row(0xc0ab, "TLS_PSK_DHE_WITH_AES_256_CCM_8", Dhe, A::Psk, AES_256_CCM_8, Sha256),
    row(0xc0ac, "TLS_ECDHE_ECDSA_WITH_AES_128_CCM", Ecdhe, A::Ecdsa, AES_128_CCM, Sha256),
    row(0xc0ad, "TLS_ECDHE_ECDSA_WITH_AES_256_CCM", Ecdhe, A::Ecdsa, AES_256_CCM, Sha256),
    row(0xc0ae, "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8", Ecdhe, A::Ecdsa, AES_128_CCM_8, Sha256),
    row(0xc0af, "TLS_ECDHE_ECDSA_WITH_AES_256_CCM_8", Ecdhe, A::Ecdsa, AES_256_CCM_8, Sha256),
    row(0xc0b4, "TLS_SHA256_SHA256", Group, A::Certificate, NULL, Sha256),
    row(0xc0b5, "TLS_SHA384_SHA384", Group, A::Certificate, NULL, Sha384),
    row(0xcca8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", Ecdhe, A::Rsa, CHACHA20_POLY1305, Sha256),
    row(0xcca9, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", Ecdhe, A::Ecdsa, CHACHA20_POLY1305, Sha256),
    row(0xccaa, "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256", Dhe, A::Rsa, CHACHA20_POLY1305, Sha256),
    row(0xccab, "TLS_PSK_WITH_CHACHA20_POLY1305_SHA256", K::Psk, A::Psk, CHACHA20_POLY1305, Sha256),
    row(0xccac, "TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256", Ecdhe, A::Psk, CHACHA20_POLY1305, Sha256),
    row(0xccad, "TLS_DHE_PSK_WITH_CHACHA20_POLY1305_SHA256", Dhe, A::Psk, CHACHA20_POLY1305, Sha256),
    row(0xccae, "TLS_RSA_PSK_WITH_CHACHA20_POLY1305_SHA256", K::Rsa, A::Psk, CHACHA20_POLY1305, Sha256),
    row(0xd001, "TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256", Ecdhe, A::Psk, AES_128_GCM, Sha256),
    row(0xd002, "TLS_ECDHE_PSK_WITH_AES_256_GCM_SHA384", Ecdhe, A::Psk, AES_256_GCM, Sha384),
    row(0xd003, "TLS_ECDHE_PSK_WITH_AES_128_CCM_8_SHA256", Ecdhe, A::Psk, AES_128_CCM_8, Sha256),
    row(0xd005, "TLS_ECDHE_PSK_WITH_AES_128_CCM_SHA256", Ecdhe, A::Psk, AES_128_CCM, Sha256),
];

impl Suite {
    /// What it is made of; `None` for a number that is not in the table.
    #[must_use]
    pub fn parts(self) -> Option<&'static SuiteParts> {
        let at = CIPHER_SUITES.binary_search_by_key(&self, |parts| parts.suite).ok()?;
        CIPHER_SUITES.get(at)
    }

    /// IANA's name; `None` for a number that is not in the table.
    #[must_use]
    pub fn known_name(self) -> Option<&'static str> {
        self.parts().map(|parts| parts.name)
    }

    /// All suites of the table.
    pub fn all() -> impl Iterator<Item = Self> {
        SuiteParts::all().map(|parts| parts.suite)
    }

    /// Whether it encrypts; not known of a number that is not in the table, which is taken to.
    #[must_use]
    pub fn encrypts(self) -> bool {
        self.parts().is_none_or(|parts| parts.cipher != NULL)
    }

    /// Whether it is one of TLS 1.3's, which no older version can use (RFC 8446, appendix B.4).
    #[must_use]
    pub fn is_tls13(self) -> bool {
        self.parts().is_some_and(|parts| parts.key_exchange == Group)
    }
}

impl SuiteParts {
    /// The whole table, by number.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        CIPHER_SUITES.iter()
    }
}

impl fmt::Display for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.known_name() {
            Some(name) => f.pad(name),
            None => f.pad(&format!("0x{:04x}", self.0)),
        }
    }
}

impl fmt::Debug for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Suite {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

const fn row(
    number: u16,
    name: &'static str,
    key_exchange: K,
    authentication: A,
    cipher: Cipher,
    hash: Hash,
) -> SuiteParts {
    SuiteParts { suite: Suite(number), name, key_exchange, authentication, cipher, hash }
}

#[cfg(test)]
mod tests;
