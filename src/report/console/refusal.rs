//! Answers to a command line that can't be read.

use std::{io, process::ExitCode};

use super::{Console, render_error, write_json};
use crate::{
    error::{Code, Error, Fault},
    report::{Document, stderr::say, style::stderr_paint},
};

impl Console {
    /// Answers a command line that clap refused (or `--help`): clap's own text, and the JSON document if the words
    /// on the command line ask for one. Returns clap's exit code, 2 or 0.
    #[must_use]
    pub fn refuse(error: &clap::Error) -> ExitCode {
        if error.use_stderr() {
            write_refusal(&usage_error(error));
        }
        let _ = error.print();
        ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
    }

    /// Answers a command line, or a variable that belongs to it, in which a private key is, without repeating any of
    /// it; `place` says where. Returns the exit code of a usage error.
    #[must_use]
    pub fn refuse_key(place: &str) -> ExitCode {
        let what =
            format!("{place} is a private key, where another value is expected; it is not repeated here");
        let refused = Error::new(Fault::Usage, Code::USAGE_PRIVATE_KEY, "reading the command line", what).hint(
            "write the key to a file and name the file, for instance: umask 077; printf '%s\\n' \"$KEY\" >prvtkey.pem",
        );
        write_refusal(&refused);
        say(&render_error(&refused, stderr_paint()));
        ExitCode::from(refused.fault.exit_code())
    }
}

/// What clap says on standard error, as an error of ours: the sentence that names the option and the value, and its tips.
fn usage_error(error: &clap::Error) -> Error {
    let said = error.render().to_string();
    let mut paragraphs = said.split("\n\n");
    let one_line = |text: &str| text.lines().map(str::trim).collect::<Vec<_>>().join(" ");
    let what = match paragraphs.next().unwrap_or_default().strip_prefix("error: ") {
        Some(first) => one_line(first),
        // Without any argument clap shows the help.
        None => "no command is given".to_owned(),
    };
    let tips = paragraphs.filter_map(|paragraph| paragraph.trim().strip_prefix("tip: ").map(one_line));
    let see = "see the usage on standard error, or `esp-https --help`".to_owned();
    let hint = tips.chain([see]).collect::<Vec<_>>().join("\n");
    Error::new(Fault::Usage, Code::USAGE_COMMAND_LINE, "reading the command line", what).hint(hint)
}

/// Writes the JSON document of a command line that could not be read, if the words on it ask for one.
fn write_refusal(refused: &Error) {
    if std::env::args_os().any(|word| word == "--json") {
        let document = Document::<()>::new("usage", None, Some(refused));
        // Nothing is left to report to if this fails too.
        let _ = write_json(&mut io::stdout().lock(), &document);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_usage_error_names_the_option_and_the_value_and_gives_the_tip() {
        use clap::CommandFactory as _;

        let told = |words: &str| {
            let error = crate::cli::Cli::command().try_get_matches_from(words.split(' ')).unwrap_err();
            let error = usage_error(&error);
            format!("{} / {}", error.what, error.hint.unwrap_or_default().replace('\n', " / "))
        };
        let see = "see the usage on standard error, or `esp-https --help`";
        for (words, expected) in [
            ("x flsh", "unrecognized subcommand 'flsh' / a similar subcommand exists: 'flash' / "),
            ("x probe", "the following required arguments were not provided: <HOST[:PORT]>... / "),
            (
                "x monitor --for y",
                "invalid value 'y' for '--for <TIME>': expected a number of seconds, or a time such as 500ms, 30s, 1m30s or 1h / ",
            ),
            (
                "x monitor --prot=z",
                "unexpected argument '--prot' found / a similar argument exists: '--port' / ",
            ),
            (
                "x flash --config-only --erase",
                "the argument '--config-only' cannot be used with '--erase' / ",
            ),
        ] {
            assert_eq!(told(words), format!("{expected}{see}"), "{words}");
        }
        assert_eq!(told("x"), format!("no command is given / {see}"));
    }
}
