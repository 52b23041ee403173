//! Long values in a column.

/// Breaks a text at spaces, and words that are longer than a line anywhere. Leaves what fits as it is.
pub(in crate::report) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_inclusive(' ') {
        let line = lines.last().map_or(0, |line| line.chars().count());
        if line > 0 && line + word.trim_end().chars().count() > width {
            lines.push(String::new());
        }
        for character in word.chars() {
            if lines.last().is_some_and(|line| line.chars().count() >= width) && character != ' ' {
                lines.push(String::new());
            }
            if let Some(line) = lines.last_mut() {
                line.push(character);
            }
        }
    }
    lines.iter().map(|line| line.trim_end().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_broken_at_spaces_and_long_words_anywhere() {
        assert_eq!(wrapped("dns:a, dns:b, dns:c", 13), ["dns:a, dns:b,", "dns:c"]);
        assert_eq!(wrapped("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(wrapped("    512.3 ms", 90), ["    512.3 ms"]);
    }
}
