"""Plays kubectl and a cluster for templates/kubernetes/run.sh: each pod of the Job is a process of this machine.

The folder FAKE_CLUSTER holds the Job, and the log and the exit code of each pod. FAKE_CA is what the image has as the CA
certificates that Debian trusts. A pod whose index is FAKE_LOST is never started.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys

import yaml

cluster = pathlib.Path(os.environ["FAKE_CLUSTER"])
job_file = cluster / "job.json"


def apply():
    job = yaml.safe_load(sys.stdin)
    assert job["kind"] == "Job" and job["spec"]["completionMode"] == "Indexed", job
    assert job["spec"]["parallelism"] == job["spec"]["completions"], "all pods run at once"
    cluster.mkdir()
    job_file.write_text(json.dumps(job))
    (container,) = job["spec"]["template"]["spec"]["containers"]
    for index in range(job["spec"]["completions"]):
        words = [filled_in(word, index) for word in container["command"] + container["args"]]
        start(index, words)
    print(f"job.batch/{job['metadata']['name']} created")


def filled_in(word, index):
    if word == "/etc/ssl/certs/ca-certificates.crt":
        return os.environ["FAKE_CA"]
    return word.replace("$(JOB_COMPLETION_INDEX)", str(index))


def start(index, words):
    if str(index) == os.environ.get("FAKE_LOST"):
        (cluster / f"{index}.log").write_text("the node has gone\n")
        (cluster / f"{index}.exit").write_text("1")
        return
    # Both streams go to one log, as those of a container do.
    script = '"$@" >"$LOG" 2>&1; echo $? >"$EXIT.new"; mv "$EXIT.new" "$EXIT"'
    environment = dict(
        os.environ,
        JOB_COMPLETION_INDEX=str(index),
        LOG=str(cluster / f"{index}.log"),
        EXIT=str(cluster / f"{index}.exit"),
    )
    quiet = subprocess.DEVNULL
    subprocess.Popen(["sh", "-c", script, "sh", *words], env=environment, stdin=quiet, stdout=quiet, stderr=quiet)


def get(path):
    job = json.loads(job_file.read_text())
    if path == "{.spec.completions}":
        print(job["spec"]["completions"], end="")
        return
    assert path == "{.status.conditions[*].type}", path
    exits = list(cluster.glob("*.exit"))
    if len(exits) == job["spec"]["completions"]:
        failed = any(file.read_text().strip() != "0" for file in exits)
        print("FailureTarget Failed" if failed else "SuccessCriteriaMet Complete", end="")


def logs(selector):
    name, index = (part.split("=")[1] for part in selector.split(","))
    assert selector == f"batch.kubernetes.io/job-name={name},batch.kubernetes.io/job-completion-index={index}"
    print((cluster / f"{index}.log").read_text(), end="")


match sys.argv[1:]:
    case ["delete", "job", _, "--ignore-not-found", "--wait"]:
        shutil.rmtree(cluster, ignore_errors=True)
    case ["apply", "-f", "-"]:
        apply()
    case ["get", "job", _, "-o", output]:
        get(output.removeprefix("jsonpath="))
    case ["logs", "--selector", selector, "--tail", "-1"]:
        logs(selector)
    case words:
        sys.exit(f"this kubectl does not know {words}")
