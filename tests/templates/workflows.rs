//! The pipelines for GitHub and GitLab: by their schemas, by a checker of workflows, and by the rules that keep strangers out of a
//! lab.

use std::process::{Command, Stdio};

use serde_json::Value;
use support::{from_root, stderr};

use crate::{write, yaml};

const EMULATED: &str = ".github/workflows/esp-https.yml";
const BOARDS: &str = ".github/workflows/esp-https-boards.yml";

#[test]
fn github_accepts_the_workflows() {
    let folder = write("github", &[]);
    let schema = ["--builtin-schema", "vendor.github-workflows", EMULATED, BOARDS];
    let accepted = yaml::accepted_by("check_jsonschema", "check-jsonschema", &schema, folder.path());
    if accepted.is_none() {
        return;
    }
    let config = from_root("tests/templates/zizmor.yml").display().to_string();
    let words = ["--offline", "--no-progress", "--config", &config, EMULATED, BOARDS];
    // It is a program without a module.
    let _ = yaml::accepted_by("yaml", "zizmor", &words, folder.path());
}

/// The workflow of this project itself: the weekly question for a newer Mbed TLS.
#[test]
fn github_accepts_the_weekly_workflow_of_this_project() {
    let (root, file) = (from_root(""), ".github/workflows/upstream.yml");
    let schema = ["--builtin-schema", "vendor.github-workflows", file];
    let Some(()) = yaml::accepted_by("check_jsonschema", "check-jsonschema", &schema, &root) else { return };
    let words = ["--offline", "--no-progress", "--config", "tests/templates/zizmor.yml", file];
    let _ = yaml::accepted_by("yaml", "zizmor", &words, &root);
    let Some(workflow) = yaml::read(&root.join(file)) else { return };
    assert_eq!(workflow["permissions"], serde_json::json!({}));
    let job = &workflow["jobs"]["mbedtls-rs-sys"];
    assert_eq!(job["permissions"], serde_json::json!({"contents": "read"}));
    let script = job["steps"][1]["run"].as_str().unwrap();
    assert!(from_root(script).is_file(), "{script}");
}

#[test]
fn every_script_of_the_workflows_is_one_of_a_shell() {
    let folder = write("github", &[]);
    let mut scripts = 0;
    for name in [EMULATED, BOARDS] {
        let Some(workflow) = yaml::read(&folder.path().join(name)) else { return };
        for job in workflow["jobs"].as_object().unwrap().values() {
            let steps = job["steps"].as_array().unwrap();
            for script in steps.iter().filter_map(|step| step["run"].as_str()) {
                assert!(!script.contains("${{"), "a value would be pasted into the script: {script}");
                assert_is_shell(script);
                scripts += 1;
            }
        }
    }
    assert_eq!(scripts, 6);
}

#[test]
fn a_pull_request_of_a_stranger_never_starts_a_job_on_a_board() {
    let folder = write("github", &[]);
    for name in [EMULATED, BOARDS] {
        let Some(workflow) = yaml::read(&folder.path().join(name)) else { return };
        let triggers: Vec<&String> = workflow["true"].as_object().unwrap().keys().collect();
        let in_lab = |job: &Value| job["runs-on"].to_string().contains("self-hosted");
        let jobs: Vec<&Value> = workflow["jobs"].as_object().unwrap().values().collect();
        assert_eq!(jobs.iter().any(|job| in_lab(job)), name == BOARDS, "{name}");
        assert_eq!(workflow["permissions"], serde_json::json!({"contents": "read"}), "{name}");
        if name == BOARDS {
            assert_eq!(triggers, ["merge_group", "schedule", "workflow_dispatch"]);
            let job = &workflow["jobs"]["board"];
            assert_eq!(job["concurrency"]["group"], "esp-https-board-${{ matrix.board }}");
            assert_eq!(job["strategy"]["fail-fast"], false, "a dead board does not stop the others");
        }
        for job in jobs {
            assert!(job["timeout-minutes"].as_u64().is_some_and(|minutes| minutes <= 60), "{name}: {job:#}");
        }
    }
}

#[test]
fn gitlab_accepts_the_pipeline_and_no_merge_request_of_another_project_reaches_a_board() {
    let folder = write("gitlab", &[]);
    let file = ".gitlab-ci.yml";
    let words = ["--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci", file];
    let accepted = yaml::accepted_by("check_jsonschema", "check-jsonschema", &words, folder.path());
    let (Some(()), Some(pipeline)) = (accepted, yaml::read(&folder.path().join(file))) else { return };
    let boards = &pipeline["boards"];
    let rules = boards["rules"].as_array().unwrap();
    assert_eq!(rules[0]["when"], "never");
    let of_another =
        "$CI_MERGE_REQUEST_SOURCE_PROJECT_ID && $CI_MERGE_REQUEST_SOURCE_PROJECT_ID != $CI_PROJECT_ID";
    assert_eq!(rules[0]["if"], of_another);
    for rule in &rules[1..] {
        let condition = rule["if"].as_str().unwrap();
        assert!(!condition.contains("merge_request_event"), "{condition}");
    }
    assert_eq!(boards["resource_group"], "board-$BOARD");
    let scripts = ["emulated board", "boards"].iter().flat_map(|job| {
        let lines =
            ["before_script", "script"].into_iter().flat_map(|key| pipeline[*job][key].as_array().unwrap());
        lines.map(|line| line.as_str().unwrap().to_owned()).collect::<Vec<_>>()
    });
    let scripts: Vec<String> = scripts.collect();
    assert!(scripts.len() >= 8, "{scripts:#?}");
    scripts.iter().for_each(|script| assert_is_shell(script));
}

#[test]
fn the_address_of_the_repository_is_asked_for_and_filled_in() {
    for (name, files) in [("github", &[EMULATED, BOARDS][..]), ("gitlab", &[".gitlab-ci.yml"])] {
        let folder = tempfile::tempdir().unwrap();
        let init = |more: &[&str]| {
            let mut command = support::command();
            command.args(["init", name]).args(more).current_dir(folder.path());
            let output = command.output().unwrap();
            assert!(output.status.success(), "{output:?}");
            support::stdout(&output)
        };
        let told = init(&[]);
        let listed = files.iter().rev().copied().collect::<Vec<_>>().join(", ");
        assert!(
            told.contains(&format!("replace   https://example.com/esp-https.git in {listed}\n")),
            "{told}"
        );
        assert!(told.contains("--set repository=VALUE"), "{told}");
        let told = init(&["--force", "--set", "repository=https://git.test/a.git"]);
        assert!(!told.contains("replace"), "{told}");
        for file in files {
            let text = std::fs::read_to_string(folder.path().join(file)).unwrap();
            let install = "cargo install --locked --git \"https://git.test/a.git\" esp-https";
            assert!(text.contains(install), "{file}");
        }
    }
}

fn assert_is_shell(script: &str) {
    let mut command = Command::new("bash");
    command.args(["-n", "-c", script]).stdin(Stdio::null());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{script}: {}", stderr(&output));
}
