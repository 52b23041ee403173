//! `esp-https init` itself.

use std::{fs, path::Path};

use support::{command, document, run, run::Run};

/// Runs `init` in a folder: exit code, standard output, standard error.
fn init(folder: &Path, words: &[&str]) -> (Option<i32>, String, String) {
    let output = command().arg("init").args(words).current_dir(folder).output().unwrap();
    (output.status.code(), support::stdout(&output), support::stderr(&output))
}

#[test]
fn without_a_name_the_templates_are_listed_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let (code, stdout, stderr) = init(folder.path(), &[]);
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert!(support::names(folder.path()).is_empty());
    let listing = Run::new("init", &[""; 0]);
    let readme = fs::read_to_string(support::from_root("README.md")).unwrap();
    assert!(stdout.lines().all(|line| line.chars().count() <= 110), "{stdout}");
    let templates = listing.result("/templates").as_array().unwrap();
    for template in templates {
        let [name, title] = ["name", "title"].map(|key| template[key].as_str().unwrap());
        let line = stdout.lines().find(|line| line.starts_with(&format!("{name} "))).unwrap();
        assert!(line.ends_with(title), "{line}");
        assert!(readme.contains(&format!("\n    {line}\n")), "README.md does not list: {line}");
    }
    assert!(templates.len() == 9 && stdout.ends_with("\n\nnext: esp-https init NAME [DIR]\n"), "{stdout}");
}

#[test]
fn every_template_is_written_once_and_again_only_with_force() {
    let listing = Run::new("init", &[""; 0]);
    for template in listing.result("/templates").as_array().unwrap() {
        let name = template["name"].as_str().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let words = |more: &[&str]| {
            let mut command = command();
            command.args(["init", name, "new/folder", "--json"]).args(more).current_dir(folder.path());
            document::of(&command.output().unwrap())
        };
        let written = words(&[])["result"].clone();
        let files: Vec<&str> =
            written["files"].as_array().unwrap().iter().map(|file| file.as_str().unwrap()).collect();
        let listed = template["files"].as_array().unwrap().iter();
        let listed: Vec<String> =
            listed.map(|file| format!("new/folder/{}", file.as_str().unwrap())).collect();
        assert_eq!(files, listed, "{name}");
        let next = written["next"].as_str().unwrap();
        assert!(next.starts_with("cd new/folder && "), "{name}: {next}");
        let at = |file: &str| folder.path().join(file);
        let contents: Vec<String> = files.iter().map(|file| fs::read_to_string(at(file)).unwrap()).collect();

        fs::write(at(files[0]), "mine").unwrap();
        if let Some(last) = files.iter().skip(1).last() {
            fs::remove_file(at(last)).unwrap();
        }
        let refused = words(&[])["error"].clone();
        assert_eq!(refused["code"], "output.exists", "{name}");
        assert!(refused["what"].as_str().unwrap().contains(files[0]), "{name}: {refused:#}");
        assert_eq!(fs::read_to_string(at(files[0])).unwrap(), "mine", "{name}");
        assert!(files.len() == 1 || !at(files[files.len() - 1]).exists(), "{name}: none of them is written");
        assert!(words(&["--force"])["error"].is_null(), "{name}");
        let again = files.iter().map(|file| fs::read_to_string(at(file)).unwrap());
        assert_eq!(again.collect::<Vec<_>>(), contents, "{name}");
    }
}

#[test]
fn the_files_and_the_next_command_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let (code, stdout, stderr) = init(folder.path(), &["policy"]);
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    insta::assert_snapshot!(stdout, @r"
    written   policy.toml

    next: esp-https probe 192.168.1.7 --audit --policy policy.toml
    ");
    assert_eq!(init(folder.path(), &["boards", "a b"]).0, Some(0));
    assert_eq!(support::names(folder.path()), ["a b", "policy.toml"]);
    let (code, stdout, stderr) = init(folder.path(), &["policy"]);
    assert_eq!((code, stdout.as_str()), (Some(2), ""));
    insta::assert_snapshot!(stderr, @r"
    error: preparing to write the files of the template policy
      policy.toml exists already, and nothing was written
      try: name another folder: esp-https init policy DIR
           or replace what is there with --force
    ");
}

#[test]
fn a_value_is_told_with_the_option_that_fills_it_in() {
    let folder = tempfile::tempdir().unwrap();
    let (code, stdout, _) =
        init(folder.path(), &["kubernetes", "--set", "image=a/b:1", "--set", "target=host"]);
    assert_eq!(code, Some(0));
    insta::assert_snapshot!(stdout, @r"
    written   Containerfile
              job.yaml
              run.sh
    value     host: the server to load (--set target=VALUE)
    value     a/b:1: the image's name, in a registry of your cluster (--set image=VALUE)
    replace   https://example.com/esp-https.git in Containerfile
              by the address from which cargo can clone esp-https, or have it filled in by --set repository=VALUE --force

    next: docker build --tag a/b:1 --file Containerfile . && docker push a/b:1 && sh run.sh
    ");
}

#[test]
fn a_name_or_a_value_that_does_not_exist_is_told_with_those_that_do() {
    let folder = tempfile::tempdir().unwrap();
    let (code, _, stderr) = init(folder.path(), &["polici"]);
    assert_eq!(code, Some(2));
    assert!(
        stderr.starts_with("error: reading the name of the template\n  there is no template \"polici\"\n"),
        "{stderr}"
    );
    let (code, _, stderr) = init(folder.path(), &["policy", "--set", "a=b"]);
    assert_eq!(code, Some(2));
    insta::assert_snapshot!(stderr, @r"
    error: reading --set a
      the template policy has no parameter a
      try: leave --set out: this template has nothing to fill in
    ");
    assert!(support::names(folder.path()).is_empty());
    let (code, _, stderr) = run::text("init", &["--set", "a=b"]);
    assert!(code == 2 && stderr.contains("<NAME>"), "{stderr}");
}
