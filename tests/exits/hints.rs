//! A hint names flags of its own command, or says whose they are.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use clap::CommandFactory as _;
use esp_https::{cli::Cli, error::Code};
use serde_json::Value;

/// The flags of each verb, the global ones and those of its own verbs included.
fn flags() -> BTreeMap<String, BTreeSet<String>> {
    let mut root = Cli::command();
    root.build();
    let long = |command: &clap::Command| -> BTreeSet<String> {
        command.get_arguments().filter_map(|arg| arg.get_long().map(|long| format!("--{long}"))).collect()
    };
    let of = |verb: &clap::Command| {
        let below = verb.get_subcommands().flat_map(long);
        (verb.get_name().to_owned(), long(verb).into_iter().chain(below).collect())
    };
    root.get_subcommands().map(of).collect()
}

/// The flags in a text that the verb does not have. `esp-https VERB` before a flag says whose it is, and so does the
/// name of another program.
fn strangers<'a>(verb: &str, text: &'a str) -> Vec<&'a str> {
    let all = flags();
    let global: BTreeSet<String> =
        all["certgen"].iter().filter(|flag| all.values().all(|of| of.contains(*flag))).cloned().collect();
    let own = all.get(verb).unwrap_or(&global);
    let mut strangers = Vec::new();
    for line in text.lines() {
        let (mut whose, mut words) = (Some(own), line.split_whitespace().peekable());
        while let Some(word) = words.next() {
            let bare = word.trim_matches(|c: char| !c.is_ascii_alphanumeric() && c != '-');
            let flag = bare.split('=').next().unwrap_or_default();
            if bare == "esp-https" {
                let next = words.peek().map(|word| word.trim_matches(|c: char| !c.is_ascii_alphanumeric()));
                whose = next.and_then(|verb| all.get(verb)).or(whose);
            } else if OTHER_PROGRAMS.contains(&bare) {
                whose = None;
            } else if flag.starts_with("--")
                && flag.as_bytes().get(2).is_some_and(u8::is_ascii_alphanumeric)
                && whose.is_some_and(|of| !of.contains(flag))
            {
                strangers.push(flag);
            }
        }
    }
    strangers
}

/// The hints of a document, those of boards and servers included, that name flags which the verb does not have.
pub(crate) fn strangers_in(verb: &str, document: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let mut values = vec![document];
    while let Some(value) = values.pop() {
        if let Some(Value::String(hint)) = value.get("try") {
            let strangers = strangers(verb, hint);
            faults.extend(
                strangers.iter().map(|flag| format!("its hint names {flag}, which it does not have: {hint}")),
            );
        }
        match value {
            Value::Array(below) => values.extend(below),
            Value::Object(below) => values.extend(below.values()),
            _ => {}
        }
    }
    faults
}

#[test]
fn a_flag_belongs_to_the_command_that_is_named_before_it() {
    assert_eq!(strangers("monitor", "give it longer with --for"), [""; 0]);
    assert_eq!(strangers("monitor", "give it longer with --wait-ready"), ["--wait-ready"]);
    assert_eq!(strangers("monitor", "esp-https flash --wait-ready 1m; and --for"), ["--for"]);
    assert_eq!(strangers("monitor", "does qemu-system-riscv32 --version say 7.2?"), [""; 0]);
    assert_eq!(strangers("usage", "see `esp-https --help`, and --force"), ["--force"]);
}

/// The texts of each verb's own folder in the source, whether or not a test brings them about.
#[test]
fn no_text_of_a_verb_names_a_flag_of_another() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cmd");
    let (mut faults, mut texts) = (Vec::new(), 0);
    for verb in flags().keys() {
        for file in fs::read_dir(root.join(verb)).unwrap() {
            let path = file.unwrap().path();
            // Tests of a file that is long have a folder of their own.
            if path.is_dir() {
                continue;
            }
            let source = fs::read_to_string(&path).unwrap();
            let code = source.split("#[cfg(test)]").next().unwrap();
            for text in string_literals(code).into_iter().chain(advice_of_rows(code)) {
                texts += 1;
                let strangers = strangers(verb, &text);
                faults.extend(strangers.iter().map(|flag| format!("{}: {flag} in {text:?}", path.display())));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
    assert!(texts > 200, "{texts}");
}

/// The same of the files that several verbs share.
#[test]
fn no_text_that_several_verbs_share_names_a_flag_that_one_of_them_does_not_have() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cmd");
    let mut faults = Vec::new();
    for file in fs::read_dir(root).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        // The help of an option names others of the same verb.
        if path.is_dir() || ["mod.rs", "help.rs"].contains(&name.as_str()) {
            continue;
        }
        let (_, verbs) =
            SHARED.iter().find(|(file, _)| *file == name).unwrap_or_else(|| panic!("who uses {name}?"));
        let source = fs::read_to_string(&path).unwrap();
        let code = source.split("#[cfg(test)]").next().unwrap();
        for text in string_literals(code).into_iter().chain(advice_of_rows(code)) {
            let is_chosen_by_verb =
                CHOSEN_BY_VERB.iter().any(|(file, begin)| *file == name && text.starts_with(begin));
            for verb in verbs.iter().filter(|_| !is_chosen_by_verb) {
                let strangers = strangers(verb, &text);
                faults.extend(strangers.iter().map(|flag| format!("{name}, {verb}: {flag} in {text:?}")));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

/// The hints that errors take from the rows of their codes.
fn advice_of_rows(code: &str) -> Vec<String> {
    let codes = || Code::GROUPS.iter().flat_map(|group| group.codes);
    let named = |part: &str| {
        let name: String =
            part.chars().take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '_').collect();
        codes().find(|code| code.as_str().replace('.', "_").to_uppercase() == name)
    };
    let advised =
        code.split("Code::").skip(1).filter(|part| part.contains(".advised()") || part.contains(".hint(),"));
    advised.filter_map(named).map(|code| code.hint()).collect()
}

/// The texts between quotation marks, outside of comments.
fn string_literals(code: &str) -> Vec<String> {
    let mut literals = Vec::new();
    let code: String = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .map(|line| format!("{line}\n"))
        .collect();
    let mut characters = code.chars();
    while let Some(character) = characters.next() {
        match character {
            // A quotation mark as a character.
            '\'' if characters.as_str().starts_with("\"'") => drop(characters.next()),
            '"' => {
                let mut text = String::new();
                while let Some(character) = characters.next() {
                    match character {
                        '"' => break,
                        '\\' => match characters.next() {
                            Some('n') => text.push('\n'),
                            Some(other) => text.push(other),
                            None => break,
                        },
                        other => text.push(other),
                    }
                }
                literals.push(text);
            }
            _ => {}
        }
    }
    literals
}

/// Programs whose flags our texts name.
const OTHER_PROGRAMS: [&str; 6] = ["qemu-system-riscv32", "openssl", "cargo", "rustup", "esptool", "curl"];

/// The files that several verbs share, and these verbs.
const SHARED: [(&str, &[&str]); 13] = [
    ("board_fault.rs", &["flash", "monitor"]),
    ("cert_advice.rs", &["flash", "emulate", "probe", "load"]),
    // The other two say something else of a pair that they can't make: `pair.rs`.
    ("cert_fault.rs", &["certgen"]),
    ("firmware.rs", &["flash", "emulate"]),
    ("junit.rs", &["flash", "probe", "load"]),
    ("pair.rs", &["flash", "emulate"]),
    // What `discover` takes from it names no flag.
    ("peer_fault.rs", &["probe", "load"]),
    ("peer_files.rs", &["probe", "load"]),
    // In `hil`, flags in these hints are told as fields of the scenario.
    ("ports.rs", &["flash", "monitor"]),
    ("provisioning_fault.rs", &["flash", "emulate"]),
    ("request.rs", &["probe", "load"]),
    ("request_fault.rs", &["probe"]),
    (
        "runtime.rs",
        &["certgen", "flash", "monitor", "emulate", "probe", "load", "discover", "doctor", "hil", "init"],
    ),
];
/// The beginnings of texts that exist once for each verb; the tests of the file try which one gets which.
const CHOSEN_BY_VERB: [(&str, &str); 1] = [("board_fault.rs", "give it longer with ")];
