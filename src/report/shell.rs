//! Words of commands that a person is told to type.

use std::path::Path;

/// A path as one word of a POSIX shell (XCU 2.2), quoted only if it has to be.
pub(super) fn word(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:,@%=".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_shell_would_take_apart_is_quoted() {
        for (path, expected) in [
            ("board-7/cacert.pem", "board-7/cacert.pem"),
            ("my board", "'my board'"),
            ("a'b", r"'a'\''b'"),
            ("~x", "'~x'"),
        ] {
            assert_eq!(word(Path::new(path)), expected);
        }
    }
}
