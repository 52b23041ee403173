//! Does it accept versions before TLS 1.2?

use super::Known;
use crate::probe::audit::item::{Evidence, Section, Subject, Verdict};
use crate::probe::audit::machinery::{asker::Asker, offer::Offer, outcome::QuestionOutcome};
use crate::tls::ProtocolVersion;

pub(super) const SUBJECTS: &[Subject] = &[TLS_1_1, TLS_1_0, SSL_3];

/// Asks for each of them by one hello with every suite that it could use.
pub(super) async fn ask(asker: &mut Asker<'_>, known: &mut Known<'_>) {
    ask_version(asker, known, ProtocolVersion::TLS_1_1, TLS_1_1).await;
    ask_version(asker, known, ProtocolVersion::TLS_1_0, TLS_1_0).await;
    ask_version(asker, known, ProtocolVersion::SSL_3, SSL_3).await;
}

async fn ask_version(
    asker: &mut Asker<'_>,
    known: &mut Known<'_>,
    version: ProtocolVersion,
    subject: Subject,
) {
    let outcome = asker.ask_in_pieces(subject, &Offer::old(version, asker.name())).await;
    let item = match &outcome {
        QuestionOutcome::Accepted { flight, attempts } if flight.hello.version() == version => {
            known.older_versions.push(version);
            if let (None, Some(request)) = (&known.certificate_request, &flight.certificate_request) {
                known.certificate_request = Some(request.ca_names.clone());
            }
            let says = format!("ServerHello, {}", flight.hello.suite);
            subject.item(Verdict::Yes, Evidence::seen(says, *attempts))
        }
        QuestionOutcome::Accepted { flight, attempts } => {
            let says = format!("it chose {}", flight.hello.version());
            subject.item(Verdict::No, Evidence::seen(says, *attempts))
        }
        other => other.refusal(subject),
    };
    known.items.push(item);
}

pub(crate) const TLS_1_1: Subject = Subject::new(Section::Versions, "version.tls1_1", "TLS 1.1");
pub(crate) const TLS_1_0: Subject = Subject::new(Section::Versions, "version.tls1_0", "TLS 1.0");
pub(crate) const SSL_3: Subject = Subject::new(Section::Versions, "version.ssl3", "SSL 3.0");
