//! Does it accept obsolete suites in a version before TLS 1.2? Some servers do so there only. And does it use suites of TLS 1.2 in
//! one, which no such version has?

use super::{
    Known,
    family::{ANONYMOUS, DES, EXPORT, Family, NULL, RC4, STATIC_ECDH, TRIPLE_DES, ask_each_of},
};
use crate::probe::audit::item::{Evidence, Item, Section, Subject, Value, Verdict};
use crate::probe::audit::machinery::{
    asker::Asker,
    offer::{Offer, cheapest_first, is_before_tls12, is_common},
    outcome::QuestionOutcome,
};
use crate::tls::{ProtocolVersion, SuiteParts};

pub(super) const SUBJECTS: &[Subject] =
    &[OLD_TRIPLE_DES, OLD_RC4, OLD_DES, OLD_STATIC_ECDH, OLD_NULL, OLD_EXPORT, OLD_ANONYMOUS, NEWER_SUITES];

/// Asks for all of them in each version before TLS 1.2 that is accepted.
pub(super) async fn ask(asker: &mut Asker<'_>, known: &mut Known<'_>) {
    let versions: Vec<_> =
        known.older_versions.iter().copied().filter(|it| *it < ProtocolVersion::TLS_1_2).collect();
    let mut answers: Vec<_> = SUBJECTS.iter().map(|subject| Answer::new(*subject)).collect();
    for version in &versions {
        let offer = Offer::old(*version, asker.name());
        for (families, outcome) in ask_each_of(asker, OBSOLETE_SUBJECT, FAMILIES, &offer).await {
            let are_asked = |answer: &&mut Answer| families.iter().any(|it| subject_of(it) == answer.subject);
            answers.iter_mut().filter(are_asked).for_each(|answer| answer.note(*version, &outcome));
        }
        let outcome = ask_newer_suites(asker, &offer).await;
        answers.iter_mut().filter(|it| it.subject == NEWER_SUITES).for_each(|it| it.note(*version, &outcome));
    }
    let unasked = known.items.iter().find(|it| is_older(it.subject) && it.is_open()).cloned();
    known.items.extend(answers.into_iter().map(|answer| answer.item(unasked.as_ref())));
}

/// Asks for the suites that came with TLS 1.2 and that servers of today have, in an older version.
async fn ask_newer_suites(asker: &mut Asker<'_>, old: &Offer) -> QuestionOutcome {
    let newer = SuiteParts::all().filter(|it| is_common(it) && !it.suite.is_tls13() && !is_before_tls12(it));
    asker.ask_in_pieces(NEWER_SUITES, &Offer { suites: cheapest_first(newer), ..old.clone() }).await
}

/// What was answered to one question, in all versions.
struct Answer {
    subject: Subject,
    accepted: Vec<String>,
    /// What came where it was not accepted, the openest first.
    refused: Option<Item>,
}

impl Answer {
    fn new(subject: Subject) -> Self {
        Self { subject, accepted: Vec::new(), refused: None }
    }

    fn note(&mut self, version: ProtocolVersion, outcome: &QuestionOutcome) {
        match outcome {
            QuestionOutcome::Accepted { flight, .. } if flight.hello.version() == version => {
                self.accepted.push(format!("{} in {version}", flight.hello.suite));
            }
            QuestionOutcome::Accepted { flight, attempts } => {
                let says = format!("it chose {}", flight.hello.version());
                let no = self.subject.item(Verdict::No, Evidence::seen(says, *attempts));
                self.refused.get_or_insert(no);
            }
            refused => {
                let item = refused.refusal(self.subject);
                if self.refused.as_ref().is_none_or(|it| it.verdict == Verdict::No) {
                    self.refused = Some(item);
                }
            }
        }
    }

    /// `unasked` is a version of which it can't be told whether it is accepted.
    fn item(self, unasked: Option<&Item>) -> Item {
        let subject = self.subject;
        match (self.accepted.is_empty(), self.refused, unasked) {
            (false, ..) => {
                let says = format!("ServerHello to {} of them", self.accepted.len());
                subject.with(Verdict::Yes, Value::Names(self.accepted), Evidence::known(says))
            }
            (true, refused, Some(open)) if refused.as_ref().is_none_or(|it| it.verdict == Verdict::No) => {
                subject.item(open.verdict, open.evidence.clone())
            }
            (true, Some(refused), _) => refused,
            (true, None, _) => subject.not_applicable("it accepts no version before TLS 1.2"),
        }
    }
}

fn is_older(subject: Subject) -> bool {
    use super::older_versions::{SSL_3, TLS_1_0, TLS_1_1};
    [TLS_1_1, TLS_1_0, SSL_3].contains(&subject)
}

/// What is reported of a family in these versions.
fn subject_of(family: &Family) -> Subject {
    let at = FAMILIES.iter().position(|it| it.subject == family.subject);
    at.and_then(|at| SUBJECTS.get(at)).copied().unwrap_or(OBSOLETE_SUBJECT)
}

/// In the order of [`SUBJECTS`].
const FAMILIES: &[Family] = &[TRIPLE_DES, RC4, DES, STATIC_ECDH, NULL, EXPORT, ANONYMOUS];

const fn subject(id: &'static str, title: &'static str) -> Subject {
    Subject::new(Section::BeforeTls12, id, title)
}

pub(crate) const OLD_TRIPLE_DES: Subject = subject("before_tls1_2.3des", "3DES before TLS 1.2");
pub(crate) const OLD_RC4: Subject = subject("before_tls1_2.rc4", "RC4 before TLS 1.2");
pub(crate) const OLD_DES: Subject = subject("before_tls1_2.des", "DES or IDEA before TLS 1.2");
pub(crate) const OLD_STATIC_ECDH: Subject =
    subject("before_tls1_2.static_ecdh", "static ECDH before TLS 1.2");
pub(crate) const OLD_NULL: Subject = subject("before_tls1_2.null", "NULL before TLS 1.2");
pub(crate) const OLD_EXPORT: Subject = subject("before_tls1_2.export", "EXPORT before TLS 1.2");
pub(crate) const OLD_ANONYMOUS: Subject = subject("before_tls1_2.anonymous", "anonymous before TLS 1.2");
pub(crate) const NEWER_SUITES: Subject =
    subject("before_tls1_2.newer_suites", "suites of TLS 1.2 before TLS 1.2");
/// The one hello that asks for all obsolete families; its answer is reported of each.
const OBSOLETE_SUBJECT: Subject = subject("before_tls1_2.obsolete", "obsolete suites before TLS 1.2");
