//! A number with its noun.

/// `1 request`, `2 requests`: for nouns that take an s.
#[must_use]
pub(crate) fn counted(count: u64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_is_singular() {
        assert_eq!(
            [0, 1, 2].map(|count| counted(count, "request")),
            ["0 requests", "1 request", "2 requests"]
        );
    }
}
