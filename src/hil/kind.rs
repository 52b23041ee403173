//! The kinds of steps: a table with what each is called, which command it runs, and which fields it has of its own.

use std::time::Duration;

/// A kind of step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StepKind {
    /// Makes a certificate.
    Certgen,
    /// Writes the board, or starts the emulated one.
    Flash,
    /// Waits until the board serves.
    Ready,
    /// Looks at the handshake, and asks what is to be asked.
    Probe,
    /// Makes a request, and looks at its answer.
    Http,
    /// Puts load on the board.
    Load,
    /// Puts load on the board again and again, and watches its heap and its restarts.
    Soak,
    /// Looks at what the board printed.
    Serial,
    /// Restarts the board.
    Restart,
    /// Lets time pass.
    Wait,
    /// Runs a command of the user's.
    Run,
}

/// A command of ours that a step runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verb {
    /// `esp-https certgen`.
    Certgen,
    /// `esp-https flash`.
    Flash,
    /// `esp-https emulate`.
    Emulate,
    /// `esp-https monitor`.
    Monitor,
    /// `esp-https probe`.
    Probe,
    /// `esp-https load`.
    Load,
}

impl Verb {
    /// The word on the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Certgen => "certgen",
            Self::Flash => "flash",
            Self::Emulate => "emulate",
            Self::Monitor => "monitor",
            Self::Probe => "probe",
            Self::Load => "load",
        }
    }
}

/// A field that a kind has beside the flags of its command.
#[derive(Debug, Clone, Copy)]
pub struct OwnField {
    /// Its key.
    pub name: &'static str,
    /// What it takes.
    pub value: ValueKind,
    /// How many.
    pub takes: Takes,
    /// What it is for, in one sentence without a full stop.
    pub help: &'static str,
}

/// How many values a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// None: it is true or false.
    Nothing,
    /// One.
    One,
    /// One, or an array of several.
    Many,
}

/// What the values of a field are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FlagValue {
    /// What this kind of value is.
    Of(ValueKind),
    /// One of these words.
    OneOf(Vec<String>),
}

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueKind {
    /// Any text, or a number; the command itself checks it.
    Text,
    /// A time, as in `30s`.
    Time,
    /// A whole number from 1.
    Count,
    /// A number of bytes.
    Bytes,
    /// A regular expression.
    Regex,
    /// A file to be read.
    Input,
    /// A file to be written, in the folder of the run.
    Output,
}

impl StepKind {
    /// All kinds.
    pub const ALL: [Self; 11] = [
        Self::Certgen,
        Self::Flash,
        Self::Ready,
        Self::Probe,
        Self::Http,
        Self::Load,
        Self::Soak,
        Self::Serial,
        Self::Restart,
        Self::Wait,
        Self::Run,
    ];

    /// The kind of this word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// The word in a scenario.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.row().word
    }

    /// What it is for.
    #[must_use]
    pub fn help(self) -> &'static str {
        self.row().help
    }

    /// The command whose flags are its fields.
    #[must_use]
    pub fn verb(self) -> Option<Verb> {
        self.row().verb
    }

    /// Its other fields.
    #[must_use]
    pub fn own_fields(self) -> &'static [OwnField] {
        self.row().own
    }

    /// Flags of its command that are no fields, because the runner gives them, or because a step has no use for them.
    #[must_use]
    pub fn hidden_flags(self) -> &'static [&'static str] {
        self.row().hidden
    }

    /// The field that a text in place of the table stands for, as in `wait = "5s"`.
    #[must_use]
    pub fn shorthand(self) -> Option<&'static str> {
        self.row().shorthand
    }

    /// What other steps can refer to, as in `${certgen.cert}`.
    #[must_use]
    pub fn results(self) -> &'static [&'static str] {
        self.row().results
    }

    /// How long it may take when the scenario does not say.
    #[must_use]
    pub fn default_timeout(self) -> Duration {
        match self {
            Self::Soak => Duration::from_secs(60 * 60),
            _ => Duration::from_secs(10 * 60),
        }
    }

    fn row(self) -> &'static Row {
        // Each kind has its row, in their order; the test below holds that.
        &ROWS[self as usize]
    }
}

struct Row {
    word: &'static str,
    help: &'static str,
    verb: Option<Verb>,
    own: &'static [OwnField],
    hidden: &'static [&'static str],
    shorthand: Option<&'static str>,
    results: &'static [&'static str],
}

const fn own(name: &'static str, value: ValueKind, takes: Takes, help: &'static str) -> OwnField {
    OwnField { name, value, takes, help }
}

const WITHIN: OwnField = own("within", ValueKind::Time, Takes::One, "How long to wait for it [default: 30s]");
const PATH: OwnField = own("path", ValueKind::Text, Takes::One, "Ask for this path instead of /");
const PCAP_SECRETS: OwnField = own(
    "pcap-secrets",
    ValueKind::Text,
    Takes::Nothing,
    "Leave the secrets of the connection in the file of pcap, so that Wireshark can decrypt it",
);
const BOARD_RESULTS: &[&str] = &["address", "host", "port", "url", "mac", "cert_sha256", "document"];
/// It runs no command of ours, so there is no document.
const READY_RESULTS: &[&str] = &["address", "host", "port", "url", "mac", "cert_sha256"];
const DOCUMENT: &[&str] = &["document"];

/// A kind that runs no command of ours, has no fields, and gives nothing to refer to.
const ROW: Row = Row { word: "", help: "", verb: None, own: &[], hidden: &[], shorthand: None, results: &[] };

const ROWS: [Row; 11] = [
    Row {
        word: "certgen",
        help: "Makes a certificate and its key, which later steps use; the key is removed after the run",
        verb: Some(Verb::Certgen),
        hidden: &["out-dir", "force", "print-openssl"],
        results: &["cert", "key", "cert_sha256", "document"],
        ..ROW
    },
    Row {
        word: "flash",
        help: "Writes firmware and certificate to the board and waits until it serves; starts the emulated board",
        verb: Some(Verb::Flash),
        hidden: &[
            "port",
            "all",
            "expect-mac",
            "manifest",
            "save-image",
            "monitor",
            "serial-log",
            "non-interactive",
            "no-wait",
            "after",
            "junit",
            "lock-timeout",
        ],
        results: BOARD_RESULTS,
        ..ROW
    },
    Row {
        word: "ready",
        help: "Waits until the board reports that it serves",
        own: &[WITHIN],
        shorthand: Some("within"),
        results: READY_RESULTS,
        ..ROW
    },
    Row {
        word: "probe",
        help: "Makes a handshake and looks at it, with all that probe can ask and expect",
        verb: Some(Verb::Probe),
        own: &[PCAP_SECRETS],
        hidden: &["targets", "junit"],
        results: DOCUMENT,
        ..ROW
    },
    Row {
        word: "http",
        help: "Makes a request and compares its answer with what is expected",
        verb: Some(Verb::Probe),
        own: &[PCAP_SECRETS],
        hidden: &["targets", "junit", "audit", "all", "max-connections", "deadline"],
        results: DOCUMENT,
        ..ROW
    },
    Row {
        word: "load",
        help: "Puts load on the board, in any mode of load, with its gates",
        verb: Some(Verb::Load),
        own: &[PATH],
        hidden: &["start-at", "junit"],
        results: DOCUMENT,
        ..ROW
    },
    Row {
        word: "soak",
        help: "Puts load on the board in rounds, and watches its heap and its restarts between them",
        verb: Some(Verb::Load),
        own: &[
            PATH,
            own("rounds", ValueKind::Count, Takes::One, "How many rounds of load [default: 3]"),
            own("pause", ValueKind::Time, Takes::One, "How long to wait between two rounds [default: none]"),
            own(
                "max-heap-loss",
                ValueKind::Bytes,
                Takes::One,
                "Fail when the free heap after the last round is smaller than after the first by more bytes than this",
            ),
        ],
        hidden: &[
            "start-at",
            "junit",
            "find-limit",
            "max-time",
            "html",
            "csv",
            "series",
            "hgrm",
            "hlog",
            "no-stat",
        ],
        results: DOCUMENT,
        ..ROW
    },
    Row {
        word: "serial",
        help: "Looks for lines in what the board has printed since it was last started by the run",
        own: &[
            own(
                "expect",
                ValueKind::Regex,
                Takes::Many,
                "A regular expression that a line must match; it is waited for",
            ),
            own("reject", ValueKind::Regex, Takes::Many, "A regular expression that no line may match"),
            own("within", ValueKind::Time, Takes::One, "How long to wait for the lines [default: 10s]"),
        ],
        shorthand: Some("expect"),
        ..ROW
    },
    Row {
        word: "restart",
        help: "Restarts the board and waits until it serves",
        own: &[WITHIN],
        shorthand: Some("within"),
        results: BOARD_RESULTS,
        ..ROW
    },
    Row {
        word: "wait",
        help: "Lets time pass while the serial port is followed",
        own: &[own("time", ValueKind::Time, Takes::One, "How long")],
        shorthand: Some("time"),
        ..ROW
    },
    Row {
        word: "run",
        help: "Runs a command of yours; 0 means passed, 3 could not tell, 4 the lab's fault, anything else a regression",
        own: &[own(
            "command",
            ValueKind::Text,
            Takes::One,
            "What a shell is to run, in the folder of the scenario",
        )],
        shorthand: Some("command"),
        results: &["output"],
        ..ROW
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_own_row() {
        for (kind, word) in StepKind::ALL.into_iter().zip([
            "certgen", "flash", "ready", "probe", "http", "load", "soak", "serial", "restart", "wait", "run",
        ]) {
            assert_eq!(kind.word(), word);
            assert_eq!(StepKind::named(word), Some(kind));
        }
        assert_eq!(StepKind::named("flush"), None);
    }

    #[test]
    fn a_shorthand_stands_for_one_of_the_kind_s_fields() {
        for kind in StepKind::ALL {
            let Some(shorthand) = kind.shorthand() else { continue };
            assert!(kind.own_fields().iter().any(|field| field.name == shorthand), "{}", kind.word());
        }
    }
}
