//! Fields as words of a command line.

use super::{scenario::Field, template::Reference};

/// The words of these fields: `--flag=value`, so that a value that begins with a hyphen is one.
///
/// # Errors
/// A reference that has no value.
pub fn words(
    fields: &[Field],
    value: impl Fn(&Reference) -> Option<String>,
) -> Result<Vec<String>, Reference> {
    let mut words = Vec::new();
    for field in fields {
        if field.values.is_empty() {
            words.push(format!("--{}", field.name));
        }
        for template in &field.values {
            words.push(format!("--{}={}", field.name, template.fill(&value)?));
        }
    }
    Ok(words)
}
