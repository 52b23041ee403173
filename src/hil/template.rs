//! Texts of a scenario with references to results of earlier steps in them: `${certgen.cert}`.

use std::fmt;

/// A text with references in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Reference(Reference),
}

/// A reference to a result: `${step.field}`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// The step's name, or `target`.
    pub step: String,
    /// The field of its result.
    pub field: String,
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "${{{}.{}}}", self.step, self.field)
    }
}

impl Template {
    /// Reads a text. What has no dot between the braces is no reference: a shell's `${HOME}` stays what it is.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let (mut pieces, mut plain, mut rest) = (Vec::new(), String::new(), text);
        while let Some(at) = rest.find("${") {
            let (before, from) = rest.split_at(at);
            plain.push_str(before);
            match reference(from) {
                Some((reference, behind)) => {
                    pieces.extend((!plain.is_empty()).then(|| Piece::Text(std::mem::take(&mut plain))));
                    pieces.push(Piece::Reference(reference));
                    rest = behind;
                }
                None => {
                    plain.push_str("${");
                    rest = from.get(2..).unwrap_or_default();
                }
            }
        }
        plain.push_str(rest);
        if !plain.is_empty() || pieces.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        Self { pieces }
    }

    /// Its references.
    pub fn references(&self) -> impl Iterator<Item = &Reference> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Reference(reference) => Some(reference),
            Piece::Text(_) => None,
        })
    }

    /// The text, if nothing in it is a reference.
    #[must_use]
    pub fn plain(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// The text with the values of its references.
    ///
    /// # Errors
    /// The first reference that has no value.
    pub fn fill(&self, value: impl Fn(&Reference) -> Option<String>) -> Result<String, Reference> {
        let mut text = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(plain) => text.push_str(plain),
                Piece::Reference(reference) => {
                    text.push_str(&value(reference).ok_or_else(|| reference.clone())?);
                }
            }
        }
        Ok(text)
    }
}

/// As it stands in the scenario.
impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pieces.iter().try_for_each(|piece| match piece {
            Piece::Text(text) => f.write_str(text),
            Piece::Reference(reference) => reference.fmt(f),
        })
    }
}

/// The reference that the text begins with, and what follows it.
fn reference(text: &str) -> Option<(Reference, &str)> {
    let (inside, behind) = text.strip_prefix("${")?.split_once('}')?;
    let (step, field) = inside.rsplit_once('.')?;
    let is_name = |name: &str| !name.is_empty() && name.chars().all(is_of_name);
    (is_name(step) && is_name(field))
        .then(|| (Reference { step: step.to_owned(), field: field.to_owned() }, behind))
}

/// What names of steps consist of.
pub(super) fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_found_and_a_shell_s_variables_are_left_alone() {
        let template = Template::parse("a ${certgen.cert} ${HOME} ${x.y}${");
        let found: Vec<String> = template.references().map(ToString::to_string).collect();
        assert_eq!(found, ["${certgen.cert}", "${x.y}"]);
        assert_eq!(template.to_string(), "a ${certgen.cert} ${HOME} ${x.y}${");
        let filled = template.fill(|reference| Some(reference.field.to_uppercase()));
        assert_eq!(filled, Ok("a CERT ${HOME} Y${".to_owned()));
        let missing = template.fill(|reference| (reference.step == "x").then(String::new)).unwrap_err();
        assert_eq!(missing.to_string(), "${certgen.cert}");
    }

    #[test]
    fn what_is_cut_short_is_no_reference() {
        for text in ["${", "${a", "${a.", "${a.b", "${.b}", "${a.}", "${a b.c}", "", "$", "{a.b}"] {
            assert_eq!(Template::parse(text).plain(), Some(text));
        }
        assert_eq!(Template::parse("${a.b}").plain(), None);
    }
}
