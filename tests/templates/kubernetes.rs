//! The Job for Kubernetes: by the schemas of Kubernetes, and its very commands as processes of this machine.

use std::{fs, process::Command};

use support::{
    board::write_program, command, document, esp_https, from_root, require_python, server::Server, stderr,
    stdout,
};
use tempfile::TempDir;

use crate::{write, yaml};

#[test]
fn the_job_is_one_of_kubernetes_and_its_pods_are_not_started_again() {
    let folder = write("kubernetes", &[]);
    let words = ["--strict", "--no-warn", "job.yaml"];
    let Some(()) = yaml::accepted_by("kubernetes_validate", "kubernetes-validate", &words, folder.path())
    else {
        return;
    };
    let Some(job) = yaml::read(&folder.path().join("job.yaml")) else { return };
    assert_eq!(job["spec"]["completions"], job["spec"]["parallelism"]);
    assert_eq!(job["spec"]["backoffLimitPerIndex"], 0);
    assert_eq!(job["spec"]["template"]["spec"]["restartPolicy"], "Never");
    let checked = Command::new("sh").args(["-n", "run.sh"]).current_dir(folder.path()).output().unwrap();
    assert!(checked.status.success(), "{}", stderr(&checked));
}

/// A folder with the template for a server on this machine, and a cluster that is none.
struct Cluster {
    folder: TempDir,
    _server: Server,
}

impl Cluster {
    fn new() -> Option<Self> {
        let python = require_python("yaml")?;
        let folder = tempfile::tempdir().unwrap();
        let words = ["certgen", "--key", "p256", "--profile", "server", "--san", "ip:127.0.0.1", "--out-dir"];
        let made = command().args(words).arg(folder.path()).output().unwrap();
        assert!(made.status.success(), "{made:?}");
        let pair = ("cacert.pem", "prvtkey.pem");
        let server = Server::nginx(folder.path(), pair, "keepalive_requests 1000000;")?;
        let target = format!("target={}", server.address);
        let written =
            command().args(["init", "kubernetes", "--set", &target]).current_dir(folder.path()).output();
        assert!(written.unwrap().status.success());
        // What each pod does takes a minute otherwise.
        let job = folder.path().join("job.yaml");
        let text = fs::read_to_string(&job).unwrap();
        let shorter = text.replace("            - 1m\n", "            - 1s\n").replace("\"50\"", "\"2\"");
        assert_eq!(shorter.lines().count(), text.lines().count());
        fs::write(job, shorter).unwrap();
        fs::create_dir(folder.path().join("bin")).unwrap();
        let script =
            format!("exec {} {} \"$@\"", python.display(), from_root("tests/templates/kubectl.py").display());
        write_program(&folder.path().join("bin/kubectl"), &script);
        std::os::unix::fs::symlink(esp_https(), folder.path().join("bin/esp-https")).unwrap();
        Some(Self { folder, _server: server })
    }

    fn run(&self, words: &[&str], lost: &str) -> std::process::Output {
        let path = format!("{}:{}", self.folder.path().join("bin").display(), std::env::var("PATH").unwrap());
        let mut command = Command::new("sh");
        command.arg("run.sh").args(words).current_dir(self.folder.path()).env("PATH", path);
        command.env("FAKE_CLUSTER", self.folder.path().join("cluster")).env("FAKE_LOST", lost);
        command.env("FAKE_CA", self.folder.path().join("cacert.pem")).env("POLL_SECONDS", "0.2");
        command.output().unwrap()
    }
}

#[test]
fn four_pods_start_at_one_time_and_their_results_are_added_up() {
    let Some(cluster) = Cluster::new() else { return };
    let output = cluster.run(&["8", "--json", "--fail-if", "error_rate>0"], "none");
    assert!(output.status.success(), "{}{}", stdout(&output), stderr(&output));
    // What kubectl says comes before the document.
    let text = stdout(&output);
    let sum = document::parse_valid(&text.as_bytes()[text.find("\n{\n").unwrap()..]);
    let parts: Vec<_> = (0..4)
        .map(|index| {
            let file = cluster.folder.path().join(format!("results/{index}.json"));
            document::parse_valid(&fs::read(file).unwrap())
        })
        .collect();
    let completed = |document: &serde_json::Value| document["result"]["units"]["completed"].as_u64().unwrap();
    assert!(parts.iter().all(|part| completed(part) > 0), "{parts:#?}");
    assert_eq!(completed(&sum), parts.iter().map(completed).sum::<u64>());
    assert_eq!(sum["result"]["kind"], "merged");
    assert_eq!(sum["result"]["load"]["connections"], 8);
    assert_eq!(sum["result"]["target"]["trust"], "ca");
    // All of them loaded at the same time: together they took hardly longer than one of them.
    let elapsed = |document: &serde_json::Value| document["result"]["elapsed_us"].as_u64().unwrap();
    assert!(elapsed(&sum) < parts.iter().map(elapsed).sum::<u64>() / 2, "{}", elapsed(&sum));
}

#[test]
fn without_the_result_of_a_pod_there_is_no_sum() {
    let Some(cluster) = Cluster::new() else { return };
    let output = cluster.run(&["8", "--json"], "2");
    let told = stderr(&output);
    assert_eq!(output.status.code(), Some(4), "{told}");
    assert!(
        told.contains("there is no result of these pods, and so no sum: 2\nthe node has gone\n"),
        "{told}"
    );
    assert!(!stdout(&output).contains('{'), "{}", stdout(&output));
}

#[test]
fn a_start_that_is_over_is_refused_by_every_pod() {
    let Some(cluster) = Cluster::new() else { return };
    let job = cluster.folder.path().join("job.yaml");
    let late = fs::read_to_string(&job).unwrap().replace("START_AT", "1000000000");
    fs::write(job, late).unwrap();
    let output = cluster.run(&["8"], "none");
    let told = stderr(&output);
    assert_eq!(output.status.code(), Some(4), "{told}");
    assert!(told.contains("there is no result of these pods, and so no sum: 0 1 2 3\n"), "{told}");
    assert!(told.contains("--start-at"), "{told}");
}
