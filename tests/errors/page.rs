//! `docs/errors.md`, made from the rows in `src/error/code/`.

use std::{env, fmt::Write as _, fs, path::Path};

use esp_https::error::{Code, CodeGroup, Fault};

/// With `UPDATE_DOCS=1` the file is written instead of compared.
#[test]
fn docs_errors_md_has_all_codes_as_they_are_in_the_source() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/errors.md");
    let page = page();
    if env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let there = fs::read_to_string(&path).unwrap_or_default();
    let differs = page.lines().zip(there.lines()).find(|(wanted, found)| wanted != found);
    assert!(
        there == page,
        "docs/errors.md is not as src/error/code/ has it, first at {differs:#?}; write it anew:\n\
         UPDATE_DOCS=1 cargo nextest run -E 'binary(errors) and test(docs_errors_md)'"
    );
}

fn page() -> String {
    let mut page = HEAD.to_owned();
    for group in Code::GROUPS {
        section(&mut page, group).unwrap();
    }
    page
}

fn section(page: &mut String, group: &CodeGroup) -> std::fmt::Result {
    writeln!(page, "\n## {}\n", group.title)?;
    writeln!(page, "| Code | Exit code | Meaning | What to do |\n|---|---|---|---|")?;
    for code in group.codes {
        let cell = |text: &str| text.replace('|', "\\|");
        let (meaning, advice) = (cell(code.meaning()), cell(code.advice()));
        writeln!(page, "| `{code}` | {} | {meaning} | {advice} |", exits(code.faults()))?;
    }
    Ok(())
}

fn exits(faults: &[Fault]) -> String {
    let mut exits: Vec<u8> = faults.iter().map(|fault| fault.exit_code()).collect();
    exits.sort_unstable();
    exits.dedup();
    exits.iter().map(u8::to_string).collect::<Vec<_>>().join(", ")
}

const HEAD: &str = "\
# Errors

Every error of `esp-https` has a code, which scripts find as `error.code` in the document that `--json` writes. A code keeps its
meaning from version to version; CHANGELOG.md says when one changes. The text of an error, its hint and its evidence may change.

The exit code says whose fault it was: 1 a check failed, 2 the command line or a file named on it is wrong, 3 the answer could not
be told, 4 this machine lacks something or the device can't be reached, 5 the peer broke the protocol, 70 a bug in `esp-https`,
130 interrupted. A code with several exit codes has the one of the case at hand.

Where `esp-https doctor` looks at what an error is about, the hint of the error ends with this command: it checks at once
everything that the commands need of this machine ([doctor.md](doctor.md)).

This page is made from the source (`src/error/code/`): change it there.
";
