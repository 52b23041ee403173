//! Text that a device sent, made safe to show.

/// What a device says is shown without control characters, which could steer the terminal, and not without end.
pub(super) fn printable(text: &str) -> String {
    let mut shown: String = text.chars().take(MAX_TEXT).flat_map(visible).collect();
    if text.chars().nth(MAX_TEXT).is_some() {
        shown.push_str("..");
    }
    shown
}

/// An error's text, which may quote a device, line by line and without control characters.
pub(super) fn printable_lines(text: &str) -> String {
    text.split('\n').map(|line| line.chars().flat_map(visible).collect()).collect::<Vec<String>>().join("\n")
}

/// A text without control characters that could still change the order in which it is shown.
pub(super) fn without_reordering(text: &str) -> String {
    text.chars().flat_map(|character| escaped_if(BIDIRECTIONAL.contains(&character), character)).collect()
}

fn visible(character: char) -> impl Iterator<Item = char> {
    escaped_if(character.is_control() || BIDIRECTIONAL.contains(&character), character)
}

fn escaped_if(escaped: bool, character: char) -> impl Iterator<Item = char> {
    let (plain, escape) =
        if escaped { (None, Some(character.escape_unicode())) } else { (Some(character), None) };
    plain.into_iter().chain(escape.into_iter().flatten())
}

const MAX_TEXT: usize = 400;
/// Characters that reorder text on the screen (Unicode TR 36, section 2.4).
const BIDIRECTIONAL: [char; 9] = [
    '\u{202a}', '\u{202b}', '\u{202c}', '\u{202d}', '\u{202e}', '\u{2066}', '\u{2067}', '\u{2068}',
    '\u{2069}',
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_device_says_does_not_steer_the_terminal() {
        assert_eq!(printable("ESP\u{1b}[2J\u{202e}x"), "ESP\\u{1b}[2J\\u{202e}x");
        assert_eq!(printable(&"é".repeat(900)).chars().count(), MAX_TEXT + 2);
    }
}
