//! Text that a device sent, made safe to show.

use super::Paint;

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

/// A line that another program or a board wrote, without control characters but for its tabs.
pub(super) fn printable_line(line: &str) -> String {
    line.chars()
        .flat_map(|character| escaped_if(character != '\t' && is_control(character), character))
        .collect()
}

/// A whole report, whose line breaks and tabs are its own, and with [`Paint::Colour`] its colours. Names of files and what else
/// nobody has looked at are without control characters then, too.
pub(super) fn printable_report(text: &str, paint: Paint) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let colour = if paint == Paint::Colour { colour_length(rest) } else { 0 };
        let (taken, after) = rest.split_at(if colour > 0 { colour } else { character.len_utf8() });
        if colour > 0 {
            shown.push_str(taken);
        } else {
            shown.extend(escaped_if(!matches!(character, '\n' | '\t') && is_control(character), character));
        }
        rest = after;
    }
    shown
}

/// The length of the sequence at the start of a text that chooses a colour (ECMA-48, SGR); 0 where there is none.
fn colour_length(text: &str) -> usize {
    let Some(parameters) = text.strip_prefix("\u{1b}[") else { return 0 };
    let end = parameters.bytes().position(|byte| !(byte.is_ascii_digit() || byte == b';'));
    match end.and_then(|end| Some((end, parameters.as_bytes().get(end)?))) {
        Some((end, b'm')) => "\u{1b}[".len() + end + 1,
        _ => 0,
    }
}

/// A text without control characters that could still change the order in which it is shown.
pub(super) fn without_reordering(text: &str) -> String {
    text.chars().flat_map(|character| escaped_if(BIDIRECTIONAL.contains(&character), character)).collect()
}

fn visible(character: char) -> impl Iterator<Item = char> {
    escaped_if(is_control(character), character)
}

fn is_control(character: char) -> bool {
    character.is_control() || BIDIRECTIONAL.contains(&character)
}

fn escaped_if(escaped: bool, character: char) -> impl Iterator<Item = char> {
    let (plain, escape) =
        if escaped { (None, Some(character.escape_unicode())) } else { (Some(character), None) };
    plain.into_iter().chain(escape.into_iter().flatten())
}

const MAX_TEXT: usize = 400;
/// Characters that reorder text on the screen: those with the property `Bidi_Control` (Unicode UAX 9, section 2).
const BIDIRECTIONAL: [char; 12] = [
    '\u{061c}', '\u{200e}', '\u{200f}', '\u{202a}', '\u{202b}', '\u{202c}', '\u{202d}', '\u{202e}',
    '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}',
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_device_says_does_not_steer_the_terminal() {
        assert_eq!(printable("ESP\u{1b}[2J\u{202e}x"), "ESP\\u{1b}[2J\\u{202e}x");
        assert_eq!(printable("\u{200f}a\u{61c}b\u{2066}"), "\\u{200f}a\\u{61c}b\\u{2066}");
        assert_eq!(printable(&"é".repeat(900)).chars().count(), MAX_TEXT + 2);
    }

    #[test]
    fn of_a_whole_report_only_its_layout_and_its_colours_are_left() {
        let text = "\u{1b}[1mname\u{1b}[0m\ta\u{1b}[2J\u{1b}]0;x\u{7}\u{202e}é\r\u{9b}31m\nnext\u{1b}[";
        let rest = "\ta\\u{1b}[2J\\u{1b}]0;x\\u{7}\\u{202e}é\\u{d}\\u{9b}31m\nnext\\u{1b}[";
        assert_eq!(printable_report(text, Paint::Colour), format!("\u{1b}[1mname\u{1b}[0m{rest}"));
        assert_eq!(printable_report(text, Paint::Plain), format!("\\u{{1b}}[1mname\\u{{1b}}[0m{rest}"));
    }
}
