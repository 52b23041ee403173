//! What differs between operating systems is in one place.

use std::{fs, path::Path};

use support::from_root;

/// What only some systems have, or what asks for the system.
const FOREIGN: [&str; 9] = [
    "cfg(unix",
    "cfg(windows",
    "cfg(target_os",
    "cfg(not(",
    "cfg!(",
    "std::os::",
    "os::unix",
    "os::windows",
    "rustix::",
];

#[test]
fn only_the_module_for_systems_asks_which_system_it_is() {
    let mut read = 0;
    let mut found = Vec::new();
    visit(&from_root("src"), &mut |path, text| {
        read += 1;
        // Unit tests run on Unix only; what they need of it is theirs.
        let program = text.split("#[cfg(test)]\nmod tests").next().unwrap();
        for (number, line) in program.lines().enumerate() {
            if let Some(what) = FOREIGN.iter().find(|what| line.contains(**what)) {
                found.push(format!("{}:{}: {what}", path.display(), number + 1));
            }
        }
    });
    assert!(read > 100, "the sources were not found");
    assert!(found.is_empty(), "this belongs into src/system: {found:#?}");
}

fn visit(folder: &Path, look: &mut impl FnMut(&Path, &str)) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && path != from_root("src/system") {
            visit(&path, look);
        } else if path.extension().is_some_and(|ending| ending == "rs")
            && path.file_stem().is_some_and(|name| name != "tests")
        {
            look(&path, &fs::read_to_string(&path).unwrap());
        }
    }
}
