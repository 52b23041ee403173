//! What a code's row must be like, that something raises it, and that a test does.

use std::collections::BTreeSet;

use esp_https::error::Code;

use crate::sources::{self, Sources};

fn codes() -> impl Iterator<Item = Code> {
    Code::GROUPS.iter().flat_map(|group| group.codes).copied()
}

/// `cert.bad_san` is `Code::CERT_BAD_SAN` in the source.
fn name(code: Code) -> String {
    code.as_str().to_uppercase().replace('.', "_")
}

fn named(codes: impl Iterator<Item = Code>) -> Vec<&'static str> {
    codes.map(Code::as_str).collect()
}

#[test]
fn codes_are_in_alphabetical_order_and_each_is_there_once() {
    let order = |code: &&str| code.replace('_', "");
    for group in Code::GROUPS {
        let texts = named(group.codes.iter().copied());
        let mut sorted = texts.clone();
        sorted.sort_by_key(order);
        assert_eq!(texts, sorted, "{}", group.title);
        let modules: BTreeSet<_> = texts.iter().map(|text| text.split('.').next().unwrap()).collect();
        assert_eq!(modules.len(), 1, "{}: one module each", group.title);
    }
    let all: BTreeSet<_> = codes().map(Code::as_str).collect();
    assert_eq!(all.len(), codes().count());
}

#[test]
fn meaning_and_advice_are_sentences() {
    for code in codes() {
        assert!(!code.faults().is_empty(), "{code}");
        for text in [code.meaning(), code.advice()] {
            let begins = text.starts_with(|first: char| first.is_uppercase() || first == '`');
            assert!(begins && text.ends_with('.') && !text.contains('\n'), "{code}: {text}");
        }
    }
}

#[test]
fn every_code_is_raised_somewhere() {
    let raising = Sources::of_the_program();
    let dead = codes().filter(|code| !raising.name(&name(*code)));
    assert_eq!(named(dead), [""; 0], "remove the rows of these from src/error/code/");
}

/// A code counts as raised by a test when it is compared with there: by its text alone or at the beginning of a line of a
/// snapshot, or by its name.
#[test]
fn every_code_is_raised_by_a_test() {
    let tests = Sources::of_the_tests();
    let untested = codes().filter(|code| !tests.name(&name(*code)) && !tests.compare_with(code.as_str()));
    let untested: Vec<&str> = named(untested);
    let excepted: Vec<&str> = EXCEPTED.iter().map(|(code, _)| code.as_str()).collect();
    assert_eq!(untested, excepted, "write a test that raises the code, or mend the list of exceptions");
}

#[test]
fn a_code_is_found_only_where_it_is_compared_with() {
    let found = |text: &str| sources::compares_with(text, "port.none");
    for text in [
        "(4, \"port.none\")",
        "    4 port.none: looking for a board",
        "  port.none: there is",
        "\"port.none: x\"",
    ] {
        assert!(found(text), "{text}");
    }
    for text in
        ["// port.none", "\"port.none_at_all\"", "an.port.none", "\"/tmp/port.none\"", "see port.none"]
    {
        assert!(!found(text), "{text}");
    }
}

#[test]
fn no_message_repeats_an_error_of_the_system_as_it_prints_itself() {
    assert_eq!(Sources::of_the_program().raw_messages(), [""; 0], "say it by os_error::in_words");
    let raw = "#[error(\"{}: {source}\", path.display())]\n    File {\n        source: io::Error,\n    },\n";
    assert_eq!(Sources::of_text(raw).raw_messages().len(), 1);
}

#[test]
fn the_advice_of_a_code_is_written_once() {
    let sources = Sources::of_the_program();
    let twice = codes().filter(|code| code.hint().len() > "nothing".len() && sources.say(&code.hint()));
    assert_eq!(named(twice), [""; 0], "use Error::advised, which takes it from the row");
    let literal = "x.hint(\"make a new pair: \\\n        `esp-https certgen`\")";
    assert!(Sources::of_text(literal).say("make a new pair: esp-https certgen"));
    assert!(!Sources::of_text(literal).say("make a new pair"));
}

/// Codes that no test can raise, each with the reason.
const EXCEPTED: [(Code, &str); 0] = [];
