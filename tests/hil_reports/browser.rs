//! The pages in Chromium: what it makes of them.

use std::{fs, path::Path, process::Command};

use crate::{page::page, sample};

/// The document after Chromium has read it, laid out for a window of this size.
fn dom(chromium: &Path, html: &str, name: &str) -> String {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hil_reports");
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join(format!("{name}.html"));
    fs::write(&file, html).unwrap();
    let profile = tempfile::tempdir().unwrap();
    let mut command = Command::new(chromium);
    command.args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"]);
    command.args(["--disable-background-networking", "--disable-component-update"]);
    command.arg(format!("--user-data-dir={}", profile.path().display()));
    let output = command.args(["--timeout=20000", "--dump-dom"]).arg(file).output().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn chromium_reads_every_page_as_it_was_meant() {
    let Some(chromium) = support::require("chromium", "apt-get install chromium") else { return };
    for (name, run) in [
        ("green", sample::green()),
        ("regression", sample::regression()),
        ("lab", sample::lab_failure()),
        ("interrupted", sample::interrupted()),
        ("hostile", sample::hostile()),
    ] {
        let html = page(run.clone());
        let dom = dom(&chromium, &html, name);
        let count = |text: &str| dom.matches(text).count();
        let boards = run["boards"].as_array().unwrap();
        let steps: usize = boards.iter().map(|board| board["steps"].as_array().unwrap().len()).sum();
        assert_eq!(count("<section class=\"board\""), boards.len(), "{name}: {dom}");
        assert_eq!(count("<details class=\"step "), steps, "{name}");
        assert_eq!(
            count("</details>"),
            html.matches("<details").count(),
            "{name}: nothing was closed for us"
        );
        assert_eq!(count("<script"), 0, "{name}");
        assert!(dom.trim_end().ends_with("</html>"), "{name}");
    }
}
