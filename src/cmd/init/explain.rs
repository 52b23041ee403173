//! What `init`'s errors mean to the person who asked, and what to try.

use std::path::{Path, PathBuf};

use crate::{
    error::{Code, Error, Fault},
    os_error::in_words,
    output::{Refusal, Unwritten},
    template::{BadParameter, BrokenTemplate, NoSources, Template},
};

/// A name that is no template's.
pub(super) fn unknown(name: &str, known: &[&str]) -> Error {
    let what = format!("there is no template {name:?}");
    Error::new(Fault::Usage, Code::INIT_UNKNOWN_TEMPLATE, "reading the name of the template", what)
        .hint(format!("take one of these: {}\nesp-https init says what each of them is", known.join(", ")))
}

/// A `--set` that can't be used. Its value is not repeated: it may be a secret that belongs elsewhere.
pub(super) fn bad_parameter(text: &str, template: &Template, bad: BadParameter) -> Error {
    let doing = match text.split_once('=') {
        Some((name, _)) => format!("reading --set {name}"),
        None => "reading --set".to_owned(),
    };
    let known: Vec<String> =
        template.parameters().iter().map(|known| format!("--set {}={}", known.name, known.value)).collect();
    let hint = match (&bad, known.is_empty()) {
        (_, true) => "leave --set out: this template has nothing to fill in".to_owned(),
        _ => format!("write it as in: {}", known.join(" ")),
    };
    Error::new(Fault::Usage, Code::INIT_PARAMETER, doing, bad.to_string()).hint(hint).source(bad)
}

/// A template of our own that can't be used: a bug.
pub(super) fn broken(broken: BrokenTemplate) -> Error {
    Error::new(Fault::Bug, Code::INIT_TEMPLATE, "preparing the files of a template", broken.to_string())
        .hint("please report this")
        .source(broken)
}

/// A template that needs the firmware's sources, which are not there.
pub(super) fn no_sources(missing: NoSources) -> Error {
    match missing {
        NoSources::Broken(template) => broken(template),
        NoSources::NotInside => Error::new(
            Fault::Environment,
            Code::FIRMWARE_NO_SOURCES,
            "preparing the files of a template",
            missing.to_string(),
        )
        .hint("install esp-https from its source tree, of which a packaged crate lacks the firmware: cargo install --locked --path .")
        .source(missing),
    }
}

/// Files that can't be written. When some of them exist, all of those are named; otherwise the first is.
pub(super) fn refused(template: &str, refusals: Vec<(PathBuf, Refusal)>) -> Error {
    let (existing, others): (Vec<_>, Vec<_>) =
        refusals.into_iter().partition(|(_, refusal)| matches!(refusal, Refusal::Exists));
    match others.into_iter().next() {
        Some((path, refusal)) => unusable(template, &path, refusal),
        None => {
            let what = format!("{} already, and nothing was written", exist(&existing));
            Error::new(Fault::Usage, Code::OUTPUT_EXISTS, doing(template), what).hint(format!(
                "name another folder: esp-https init {template} DIR\nor replace what is there with --force"
            ))
        }
    }
}

/// Which of them exist: all of them are named, unless there are many.
fn exist(existing: &[(PathBuf, Refusal)]) -> String {
    let paths: Vec<String> =
        existing.iter().take(MOST_NAMED).map(|(path, _)| path.display().to_string()).collect();
    let named = paths.join(", ");
    match existing.len() {
        1 => format!("{named} exists"),
        all if all > MOST_NAMED => format!("{named} and {} more exist", all - MOST_NAMED),
        _ => format!("{named} exist"),
    }
}

fn unusable(template: &str, path: &Path, refusal: Refusal) -> Error {
    let code = match &refusal {
        Refusal::Pem => Code::OUTPUT_HOLDS_PEM,
        Refusal::Folder => Code::OUTPUT_IS_FOLDER,
        Refusal::Disk => Code::OUTPUT_IS_DISK,
        _ => Code::OUTPUT_UNWRITABLE,
    };
    let what = format!("{}: {refusal}; nothing was written", path.display());
    Error::new(Fault::Usage, code, doing(template), what)
        .hint(format!("name another folder: esp-https init {template} DIR"))
        .source(refusal)
}

/// A file that could not be written though it seemed so.
pub(super) fn unwritten(template: &str, unwritten: Unwritten) -> Error {
    let Unwritten { path, source } = unwritten;
    let what = format!("{}: {}; everything is as it was before", path.display(), in_words(&source));
    Error::new(
        Fault::Environment,
        Code::OUTPUT_WRITE,
        format!("writing the files of the template {template}"),
        what,
    )
    .hint(format!("name another folder: esp-https init {template} DIR"))
    .source(source)
}

fn doing(template: &str) -> String {
    format!("preparing to write the files of the template {template}")
}

const MOST_NAMED: usize = 20;

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::template::Values;

    #[test]
    fn a_disk_that_fills_up_is_told_with_the_file() {
        let source = io::Error::from(io::ErrorKind::StorageFull);
        let error = unwritten("policy", Unwritten { path: "a/policy.toml".into(), source });
        insta::assert_snapshot!(error.told(), @r"
        4 output.write: writing the files of the template policy: a/policy.toml: there is no space left; everything is as it was before
          try: name another folder: esp-https init policy DIR
        ");
    }

    #[test]
    fn a_template_of_ours_that_can_t_be_used_is_a_bug() {
        let template = Template::named("github").unwrap().unwrap();
        let error = broken(template.render(&Values::from_iter([])).unwrap_err());
        assert_eq!((error.fault, error.code), (Fault::Bug, Code::INIT_TEMPLATE));
        assert!(
            error.what.starts_with("the template github is damaged: esp-https-boards.yml: undefined"),
            "{}",
            error.what
        );
    }

    #[test]
    fn a_program_without_the_firmware_s_sources_says_where_to_get_one_that_has_them() {
        insta::assert_snapshot!(no_sources(NoSources::NotInside).told(), @r"
        4 firmware.no_sources: preparing the files of a template: this binary was built without the firmware's sources
          try: install esp-https from its source tree, of which a packaged crate lacks the firmware: cargo install --locked --path .
               to check everything that the commands need: esp-https doctor
        ");
    }

    #[test]
    fn many_files_that_exist_are_counted() {
        let files = |count| {
            let files = (0..count).map(|number: usize| (number.to_string().into(), Refusal::Exists));
            refused("firmware", files.collect()).what
        };
        assert_eq!(files(1), "0 exists already, and nothing was written");
        assert_eq!(files(2), "0, 1 exist already, and nothing was written");
        assert!(
            files(23).ends_with(", 18, 19 and 3 more exist already, and nothing was written"),
            "{}",
            files(23)
        );
    }

    #[test]
    fn what_can_t_be_replaced_comes_before_what_could_be() {
        let error = refused("policy", vec![("a".into(), Refusal::Exists), ("b".into(), Refusal::Pem)]);
        assert_eq!((error.fault, error.code), (Fault::Usage, Code::OUTPUT_HOLDS_PEM));
        assert_eq!(error.what, "b: a certificate or a private key is in it (PEM); nothing was written");
    }
}
