//! What is written to the log of a job of GitHub Actions, where a line of a program may be a command to the runner. Nothing that a
//! board or a server says may be one.
//!
//! The runner takes a line for a command when it begins with `::`, after white space, or has `##[` anywhere in it
//! (`ActionCommand.cs` of actions/runner). It compares texts as a reader would, so characters that can't be seen do not count.

use std::{env, sync::OnceLock};

/// A text for the log, line by line, in which nothing is a command. The beginning of a text becomes the beginning of the result.
pub(super) fn guarded(text: String) -> String {
    if runner_reads() { without_commands(&text, "\\u{3a}", "\\u{5b}") } else { text }
}

/// The same for a JSON document, which stays the same document.
pub(super) fn guarded_json(text: String) -> String {
    if runner_reads() { without_commands(&text, "\\u003a", "\\u005b") } else { text }
}

/// Whether GitHub's runner reads what this process writes. Forgejo's and Gitea's set the same variable.
fn runner_reads() -> bool {
    static READS: OnceLock<bool> = OnceLock::new();
    *READS.get_or_init(|| env::var_os("GITHUB_ACTIONS").is_some_and(|value| value == "true"))
}

/// Replaces the second colon of a line that begins with two, and the bracket of `##[`.
fn without_commands(text: &str, colon: &str, bracket: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let (mut seen, mut hashes) = (Seen::Nothing, 0_usize);
    for character in text.chars() {
        match character {
            ':' if seen == Seen::Colon => safe.push_str(colon),
            '[' if hashes >= 2 => safe.push_str(bracket),
            other => safe.push(other),
        }
        match character {
            '\n' | '\r' => (seen, hashes) = (Seen::Nothing, 0),
            ignored if is_ignored(ignored) => {}
            other => {
                seen = seen.then(other);
                hashes = if other == '#' { hashes + 1 } else { 0 };
            }
        }
    }
    safe
}

/// What of a line has been seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seen {
    Nothing,
    Colon,
    More,
}

impl Seen {
    fn then(self, character: char) -> Self {
        match (self, character) {
            (Self::Nothing, ':') => Self::Colon,
            (Self::Nothing, space) if space.is_whitespace() => Self::Nothing,
            _ => Self::More,
        }
    }
}

/// Whether a character does not count when texts are compared as a reader would (those with `Default_Ignorable_Code_Point`, Unicode
/// UAX 44, those that only format, and control characters).
fn is_ignored(character: char) -> bool {
    let is_of_these = matches!(
        character,
        '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
    );
    is_of_these || (character.is_control() && !character.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn safe(text: &str) -> String {
        without_commands(text, "\\u{3a}", "\\u{5b}")
    }

    #[test]
    fn no_line_is_a_command_to_the_runner() {
        for (text, expected) in [
            ("::error::x", ":\\u{3a}error::x"),
            ("fine\n \t::set-env name=A::b\n", "fine\n \t:\\u{3a}set-env name=A::b\n"),
            ("\u{feff}:\u{200b}:x", "\u{feff}:\u{200b}\\u{3a}x"),
            ("a ##[error]x ###[x", "a ##\\u{5b}error]x ###\\u{5b}x"),
            ("#\u{ad}#\u{0}[group]", "#\u{ad}#\u{0}\\u{5b}group]"),
        ] {
            assert_eq!(safe(text), expected, "{text:?}");
        }
    }

    #[test]
    fn everything_else_stays_as_it_is() {
        for text in ["", "a::b", ": :x", "#[x] # #[x] ##x[", "[1/3] flash", "x: y\n:z"] {
            assert_eq!(safe(text), text);
        }
    }

    /// A board's line is shown as it comes, and its rest is what is behind the part that is shown.
    #[test]
    fn the_beginning_of_a_line_becomes_the_beginning_of_the_result() {
        let line = " ::error::##[x] ##\u{ad}[y]";
        for (end, _) in line.char_indices() {
            assert!(safe(line).starts_with(&safe(&line[..end])), "{end}");
        }
    }

    #[test]
    fn a_document_stays_the_same_document() {
        let document = serde_json::json!({"a": "##[error]x", "::b": ["::error::x"]});
        let text = serde_json::to_string_pretty(&document).unwrap();
        let written = without_commands(&text, "\\u003a", "\\u005b");
        assert!(!written.contains("##["), "{written}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&written).unwrap(), document);
    }
}
