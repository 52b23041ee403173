//! The source code of the program and of its tests, without comments.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Source code, by file.
pub(crate) struct Sources(Vec<String>);

impl Sources {
    /// `src/` without its tests and without the rows of the codes.
    pub(crate) fn of_the_program() -> Self {
        let files = files("src").into_iter().filter(|path| !path.starts_with(root().join("src/error")));
        Self(files.map(|path| split(&path).0).collect())
    }

    /// `tests/`, and the tests in `src/`; without this folder's own code about codes.
    pub(crate) fn of_the_tests() -> Self {
        let own = ["registry.rs", "sources.rs", "page.rs"].map(|name| root().join("tests/errors").join(name));
        let files = files("tests").into_iter().filter(|path| !own.contains(path));
        let inside = self::files("src").into_iter().map(|path| split(&path).1);
        Self(files.map(|path| code(&fs::read_to_string(path).unwrap())).chain(inside).collect())
    }

    /// This text.
    pub(crate) fn of_text(text: &str) -> Self {
        Self(vec![text.to_owned()])
    }

    /// Whether `Code::NAME` is in it.
    pub(crate) fn name(&self, name: &str) -> bool {
        let wanted = format!("Code::{name}");
        let ends = |rest: &str| !rest.starts_with(|next: char| next.is_alphanumeric() || next == '_');
        self.0.iter().any(|text| {
            text.match_indices(&wanted).any(|(at, _)| ends(text.get(at + wanted.len()..).unwrap_or_default()))
        })
    }

    /// The variants and structs whose message has an [`std::io::Error`] in it as that prints itself, number and all.
    pub(crate) fn raw_messages(&self) -> Vec<String> {
        self.0.iter().flat_map(|text| text.split("#[error(").skip(1)).filter_map(raw_message).collect()
    }

    /// Whether a literal of its own says this, with or without the marks of Markdown.
    pub(crate) fn say(&self, words: &str) -> bool {
        let wanted = format!("\"{}\"", words.replace('`', ""));
        self.0.iter().any(|text| in_one_line(text).replace('`', "").contains(&wanted))
    }

    /// Whether something is compared with this code.
    pub(crate) fn compare_with(&self, code: &str) -> bool {
        self.0.iter().any(|text| compares_with(text, code))
    }
}

/// `part` begins with the message of an error, and has its fields after it.
fn raw_message(part: &str) -> Option<String> {
    let (message, fields) = part.split_once(")]\n")?;
    let fields: Vec<&str> = fields.lines().take_while(|line| !["}", "},"].contains(&line.trim())).collect();
    let ends = fields.iter().position(|line| line.trim().ends_with("),")).map_or(fields.len(), |at| at + 1);
    let holds = fields.get(..ends)?.iter().any(|field| field.contains("io::Error"));
    let shows = message.contains("{source") || message.contains("{0");
    (holds && shows).then(|| message.to_owned())
}

/// Whether the code is a literal of its own, or begins a literal or a line of a snapshot and is followed by a colon.
pub(crate) fn compares_with(text: &str, code: &str) -> bool {
    self::code(text).lines().any(|line| {
        let begins =
            line.trim_start().trim_start_matches(|first: char| first.is_ascii_digit() || first == ' ');
        begins.starts_with(&format!("{code}:"))
            || line.contains(&format!("\"{code}\""))
            || line.contains(&format!("\"{code}:"))
    })
}

/// The text with literals that are continued on the next line in one.
fn in_one_line(text: &str) -> String {
    let mut parts = text.split("\\\n");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |joined, part| joined + part.trim_start())
}

/// A file of `src/` before its tests, and its tests. Tests are last in a file, or a file of their own.
fn split(path: &Path) -> (String, String) {
    let text = code(&fs::read_to_string(path).unwrap());
    if path.file_name().is_some_and(|name| name == "tests.rs") {
        return (String::new(), text);
    }
    match text.split_once("#[cfg(test)]\nmod tests {") {
        Some((before, tests)) => (before.to_owned(), tests.to_owned()),
        None => (text, String::new()),
    }
}

fn code(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.map(|line| format!("{line}\n")).collect()
}

fn files(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    assert!(!found.is_empty());
    found
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
