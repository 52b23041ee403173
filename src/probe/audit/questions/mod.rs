//! The questions of an audit, one subject a file, in the order in which they are asked.
//!
//! To add one, write its file and add its name to [`registered`] below. The file has
//!
//! - `SUBJECTS`, what it reports of, with ids, titles and sections; report, policy, schema and docs follow from it;
//! - `ask`, which asks and adds an item for each of them to [`Known`].

mod all_extensions;
pub(crate) mod alpn;
pub(crate) mod client_certificate;
pub(crate) mod everything;
pub(crate) mod extensions;
pub(crate) mod family;
pub(crate) mod hello_forms;
pub(crate) mod hello_retry;
pub(crate) mod keys;
mod known;
pub(crate) mod obsolete_families;
pub(crate) mod older_versions;
pub(crate) mod plain_text;
pub(crate) mod request_header;
pub(crate) mod resumption;

pub(crate) use known::Known;

use super::{
    item::{Item, Section, Subject},
    machinery::asker::Asker,
};

/// Registers the files of questions, in the order in which they are asked.
macro_rules! registered {
    ($($file:ident),* $(,)?) => {
        /// What all of them report of, in the order in which they are asked.
        const SUBJECTS: &[&[Subject]] = &[$($file::SUBJECTS),*];

        /// Asks all of them.
        pub(super) async fn ask(asker: &mut Asker<'_>, known: &mut Known<'_>) {
            $($file::ask(asker, known).await;)*
        }
    };
}

registered![
    hello_retry,
    family,
    older_versions,
    obsolete_families,
    keys,
    extensions,
    client_certificate,
    alpn,
    hello_forms,
    resumption,
    request_header,
    everything,
    plain_text,
];

/// All subjects that an audit reports of, in the order of its items.
#[must_use]
pub fn subjects() -> Vec<Subject> {
    versions_first(SUBJECTS.iter().copied().flatten().copied(), |subject| *subject)
}

/// The items in the order of a report: the versions first, then the others as they were asked.
pub(super) fn in_order(items: Vec<Item>) -> Vec<Item> {
    versions_first(items, |item| item.subject)
}

fn versions_first<T>(all: impl IntoIterator<Item = T>, subject: impl Fn(&T) -> Subject) -> Vec<T> {
    let (mut versions, others): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|it| subject(it).section == Section::Versions);
    versions.extend(others);
    versions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_questions_have_the_same_id_or_title_and_each_id_reads_back() {
        let all = subjects();
        for (index, subject) in all.iter().enumerate() {
            assert_eq!(subject.id.text().parse(), Ok(subject.id));
            for other in &all[index + 1..] {
                assert!(subject.id != other.id && subject.title != other.title, "{other:?}");
            }
        }
    }

    /// Each id is in the schema, so that a document with it is valid, and in the docs; neither has one that is gone.
    #[test]
    fn schema_and_docs_have_all_ids() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
        let schema = std::fs::read_to_string(folder.join("schema/probe.json")).unwrap();
        let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
        let ids: Vec<_> = subjects().iter().map(|subject| subject.id.text()).collect();
        assert_eq!(schema["$defs"]["item"]["properties"]["id"]["enum"], serde_json::json!(ids));
        let docs = std::fs::read_to_string(folder.join("audit.md")).unwrap();
        let rows: String = subjects()
            .iter()
            .map(|it| format!("| `{}` | {} | {} |\n", it.id, it.section.heading(), it.title))
            .collect();
        assert!(docs.contains(&rows), "docs/audit.md should have this table:\n{rows}");
        let listed = docs.lines().filter(|line| line.starts_with("| `") && line.matches('|').count() == 4);
        assert_eq!(listed.count(), ids.len(), "docs/audit.md has questions that are gone");
    }
}
