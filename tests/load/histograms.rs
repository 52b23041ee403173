//! The histograms as programs read them that nobody here wrote: HdrHistogram's package for Python.

use std::{fs, path::Path, process::Command};

use base64ct::{Base64, Encoding as _};
use hdrhistogram::serialization::{Deserializer, Serializer as _, V2Serializer};
use serde_json::Value;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use support::require_python;

use crate::{bench::load, server::Server};

/// What Python reads of a result, and of its log.
fn read_by_python(python: &Path, result: &Path, log: &Path) -> Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/load/python/histograms.py");
    let output = Command::new(python).args([&script, result, log]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn hdrhistogram_of_python_reads_the_result_the_log_and_the_percentiles() {
    let Some(python) = require_python("hdrh") else { return };
    let server = Server::good();
    let folder = tempfile::tempdir().unwrap();
    let [hgrm, hlog, result] = ["r.hgrm", "r.hlog", "r.json"].map(|name| folder.path().join(name));
    let (hgrm_name, hlog_name) = (hgrm.display().to_string(), hlog.display().to_string());
    let rate = ["-n", "300", "--rate", "3000", "-c", "3", "--no-stat"];
    let run =
        load(&[&[server.address.as_str(), "--hgrm", &hgrm_name, "--hlog", &hlog_name], &rate[..]].concat());
    fs::write(&result, run.document.to_string()).unwrap();
    let read = read_by_python(&python, &result, &hlog);
    let names = ["tcp_connect", "tls_full", "first_byte", "total", "total_uncorrected"];
    assert_eq!(read["phases"].as_object().unwrap().len(), names.len(), "{read:#}");
    let began = OffsetDateTime::parse(run.result("/started_at").as_str().unwrap(), &Rfc3339).unwrap();
    let began_ms = began.unix_timestamp_nanos() as f64 / 1e6;
    for (name, logged) in names.iter().zip(read["logged"].as_array().unwrap()) {
        let ours = run.result(&format!("/latency/{name}"));
        for (key, value) in read["phases"][name].as_object().unwrap() {
            assert_eq!((&ours[key], &logged[key]), (value, value), "{name} {key}");
        }
        assert_eq!(logged["tag"], *name);
        let [from, to] = ["from_ms", "to_ms"].map(|key| logged[key].as_f64().unwrap() - began_ms);
        let lasted = run.number("/elapsed_us") as f64 / 1e3;
        assert!(from.abs() <= 1.0 && (to - lasted).abs() <= 2.0, "{from} {to} {lasted}");
    }
    let ours = fs::read_to_string(&hgrm).unwrap();
    assert_is_distribution(&ours, &read);
    assert!(ours.contains(", Total count    =          300]\n"), "{ours}");
}

/// Each line holds a recorded value, the first at or above its percentile, and how many are not above it. Where the lines are
/// is not compared: the Python package has a mistake there, and its lines wander off from those of the Java original.
fn assert_is_distribution(ours: &str, read: &Value) {
    let theirs = read["distribution"].as_str().unwrap();
    let cumulative: Vec<(&str, f64)> = read["cumulative"]
        .as_array()
        .unwrap()
        .iter()
        .map(|pair| (pair[0].as_str().unwrap(), pair[1].as_f64().unwrap()))
        .collect();
    let total = cumulative.last().unwrap().1;
    assert_eq!(ours.lines().next(), theirs.lines().next());
    assert_eq!(ours.lines().last(), theirs.lines().last(), "the numbers of buckets");
    let lines: Vec<Vec<&str>> = ours
        .lines()
        .skip(2)
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split_whitespace().collect())
        .collect();
    assert!(lines.len() > 20, "{ours}");
    for line in &lines {
        let [percentile, count] = [1, 2].map(|column: usize| line[column].parse::<f64>().unwrap());
        let at = cumulative.iter().position(|(value, _)| *value == line[0]).unwrap();
        assert_eq!(count, cumulative[at].1, "{line:?}");
        let below = at.checked_sub(1).map_or(0.0, |below| cumulative[below].1);
        assert!(below / total <= percentile + 1e-9 && count / total >= percentile - 1e-9, "{line:?}");
        let inverse = line.get(3).map_or(f64::INFINITY, |inverse| inverse.parse().unwrap());
        assert!(inverse.is_infinite() == (percentile == 1.0), "{line:?}");
    }
}

#[test]
fn results_of_the_uncompressed_form_are_still_merged() {
    let server = Server::good();
    let mut old = load(&[&server.address, "-n", "20", "--no-stat"]).document.clone();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("old.json");
    for phase in
        old["result"]["latency"].as_object_mut().unwrap().values_mut().filter(|phase| phase.is_object())
    {
        let text = phase["hdr_v2"].as_str().unwrap();
        assert!(text.starts_with("HISTFAAA"), "{text}");
        let bytes = Base64::decode_vec(text).unwrap();
        let histogram = Deserializer::new().deserialize::<u64, _>(&mut bytes.as_slice()).unwrap();
        let mut uncompressed = Vec::new();
        V2Serializer::new().serialize(&histogram, &mut uncompressed).unwrap();
        phase["hdr_v2"] = Base64::encode_string(&uncompressed).into();
        assert!(phase["hdr_v2"].as_str().unwrap().starts_with("HISTE"));
    }
    fs::write(&path, old.to_string()).unwrap();
    let path = path.display().to_string();
    let sum = load(&["merge", &path, &path]);
    assert_eq!((sum.code, sum.number("/latency/total/count")), (0, 40), "{:#}", sum.document);
}
