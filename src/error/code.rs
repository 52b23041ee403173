//! The codes of errors: one row each, with what the code means and what to do. `docs/errors.md` is made from them.

mod board;
mod cert;
mod client;
mod discover;
mod doctor;
mod emulate;
mod firmware;
mod flash;
mod hil;
mod init;
mod load;
mod man;
mod monitor;
mod output;
mod port;
mod probe;
mod provisioning;
mod runtime;
mod serial;
mod usage;

use std::fmt;

use serde::{Serialize, Serializer};

use super::Fault;

/// The stable name of a kind of error, for scripts: the module, a dot, the reason in snake case, as in
/// `cert.file_exists`.
///
/// Only the rows in `src/error/code/` make one, so a code that is not documented does not compile.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Code(&'static Row);

/// What is known of a code.
#[derive(PartialEq, Eq)]
struct Row {
    text: &'static str,
    faults: &'static [Fault],
    meaning: &'static str,
    advice: &'static str,
}

/// The codes that begin with the same word.
#[derive(Debug)]
pub struct CodeGroup {
    /// What they are about, as a heading.
    pub title: &'static str,
    /// The codes, in alphabetical order.
    pub codes: &'static [Code],
}

impl Code {
    /// All codes, in groups, in alphabetical order.
    pub const GROUPS: &'static [CodeGroup] = &[
        board::GROUP,
        cert::GROUP,
        client::GROUP,
        discover::GROUP,
        doctor::GROUP,
        emulate::GROUP,
        firmware::GROUP,
        flash::GROUP,
        hil::GROUP,
        init::GROUP,
        load::GROUP,
        man::GROUP,
        monitor::GROUP,
        output::GROUP,
        port::GROUP,
        probe::GROUP,
        provisioning::GROUP,
        runtime::GROUP,
        serial::GROUP,
        usage::GROUP,
    ];

    /// The code as scripts see it, as in `cert.file_exists`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.0.text
    }

    /// Whose fault an error with this code can be, which decides the exit code.
    #[must_use]
    pub fn faults(self) -> &'static [Fault] {
        self.0.faults
    }

    /// What an error with this code means, in one sentence.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        self.0.meaning
    }

    /// Whether `esp-https doctor` looks at what an error with this code is about: it then tells more than the error.
    #[must_use]
    pub fn is_checked_by_doctor(self) -> bool {
        doctor::CHECKED.contains(&self)
    }

    /// What to do about it, as a sentence in Markdown.
    #[must_use]
    pub fn advice(self) -> &'static str {
        self.0.advice
    }

    /// The same as the hint of an error: without a capital at its start and a full stop at its end, and with the marks of
    /// Markdown only around a command of ours in the middle of a sentence.
    #[must_use]
    pub fn hint(self) -> String {
        let advice = self.advice().trim_end_matches('.');
        let mut hint = String::with_capacity(advice.len());
        for (index, part) in advice.split('`').enumerate() {
            match index % 2 {
                1 if part.starts_with(PROGRAM) && !hint.ends_with(": ") => {
                    hint.push_str(&format!("`{part}`"));
                }
                _ => hint.push_str(part),
            }
        }
        let is_word = hint.chars().nth(1).is_none_or(char::is_lowercase);
        match hint.chars().next() {
            Some(first) if is_word => first.to_lowercase().chain(hint.chars().skip(1)).collect(),
            _ => hint,
        }
    }
}

/// How a command of ours begins.
const PROGRAM: &str = "esp-https ";

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// The codes of one group: `NAME = "text", Fault | Fault, "meaning", "advice";`, where the name is the text in capitals.
macro_rules! codes {
    (
        $title:literal
        $($name:ident = $text:literal, $($fault:ident)|+, $meaning:literal, $advice:literal;)+
    ) => {
        impl $crate::error::Code {
            $(
                #[doc = concat!("`", $text, "`: ", $meaning)]
                pub const $name: Self = Self(&super::Row {
                    text: $text,
                    faults: &[$($crate::error::Fault::$fault),+],
                    meaning: $meaning,
                    advice: $advice,
                });
            )+
        }

        /// These codes.
        pub(super) const GROUP: super::CodeGroup =
            super::CodeGroup { title: $title, codes: &[$($crate::error::Code::$name),+] };
    };
}
use codes;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advice_is_a_sentence_in_the_documentation_and_a_part_of_one_in_a_hint() {
        for (code, hint) in [
            (Code::OUTPUT_EXISTS, "replace it with --force, or choose another name"),
            (Code::PORT_SEVERAL, "name one with --port, or flash them all: esp-https flash --all"),
            (Code::CLIENT_BODY, "check the path of the file; a body may have up to 16 MiB"),
            (
                Code::PROBE_BROKEN_HTTP,
                "TLS works; correct how the device writes the header and the body of its answer",
            ),
        ] {
            assert_eq!(code.hint(), hint);
        }
    }
}
