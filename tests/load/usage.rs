//! Command lines that ask for something that can't be done.

use crate::bench::{load, load_text};

#[test]
fn what_can_not_be_is_a_usage_error_with_its_reason() {
    for (flags, code) in [
        (&["http://host/"][..], "client.target"),
        (&["host", "--fail-if", "tsl.p99>5ms"], "load.fail_if"),
        (&["host", "--find-limit", "--fail-if", "device.heap_min<20000"], "load.fail_if"),
        (&["host", "--no-stat", "--fail-if", "device.leak>0"], "load.fail_if"),
        (&["host", "--suite", "TLS_NULL"], "load.unknown_name"),
        (&["host", "--group", "x448"], "load.unknown_name"),
        (&["host", "--tls", "1.3", "--suite", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"], "load.tls"),
        (&["host", "-H", "no colon"], "client.header"),
        (&["host", "-H", "Transfer-Encoding: chunked"], "client.header"),
        (&["host", "-H", "content-length: 5"], "client.header"),
        (&["host", "-d", "@/nowhere/body"], "client.body"),
        (&["host", "-m", "GET /"], "client.method"),
        (&["host", "--cert", "/nowhere.pem"], "client.certificate_file"),
        (&["host", "--server-name", "a b"], "client.server_name"),
        (&["host", "--start-at", "noon"], "load.start_at"),
        (&["host", "--start-at", "2020-01-01T00:00:00Z"], "load.start_at"),
    ] {
        let run = load(flags);
        assert_eq!(run.error(), (2, code), "{flags:?}");
        assert!(run.document["error"]["try"].is_string(), "{flags:?}");
    }
}

#[test]
fn flags_that_exclude_each_other_are_refused() {
    for flags in [
        &["host", "-c", "0"][..],
        &["host", "--rate", "5", "--ramp", "1:2"],
        &["host", "--find-limit", "-n", "5"],
        &["host", "--cert", "a", "--insecure"],
        &["host", "--client-cert", "a"],
        &["host", "-z", "0"],
        &["host", "-z", "1x"],
        &["host", "-d", "@"],
        &["host", "--find-limit", "--hgrm", "x"],
        &[],
    ] {
        assert_eq!(load_text(flags).0, 2, "{flags:?}");
    }
}

#[test]
fn the_help_begins_with_examples() {
    let (code, text, _) = load_text(&["--help"]);
    assert_eq!(code, 0);
    assert!(text.starts_with("Examples:\n"), "{text}");
    assert!(text.contains("--find-limit"), "{text}");
}
