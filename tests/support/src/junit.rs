//! JUnit XML as other programs read it.

use std::{fs, path::Path, process::Command};

/// The cases of a file: the suite's name, the case's, and `passed`, `failure`, `error` or `skipped`. Python's reader of XML reads it.
/// Every suite has its time and its beginning, every case its time, and the counts are right.
pub fn cases(path: &Path) -> Vec<(String, String, String)> {
    let output = Command::new("python3").args(["-c", READ]).arg(path).output().unwrap();
    let read = || fs::read_to_string(path).unwrap();
    assert!(output.status.success(), "{}\n{}", String::from_utf8_lossy(&output.stderr), read());
    let text = String::from_utf8(output.stdout).unwrap();
    let part = |parts: &[&str], index: usize| parts[index].to_owned();
    let lines = text.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    lines.map(|parts| (part(&parts, 0), part(&parts, 1), part(&parts, 2))).collect()
}

const READ: &str = r#"
import re, sys, xml.etree.ElementTree as tree
root = tree.parse(sys.argv[1]).getroot()
assert root.tag == "testsuites" and float(root.get("time")) >= 0, root.attrib
for suite in root:
    assert suite.tag == "testsuite" and float(suite.get("time")) >= 0, suite.attrib
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", suite.get("timestamp")), suite.attrib
    ends = []
    for case in suite.findall("testcase"):
        assert float(case.get("time")) >= 0 and case.get("classname"), case.attrib
        bad = [part.tag for part in case if part.tag not in ("system-out", "flakyError")]
        assert len(bad) <= 1, case.attrib
        ends.append(bad[0] if bad else "passed")
        print(suite.get("name"), case.get("name"), ends[-1], sep="\t")
    for tag, count in [("failure", "failures"), ("error", "errors")]:
        assert int(suite.get(count)) == ends.count(tag), suite.attrib
    assert int(suite.get("tests")) == len(ends), suite.attrib
"#;
