//! Did it answer in plain text, without TLS, though it speaks TLS? Some devices do so when they are busy.

use super::Known;
use crate::probe::audit::item::{Evidence, Section, Subject, Verdict};
use crate::probe::audit::machinery::asker::Asker;

pub(super) const SUBJECTS: &[Subject] = &[PLAIN_TEXT];

/// Adds the item; asks nothing: all connections until now tell.
pub(super) async fn ask(asker: &mut Asker<'_>, known: &mut Known<'_>) {
    let ledger = &asker.ledger;
    let item = match (ledger.plain_text, ledger.accepted_hellos + ledger.refused_hellos) {
        (0, 0) => PLAIN_TEXT.item(Verdict::Inconclusive, Evidence::known("it answered no connection")),
        (0, _) => PLAIN_TEXT.item(Verdict::No, Evidence::known("every answer was TLS")),
        (count, _) => {
            let says = format!("on {count} of {} connections", ledger.connections);
            PLAIN_TEXT.item(Verdict::Yes, Evidence::known(says))
        }
    };
    known.items.push(item);
}

pub(crate) const PLAIN_TEXT: Subject =
    Subject::new(Section::HellosAndRequests, "plain_text", "an answer in plain text");
