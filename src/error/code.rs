//! The codes of errors: one row each, with what the code means and what to do. `docs/errors.md` is made from them.

mod board;
mod cert;
mod client;
mod emulate;
mod firmware;
mod flash;
mod hil;
mod load;
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
        emulate::GROUP,
        firmware::GROUP,
        flash::GROUP,
        hil::GROUP,
        load::GROUP,
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

    /// What to do about it.
    #[must_use]
    pub fn advice(self) -> &'static str {
        self.0.advice
    }
}

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
