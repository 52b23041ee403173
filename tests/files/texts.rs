//! Lists of servers, policies and results may begin with a byte-order mark or be UTF-16, as some editors and shells write
//! them (`>` of Windows PowerShell, for example).

use crate::Workspace;

/// The text as it is, with a byte-order mark, and in UTF-16 of both kinds.
fn forms(text: &str) -> Vec<Vec<u8>> {
    let marked = format!("\u{feff}{text}");
    let utf16 = |bytes: fn(u16) -> [u8; 2]| marked.encode_utf16().flat_map(bytes).collect();
    vec![text.into(), marked.clone().into_bytes(), utf16(u16::to_le_bytes), utf16(u16::to_be_bytes)]
}

#[test]
fn lists_policies_and_results_are_read_whatever_their_encoding() {
    let workspace = Workspace::new();
    let errors = |text: &str, words: &[&str]| {
        let read = |form: Vec<u8>| {
            workspace.write("file", form);
            let error = workspace.error(words);
            (error["doing"].as_str().unwrap().to_owned(), error["what"].as_str().unwrap().to_owned())
        };
        forms(text).into_iter().map(read).collect::<Vec<_>>()
    };
    // The next file in turn ends what is left of the run.
    for (text, words, doing) in [
        (
            "# mine\n127.0.0.1:1\n",
            &["probe", "--targets", "file", "--policy", "none"][..],
            "reading --policy none",
        ),
        (
            "[negotiated]\nversions = [\"TLS 1.3\"]\n",
            &["probe", "127.0.0.1:1", "--policy", "file", "--baseline", "none"],
            "reading --baseline none",
        ),
        ("{}", &["probe", "127.0.0.1:1", "--baseline", "file"], "reading --baseline file"),
        ("{}", &["load", "merge", "file", "file"], "reading file"),
    ] {
        let told = errors(text, words);
        assert_eq!(told[0].0, doing, "{words:?}: {told:?}");
        assert!(told.iter().all(|form| *form == told[0]), "{words:?}: {told:?}");
    }
    workspace.write("file", b"\x8e\x9d\xff");
    let error = workspace.error(&["probe", "--targets", "file"]);
    assert_eq!(error["what"], "it is not text (UTF-8)");
}
