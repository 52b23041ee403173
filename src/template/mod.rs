//! The templates that `init` writes. Each is data: a folder in `templates/` with its files and a description of them, which
//! are inside the program.

mod description;
pub mod made;
mod parameter;
mod sources;

use std::collections::BTreeSet;

use minijinja::{Environment, UndefinedBehavior, Value, syntax::SyntaxConfig};

use self::description::Description;
pub use self::{
    description::Parameter,
    parameter::{BadParameter, Values},
    sources::{NoSources, SourceFile},
};

/// The templates, in the order in which they are listed. A new one is its folder in `templates/` and its name here.
pub const NAMES: [&str; 9] =
    ["hil", "policy", "boards", "github", "gitlab", "pytest", "firmware", "esp-idf", "kubernetes"];

/// A template, which its description was read of.
#[derive(Debug)]
pub struct Template {
    /// Its name, which is that of its folder.
    pub name: &'static str,
    description: Description,
}

/// A file of a template, with its parameters filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderedFile {
    /// Where it goes, relative to the folder that is written to, with `/`.
    pub path: String,
    /// What is in it.
    pub content: String,
}

/// A template of this program that can't be used, which is a bug.
#[derive(Debug, thiserror::Error)]
#[error("the template {name} is damaged: {what}")]
pub struct BrokenTemplate {
    name: &'static str,
    what: String,
}

impl Template {
    /// All templates, in the order in which they are listed.
    ///
    /// # Errors
    /// The description of one can't be read.
    pub fn all() -> Result<Vec<Self>, BrokenTemplate> {
        NAMES.iter().map(|name| Self::read(name, FILES)).collect()
    }

    /// The template of this name; `None` when there is none.
    ///
    /// # Errors
    /// Its description can't be read.
    pub fn named(name: &str) -> Result<Option<Self>, BrokenTemplate> {
        let known = NAMES.iter().find(|known| **known == name);
        known.map(|name| Self::read(name, FILES)).transpose()
    }

    /// What it is, in one line.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.description.title
    }

    /// What can be filled in.
    #[must_use]
    pub fn parameters(&self) -> &[Parameter] {
        &self.description.parameters
    }

    /// Where its files go, relative to the folder that is written to, in alphabetical order. What is in its
    /// [folders](Self::folders) is not among them.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        let sources = self.description.sources.keys().filter(|path| !sources::is_folder(path));
        let paths: BTreeSet<&str> =
            self.description.files.keys().chain(sources).map(String::as_str).collect();
        paths.into_iter()
    }

    /// Its files with these values in them.
    ///
    /// # Errors
    /// A file is missing, or uses a parameter that there is none of.
    pub fn render(&self, values: &Values) -> Result<Vec<RenderedFile>, BrokenTemplate> {
        let file = |(path, from): (&String, &String)| {
            let source = content(FILES, &format!("{}/{from}", self.name)).ok_or("it is missing".to_owned());
            let filled = source.and_then(|source| fill(source, values));
            let content = filled.map_err(|what| self.broken(format!("{from}: {what}")))?;
            Ok(RenderedFile { path: path.clone(), content })
        };
        self.description.files.iter().map(file).collect()
    }

    /// The command to type next, with these values in it.
    ///
    /// # Errors
    /// It uses a parameter that there is none of.
    pub fn next(&self, values: &Values) -> Result<String, BrokenTemplate> {
        fill(&self.description.next, values).map_err(|what| self.broken(format!("its next command: {what}")))
    }

    fn read(name: &'static str, files: &[(&str, &'static str)]) -> Result<Self, BrokenTemplate> {
        let broken = |what: String| BrokenTemplate { name, what };
        let text = content(files, &format!("{name}/{DESCRIPTION}"));
        let text = text.ok_or_else(|| broken(format!("it has no {DESCRIPTION}")))?;
        let description =
            toml::from_str(text).map_err(|error| broken(format!("{DESCRIPTION}: {}", error.message())))?;
        Ok(Self { name, description })
    }

    fn broken(&self, what: String) -> BrokenTemplate {
        BrokenTemplate { name: self.name, what }
    }
}

fn content(files: &[(&str, &'static str)], path: &str) -> Option<&'static str> {
    files.iter().find(|(known, _)| *known == path).map(|(_, content)| *content)
}

/// Fills values in where `@{ name }@` stands. The usual braces of the language mean something to the tools whose files are
/// written here.
fn fill(text: &str, values: &Values) -> Result<String, String> {
    let in_words = |error: minijinja::Error| error.to_string();
    let mut syntax = SyntaxConfig::builder();
    syntax.variable_delimiters("@{", "}@").block_delimiters("@%", "%@").comment_delimiters("@#", "#@");
    let mut environment = Environment::empty();
    environment.set_syntax(syntax.keep_trailing_newline(true).build().map_err(in_words)?);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.render_str(text, Value::from_pairs(values.pairs())).map_err(in_words)
}

const DESCRIPTION: &str = "template.toml";
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/template_files.rs"));

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    fn folder() -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("templates")
    }

    #[test]
    fn every_folder_is_a_template_and_every_template_has_its_line_in_the_readme() {
        let folders = fs::read_dir(folder()).unwrap().filter_map(|entry| {
            let entry = entry.unwrap();
            entry.path().is_dir().then(|| entry.file_name().into_string().unwrap())
        });
        assert_eq!(folders.collect::<BTreeSet<_>>(), NAMES.map(str::to_owned).into());
        let readme = fs::read_to_string(folder().join("README.md")).unwrap();
        for name in NAMES {
            let row = format!("| `{name}` |");
            assert_eq!(readme.lines().filter(|line| line.starts_with(&row)).count(), 1, "{row}");
        }
    }

    #[test]
    fn every_file_of_a_folder_is_written_and_stays_below_the_folder_that_is_written_to() {
        for template in Template::all().unwrap() {
            let prefix = format!("{}/", template.name);
            let there = FILES.iter().filter_map(|(path, _)| path.strip_prefix(&prefix));
            let there: BTreeSet<&str> = there.filter(|path| *path != DESCRIPTION).collect();
            let written = template.description.files.values().map(String::as_str).collect::<BTreeSet<_>>();
            assert_eq!(there, written, "{}", template.name);
            assert!(template.title().len() <= 90 && !template.title().ends_with('.'), "{}", template.title());
            for path in template.paths() {
                let is_plain = |part| matches!(part, std::path::Component::Normal(_));
                assert!(Path::new(path).components().all(is_plain), "{path}");
            }
        }
    }

    #[test]
    fn every_template_renders_without_any_value_given_and_has_a_use_for_each_parameter() {
        for template in Template::all().unwrap() {
            let values = Values::new(&template, &[]).unwrap();
            let rendered = template.render(&values).unwrap();
            for file in &rendered {
                assert!(!file.content.contains("@{") && file.content.ends_with('\n'), "{}", file.path);
                assert!(!file.content.contains("}@") && !file.content.contains('\t'), "{}", file.path);
            }
            template.next(&values).unwrap();
            for Parameter { name, value, .. } in template.parameters() {
                assert!(rendered.iter().any(|file| file.content.contains(value)), "{} {name}", template.name);
            }
        }
    }

    #[test]
    fn a_value_takes_its_place_and_one_that_there_is_none_of_is_told() {
        let values = Values::from_iter([("repository".to_owned(), "https://a/b".to_owned())]);
        let filled =
            |text: &str| fill(text, &values).map_err(|error| error.lines().next().unwrap().to_owned());
        assert_eq!(
            filled("--git @{ repository }@ ${{ x }}\n"),
            Ok("--git https://a/b ${{ x }}\n".to_owned())
        );
        assert_eq!(filled("{% x %} {# y #} a@b\n"), Ok("{% x %} {# y #} a@b\n".to_owned()));
        assert!(filled("@{ other }@").unwrap_err().contains("undefined"), "{:?}", filled("@{ other }@"));
    }

    #[test]
    fn a_damaged_description_is_told_with_its_template() {
        let read =
            |text| Template::read("policy", &[("policy/template.toml", text)]).unwrap_err().to_string();
        assert_eq!(
            read("x = 1"),
            "the template policy is damaged: template.toml: unknown field `x`, expected one of `title`, `next`, `files`, `sources`, `parameters`"
        );
        let missing = Template::read("policy", &[]).unwrap_err().to_string();
        assert_eq!(missing, "the template policy is damaged: it has no template.toml");
    }
}
