//! `load merge`: the sum of several results, exactly.

use std::fs;

use base64ct::{Base64, Encoding as _};
use hdrhistogram::serialization::Deserializer;
use serde_json::Value;

use crate::{
    bench::{load, load_text, parse_valid},
    server::Server,
};

fn files(folder: &tempfile::TempDir, runs: &[&Value]) -> Vec<String> {
    let write = |(index, document): (usize, &&Value)| {
        let path = folder.path().join(format!("{index}.json"));
        fs::write(&path, document.to_string()).unwrap();
        path.display().to_string()
    };
    runs.iter().enumerate().map(write).collect()
}

#[test]
fn results_add_up_bucket_by_bucket() {
    let server = Server::good();
    let one = load(&[&server.address, "-n", "30", "--no-stat"]);
    let two = load(&[&server.address, "-n", "70", "-c", "2", "--no-stat"]);
    let folder = tempfile::tempdir().unwrap();
    let mut args = vec!["merge".to_owned()];
    args.extend(files(&folder, &[&one.document, &two.document]));
    let sum = load(&args);
    assert_eq!((sum.code, sum.result("/kind")), (0, &"merged".into()));
    assert_eq!((sum.number("/units/completed"), sum.number("/load/connections")), (100, 3));
    for phase in ["total", "first_byte", "tls_full", "tcp_connect"] {
        let buckets = |run: &crate::bench::Run| {
            let text = run.result(&format!("/latency/{phase}/hdr_v2")).as_str().unwrap().to_owned();
            let bytes = Base64::decode_vec(&text).unwrap();
            Deserializer::new().deserialize::<u64, _>(&mut bytes.as_slice()).unwrap()
        };
        let mut expected = buckets(&one);
        expected.add(buckets(&two)).unwrap();
        assert_eq!(buckets(&sum), expected, "{phase}");
    }
}

#[test]
fn a_sum_can_be_summed_again_and_gates_are_judged_on_it() {
    let server = Server::good();
    let one = load(&[&server.address, "-n", "10", "--no-stat"]);
    let folder = tempfile::tempdir().unwrap();
    let two = files(&folder, &[&one.document, &one.document]);
    let sum = load(&["merge", &two[0], &two[1], "--fail-if", "completed<20"]);
    assert_eq!((sum.code, sum.number("/units/completed")), (0, 20));
    let again = files(&folder, &[&sum.document, &one.document]);
    let run = load(&["merge", &again[0], &again[1], "--fail-if", "completed>29"]);
    assert_eq!((run.error(), run.number("/units/completed")), ((1, "load.gate"), 30));
}

#[test]
fn the_flags_of_every_command_may_stand_before_merge_and_those_of_a_run_may_not() {
    let server = Server::good();
    let one = load(&[&server.address, "-n", "10", "--no-stat"]);
    let folder = tempfile::tempdir().unwrap();
    let file = &files(&folder, &[&one.document])[0];
    let sum = folder.path().join("sum.txt").display().to_string();
    let (code, document, _) = load_text(&["--json", "merge", file]);
    assert_eq!((code, parse_valid(document.as_bytes())["result"]["kind"].as_str()), (0, Some("merged")));
    for flags in [&["-o", &sum][..], &["--output", &sum], &["-q", "-o", &sum], &["-q"]] {
        let (code, _, error) = load_text(&[flags, &["merge", file]].concat());
        assert_eq!((code, error.as_str()), (0, ""), "{flags:?}");
    }
    assert!(fs::read_to_string(&sum).unwrap().contains("10 requests"));
    for (words, name) in [
        (&["--rate", "5", "merge", file][..], "'--rate <R>'"),
        (&["-q", "--fail-if", "errors>0", "merge", file], "'--fail-if <EXPR>'"),
        (&["board.local", "merge", file], "'<HOST[:PORT][/PATH]>'"),
    ] {
        let (code, _, error) = load_text(words);
        let what = format!("error: {name} cannot be used before 'merge': options of 'merge' come after it\n");
        assert!(code == 2 && error.starts_with(&what), "{words:?}: {code} {error}");
    }
}

#[test]
fn what_is_no_result_is_refused_by_name() {
    let server = Server::good();
    let requests = load(&[&server.address, "-n", "5", "--no-stat"]);
    let handshakes = load(&[&server.address, "-n", "5", "--no-stat", "--mode", "handshake"]);
    let folder = tempfile::tempdir().unwrap();
    let both = files(&folder, &[&requests.document, &handshakes.document]);
    assert_eq!(load(&["merge", &both[0], &both[1]]).error(), (2, "load.other_mode"));
    assert_eq!(load(&["merge", "/nowhere/a.json"]).error(), (2, "load.unreadable"));
    let mut broken = requests.document.clone();
    broken["result"]["latency"]["total"]["hdr_v2"] = "AAAA".into();
    for bad in [serde_json::json!({}), serde_json::json!({"schema": "esp-https/probe/1"}), broken] {
        let file = &files(&folder, &[&bad])[0];
        let run = load(&["merge", file]);
        assert_eq!(run.error(), (2, "load.not_a_result"));
        assert!(run.stderr.contains(file.as_str()), "{}", run.stderr);
    }
    let (code, _, _) = load_text(&["merge"]);
    assert_eq!(code, 2);
}
