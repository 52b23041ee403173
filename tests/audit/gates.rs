//! `--expect-*`, `--policy`, `--baseline`, `--junit`, several hosts, and mutual TLS.

use std::fs;

use support::junit;

use crate::bench::{Run, Server, folder, nobody, probe};

fn code(run: &Run) -> (i32, &str) {
    (run.code, run.document["error"]["code"].as_str().unwrap_or("none"))
}

fn file(folder: &tempfile::TempDir, name: &str, text: &str) -> String {
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    path.display().to_string()
}

#[test]
fn what_is_expected_passes_or_fails_with_1() {
    let server = Server::openssl("rsa", &["-tls1_3"]);
    let all = [
        ["--expect-version", "1.3"],
        ["--expect-suite", "TLS_AES_256_GCM_SHA384"],
        ["--expect-group", "x25519"],
        ["--expect-days", "1d"],
    ]
    .concat();
    let run = probe(&[&[server.address().as_str()], &all[..]].concat());
    assert_eq!(code(&run), (0, "none"), "{:#}", run.document);
    assert_eq!(run.result()["checks"].as_array().unwrap().len(), 4);
    for wrong in [
        ["--expect-version", "1.2"],
        ["--expect-suite", "0xc02f"],
        ["--expect-group", "P-256"],
        ["--expect-days", "200y"],
    ] {
        let run = probe(&[&[server.address().as_str()], &wrong[..]].concat());
        assert_eq!(code(&run), (1, "probe.check_failed"), "{wrong:?}");
    }
    for nonsense in [["--expect-version", "9"], ["--expect-suite", "AES"], ["--expect-group", "curve"]] {
        let run = probe(&[&[server.address().as_str()], &nonsense[..]].concat());
        assert_eq!(code(&run), (2, "probe.expectation"), "{nonsense:?}");
        let what = run.document["error"]["what"].as_str().unwrap();
        assert!(what.contains(": the known ones are "), "{what}");
    }
    let run = probe(&[&server.address(), "--expect-version", "1.4"]);
    assert_eq!(
        run.document["error"]["what"],
        "`1.4` is not a known protocol version: the known ones are TLS 1.3, TLS 1.2, TLS 1.1, TLS 1.0, SSL 3.0"
    );
}

#[test]
fn a_policy_is_held_against_look_and_audit() {
    let (server, own) = (Server::openssl("rsa", &[]), tempfile::tempdir().unwrap());
    let good = file(
        &own,
        "good.toml",
        "[negotiated]\nversions = ['TLS 1.3']\n[certificate]\nmin_rsa_bits = 2048\nmin_days_left = 7\n\
         [items]\nheartbeat = 'no'\n'version.tls1_3' = 'yes'\n[at_least]\n'hello.largest' = 4096\n\
         [findings]\nworst = 'low'\naccept = ['suite.static_rsa', 'certificate.no_names']\n",
    );
    let run = probe(&[&server.address(), "--audit", "--policy", &good]);
    assert_eq!(code(&run), (0, "none"), "{:#}", run.document["error"]);
    assert_eq!(run.result()["checks"].as_array().unwrap().len(), 7);
    let bad = file(&own, "bad.toml", "[items]\n'tls1_2.static_rsa' = 'no'\n");
    let run = probe(&[&server.address(), "--audit", "--policy", &bad]);
    assert_eq!(code(&run), (1, "probe.check_failed"));
    assert_eq!(run.document["error"]["what"], "policy.items.tls1_2.static_rsa: wanted no, found yes");
    let run = probe(&[&server.address(), "--policy", &bad]);
    assert_eq!(code(&run), (2, "probe.gate_file"), "only an audit can tell");
    for unknown in [
        "[versions]\n",
        "[items]\nheartbeet = 'no'\n",
        "[negotiated]\nversions = ['TLS 1.4']\n",
        "[findings]\naccept = ['x']\n",
    ] {
        let unknown = file(&own, "unknown.toml", unknown);
        assert_eq!(code(&probe(&[&server.address(), "--policy", &unknown])), (2, "probe.gate_file"));
    }
}

#[test]
fn a_policy_takes_the_spellings_that_options_take() {
    let (server, own) = (Server::openssl("rsa", &["-tls1_3"]), tempfile::tempdir().unwrap());
    for version in ["1.3", "tls1.3", "TLS1.3", "TLSv1.3", "TLS 1.3"] {
        let policy = file(&own, "policy.toml", &format!("[negotiated]\nversions = ['{version}']\n"));
        let run = probe(&[&server.address(), "--policy", &policy, "--expect-version", version]);
        assert_eq!(code(&run), (0, "none"), "{version}: {:#}", run.document["error"]);
        let wanted = run.result()["checks"].as_array().unwrap().iter().map(|check| check["wanted"].clone());
        assert_eq!(wanted.collect::<Vec<_>>(), ["TLS 1.3", "TLS 1.3"]);
    }
}

#[test]
fn a_baseline_tells_what_has_changed() {
    let own = tempfile::tempdir().unwrap();
    let (server, old) = (Server::openssl("rsa", &[]), own.path().join("old.json"));
    let kept = support::command()
        .args(["probe", "--json", "-q", "--audit", &server.address(), "-o"])
        .arg(&old)
        .status()
        .unwrap();
    assert!(kept.success());
    let old = old.display().to_string();
    let run = probe(&[&server.address(), "--audit", "--baseline", &old]);
    assert_eq!(code(&run), (0, "none"), "{:#}", run.result()["changes"]);
    assert_eq!(run.result()["changes"].as_array().unwrap().len(), 0);
    let other = Server::openssl("ecdsa", &["-tls1_2"]);
    let run = probe(&[&other.address(), "--audit", "--baseline", &old]);
    assert_eq!(code(&run), (1, "probe.changed"));
    let what: Vec<_> =
        run.result()["changes"].as_array().unwrap().iter().map(|it| it["what"].as_str().unwrap()).collect();
    for expected in ["version.tls1_3", "certificate.sha256", "handshake.version", "finding.suite.static_rsa"]
    {
        assert!(what.contains(&expected), "{expected} in {what:?}");
    }
    let empty = file(&own, "empty.json", "{\"schema\": \"esp-https/probe/1\", \"result\": null}");
    assert_eq!(code(&probe(&[&server.address(), "--baseline", &empty])), (2, "probe.baseline"));
    assert_eq!(code(&probe(&[&server.address(), "--baseline", "/nonexistent"])), (2, "probe.gate_file"));
}

#[test]
fn several_hosts_are_asked_at_once_and_the_gravest_decides() {
    let (one, two, gone) = (Server::openssl("rsa", &[]), Server::openssl("ecdsa", &["-tls1_2"]), nobody());
    let run = probe(&[&one.address(), &two.address(), &one.address()]);
    assert_eq!(run.code, 0, "{:#}", run.document);
    let hosts = run.result()["hosts"].as_array().unwrap();
    assert_eq!(hosts.len(), 2, "each once");
    assert_eq!(hosts[1]["result"]["handshake"]["version"], "TLS 1.2");
    let own = tempfile::tempdir().unwrap();
    let list = file(&own, "boards.txt", &format!("# boards\n{}  # the first\n\n{gone}\n", one.address()));
    let run = probe(&["--targets", &list, "--expect-version", "1.2"]);
    assert_eq!(code(&run), (4, "client.refused"), "{:#}", run.document);
    let codes: Vec<_> =
        run.result()["hosts"].as_array().unwrap().iter().map(|it| it["exit_code"].clone()).collect();
    assert_eq!(codes, [1, 4]);
    let nothing = file(&own, "none.txt", "# nobody\n");
    assert_eq!(code(&probe(&["--targets", &nothing])), (2, "probe.targets"));
    assert_eq!(code(&probe(&[&one.address(), &two.address(), "--trace"])), (2, "probe.several"));
}

#[test]
fn several_hosts_are_audited_at_once() {
    let (one, two) = (Server::openssl("rsa", &["-tls1_3"]), Server::openssl("ecdsa", &["-tls1_2"]));
    let run = probe(&[&one.address(), &two.address(), "--audit"]);
    let hosts = run.result()["hosts"].as_array().unwrap();
    let version = |host: &serde_json::Value, id: &str| {
        let items = host["result"]["items"].as_array().unwrap();
        items.iter().find(|item| item["id"] == id).unwrap()["verdict"].clone()
    };
    assert_eq!(
        (version(&hosts[0], "version.tls1_3"), version(&hosts[1], "version.tls1_3")),
        ("yes".into(), "no".into())
    );
}

#[test]
fn junit_has_a_case_for_each_question_check_and_change() {
    let (server, own) = (Server::openssl("rsa", &[]), tempfile::tempdir().unwrap());
    let xml = own.path().join("probe.xml").display().to_string();
    let gone = nobody();
    let run = probe(&[&server.address(), &gone, "--expect-version", "1.2", "--junit", &xml]);
    assert_eq!(run.code, 4);
    let case = |suite: &str, name: &str, end: &str| (suite.to_owned(), name.to_owned(), end.to_owned());
    assert_eq!(
        junit::cases(xml.as_ref()),
        [
            case(&server.address(), "handshake", "passed"),
            case(&server.address(), "expect.version", "failure"),
            case(&gone, "handshake", "error"),
        ]
    );
    let text = fs::read_to_string(&xml).unwrap();
    assert!(text.contains("<failure message=\"wanted TLS 1.2, found TLS 1.3\""), "{text}");
    assert!(text.contains("<error message=\"it refused the connection"), "{text}");
    probe(&[&server.address(), "--audit", "--junit", &xml]);
    let cases = junit::cases(xml.as_ref());
    assert_eq!(cases.len(), 60, "{cases:?}");
    assert!(cases.contains(&case(&server.address(), "version.tls1_0", "passed")), "{cases:?}");
    assert!(cases.iter().all(|(_, _, end)| end == "passed" || end == "skipped"), "{cases:?}");
}

#[test]
fn a_client_certificate_is_shown_where_one_is_asked_for() {
    let server = Server::openssl("rsa", &["-Verify", "1", "-CAfile", "ca.pem", "-verify_return_error"]);
    let path = |name: &str| folder().join(name).display().to_string();
    let own = ["--client-cert", &path("ca.pem"), "--client-key", &path("ca.key")];
    let run = probe(&[&[server.address().as_str()], &own[..]].concat());
    assert_eq!(code(&run), (0, "none"), "{:#}", run.document);
    assert_eq!(run.result()["page"]["outcome"], "answered");
    let run = probe(&[&server.address()]);
    assert_eq!(code(&run), (4, "client.client_certificate"), "without one");
    let run = probe(&[&server.address(), "--audit"]);
    assert_eq!(code(&run), (0, "none"), "all that can be asked without one: {:#}", run.document["error"]);
    assert!(run.item("request.too_large")["evidence"]["says"].as_str().unwrap().contains("--client-cert"));
    assert_eq!((run.verdict("request.too_large"), run.verdict("version.tls1_3")), ("skipped", "yes"));
    let run = probe(&[&[server.address().as_str(), "--audit"], &own[..]].concat());
    assert_eq!(code(&run), (0, "none"), "{:#}", run.document["error"]);
    assert_eq!(run.list("client_certificate"), ["CN=bench ca"]);
    let wrong = ["--client-cert", &path("ca.pem"), "--client-key", &path("rsa.key")];
    let run = probe(&[&[server.address().as_str()], &wrong[..]].concat());
    assert_eq!(code(&run), (2, "client.key_file"));
    assert!(!run.document.to_string().contains("PRIVATE"));
}
