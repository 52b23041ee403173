//! Who accepts a certificate as that of a server, once the issuer is trusted: the rules of each as data.

use serde::Serialize;
use x509_parser::{
    extensions::ParsedExtension,
    prelude::{FromDer as _, X509Certificate},
};

use super::{
    facts::{Certificate, KeyAlgorithm, Role, SignatureStrength, Validity},
    mbedtls::{self, Purpose},
};

/// Who looks at a server's certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Acceptor {
    /// The firmware of a board, which has to serve with it (Mbed TLS 3.6).
    Firmware,
    /// rustls, and so this program with `--cacert` (webpki 0.103).
    Rustls,
    /// Chromium, Firefox and their relatives.
    Browsers,
    /// The systems of Apple (support.apple.com/en-us/103769 and 103214).
    Apple,
    /// A client that ESP-IDF's esp-tls makes (Mbed TLS 3.6 with its default profile).
    EspIdf,
}

impl Acceptor {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Firmware, Self::Rustls, Self::Browsers, Self::Apple, Self::EspIdf];

    /// Its name for a person.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Firmware => "the firmware",
            Self::Rustls => "rustls",
            Self::Browsers => "browsers",
            Self::Apple => "Apple",
            Self::EspIdf => "ESP-IDF",
        }
    }
}

/// What one of them makes of a certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Acceptance {
    /// Who.
    pub by: Acceptor,
    /// Why it is refused, all reasons that are known; empty where it is accepted once the issuer is trusted.
    pub refused_because: Vec<String>,
}

/// What each makes of a certificate (DER) whose facts have been read; empty for a CA's that only signs others.
#[must_use]
pub fn acceptances(der: &[u8], facts: &Certificate) -> Vec<Acceptance> {
    let Ok((_, parsed)) = X509Certificate::from_der(der) else { return Vec::new() };
    let signs_only = parsed.key_usage().is_ok_and(|usage| {
        usage.is_some_and(|usage| usage.value.key_cert_sign() && !usage.value.digital_signature())
    });
    if signs_only {
        return Vec::new();
    }
    let leaf = Leaf::of(&parsed, facts);
    let of = |by: Acceptor| Acceptance { by, refused_because: refusals(by, &leaf, der) };
    Acceptor::ALL.into_iter().map(of).collect()
}

fn refusals(by: Acceptor, leaf: &Leaf<'_>, der: &[u8]) -> Vec<String> {
    let own = (by == Firmware).then(|| mbedtls::check(der, Purpose::Serving).err()).flatten();
    let rules = RULES.iter().filter(|rule| rule.of.contains(&by) && (rule.refuses)(leaf));
    own.iter().map(ToString::to_string).chain(rules.map(|rule| rule.because.to_owned())).collect()
}

/// What the rules look at.
struct Leaf<'a> {
    facts: &'a Certificate,
    /// extKeyUsage; `None` where there is none, which allows everything (RFC 5280, section 4.2.1.12).
    for_servers: Option<bool>,
    /// Whole days from its beginning to its end.
    days: i64,
    /// Whether there is a critical extension that hardly any client knows.
    unknown_critical: bool,
}

impl<'a> Leaf<'a> {
    fn of(parsed: &X509Certificate<'_>, facts: &'a Certificate) -> Self {
        let usage = parsed.extended_key_usage().ok().flatten();
        let dates = parsed.validity();
        let is_unknown = |extension: &ParsedExtension<'_>| {
            matches!(extension, ParsedExtension::UnsupportedExtension { .. } | ParsedExtension::Unparsed)
        };
        let mut critical = parsed.extensions().iter().filter(|extension| extension.critical);
        Self {
            facts,
            for_servers: usage.map(|usage| usage.value.server_auth || usage.value.any),
            days: (dates.not_after.to_datetime() - dates.not_before.to_datetime()).whole_days(),
            unknown_critical: critical.any(|extension| is_unknown(extension.parsed_extension())),
        }
    }

    fn rsa_bits(&self) -> Option<usize> {
        let key = &self.facts.key;
        (key.algorithm == KeyAlgorithm::Rsa).then_some(key.bits.unwrap_or_default())
    }

    fn is_on(&self, curves: &[&str]) -> bool {
        self.facts.key.curve.as_deref().is_none_or(|curve| curves.contains(&curve))
    }
}

/// One thing for which some refuse a certificate.
struct Rule {
    of: &'static [Acceptor],
    refuses: fn(&Leaf<'_>) -> bool,
    because: &'static str,
}

use Acceptor::{Apple, Browsers, EspIdf, Firmware, Rustls};

/// Everybody's rules, the gravest first.
const RULES: &[Rule] = &[
    Rule {
        of: &[Rustls, Browsers, Apple, EspIdf],
        refuses: |leaf| leaf.facts.validity == Validity::Expired,
        because: "it has expired",
    },
    Rule {
        of: &[Rustls, Browsers, Apple, EspIdf],
        refuses: |leaf| leaf.facts.validity == Validity::NotYetValid,
        because: "it is not valid yet",
    },
    // webpki: CaUsedAsEndEntity.
    Rule {
        of: &[Rustls],
        refuses: |leaf| leaf.facts.role == Role::Ca,
        because: "it is a CA's (CA:TRUE), and used as a server's",
    },
    // RFC 9525, section 2: the common name is not looked at any more.
    Rule {
        of: &[Rustls, Browsers, Apple],
        refuses: |leaf| leaf.facts.names.is_empty(),
        because: "it has no subject alternative name",
    },
    Rule {
        of: &[Rustls, Browsers, Apple, EspIdf],
        refuses: |leaf| leaf.for_servers == Some(false),
        because: "its extended key usage does not have serverAuth",
    },
    Rule {
        of: &[Apple],
        refuses: |leaf| leaf.for_servers.is_none(),
        because: "it has no extended key usage with serverAuth",
    },
    Rule {
        of: &[Apple],
        refuses: |leaf| leaf.days > APPLE_MOST_DAYS,
        because: "it is valid for more than 825 days",
    },
    Rule {
        of: &[Rustls, Browsers, Apple, EspIdf],
        refuses: |leaf| leaf.facts.signature_strength == SignatureStrength::Broken,
        because: "it is signed with MD5 or SHA-1",
    },
    Rule {
        of: &[Rustls, Browsers, Apple, EspIdf, Firmware],
        refuses: |leaf| leaf.rsa_bits().is_some_and(|bits| bits < LEAST_RSA_BITS),
        because: "its RSA key has fewer than 2048 bits",
    },
    Rule {
        of: &[Firmware],
        refuses: |leaf| !leaf.is_on(&["secp256r1", "secp384r1"]),
        because: "its key is on a curve that the firmware does not serve with",
    },
    Rule {
        of: &[Rustls, Browsers, Apple],
        refuses: |leaf| !leaf.is_on(&["secp256r1", "secp384r1", "secp521r1"]),
        because: "its key is on a curve that is not one of NIST's",
    },
    Rule {
        of: &[Firmware, EspIdf, Browsers, Apple],
        refuses: |leaf| leaf.facts.key.algorithm == KeyAlgorithm::Ed25519,
        because: "its key is Ed25519",
    },
    Rule { of: &[Rustls], refuses: |leaf| leaf.facts.version < 3, because: "it is not X.509 version 3" },
    Rule {
        of: &[Rustls, Browsers, Apple, EspIdf],
        refuses: |leaf| leaf.unknown_critical,
        because: "it has a critical extension that is not known",
    },
];

/// support.apple.com/en-us/103769.
const APPLE_MOST_DAYS: i64 = 825;
const LEAST_RSA_BITS: usize = 2048;

#[cfg(test)]
mod tests {
    use time::{OffsetDateTime, macros::datetime};

    use super::*;
    use crate::cert::{KeyType, PrivateKey, Request, Validity as Days, certify};

    const NOW: OffsetDateTime = datetime!(2026-11-27 12:00 UTC);

    fn refused(request: &Request, at: OffsetDateTime) -> String {
        let key = PrivateKey::generate(request.key_type).unwrap();
        let made = certify(request, &key, NOW).unwrap().certificate;
        let facts = Certificate::read(&made, at).unwrap();
        let said = acceptances(&made, &facts).into_iter().filter(|it| !it.refused_because.is_empty());
        said.map(|it| format!("{}: {}\n", it.by.name(), it.refused_because.join("; "))).collect()
    }

    #[test]
    fn each_kind_that_certgen_makes_is_accepted_by_those_that_it_is_for() {
        let p256 = |request: Request| Request { key_type: KeyType::P256, ..request };
        let server = p256(Request::server(None, Vec::new()));
        assert_eq!(refused(&server, NOW), "");
        insta::assert_snapshot!(refused(&p256(Request::book()), NOW), @r"
        rustls: it is a CA's (CA:TRUE), and used as a server's; it has no subject alternative name
        browsers: it has no subject alternative name
        Apple: it has no subject alternative name; it has no extended key usage with serverAuth; it is valid for more than 825 days
        ");
        let long = Request { validity: Days::days(826).unwrap(), ..server.clone() };
        assert_eq!(refused(&long, NOW), "Apple: it is valid for more than 825 days\n");
        let expired = refused(&server, datetime!(2036-01-01 0:00 UTC));
        assert_eq!(expired.matches("it has expired").count(), 4, "a board has no clock: {expired}");
        let client = refused(&p256(Request::client("tablet".parse().unwrap(), Vec::new())), NOW);
        assert_eq!(client.matches("does not have serverAuth").count(), 4, "{client}");
        let key = PrivateKey::generate(KeyType::P256).unwrap();
        let ca = certify(&Request::ca("Workshop".parse().unwrap()), &key, NOW).unwrap().certificate;
        assert_eq!(acceptances(&ca, &Certificate::read(&ca, NOW).unwrap()), []);
    }
}
