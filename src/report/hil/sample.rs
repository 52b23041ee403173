//! Runs for the tests of the reports, as JSON: a field that is new and optional need not be added here.

use serde_json::{Value, json};

/// A run in which all is well, on one emulated board.
pub(crate) fn green() -> Value {
    run("emulated", "emulated", "passed", &[board("emulated", &green_steps())])
}

/// A run with a panic under load, a failed check and findings, on one of two boards.
pub(crate) fn regression() -> Value {
    let mut bad = board("c3-lab-2", &regression_steps());
    bad["state"] = json!("regression");
    bad["heap"] = heap(&[(4, 2), (9, 3), (14, 9), (19, 30), (24, 45), (33, 1), (38, 2), (43, 3)]);
    let mut run = run(
        "lab",
        "board",
        "regression",
        &[identified(board("c3-lab-1", &green_steps()), 1), identified(bad, 2)],
    );
    run["comparison"] = comparison();
    run
}

/// A run that the lab spoiled: one board did not come back, another needed a second attempt, a third is fine.
pub(crate) fn lab_failure() -> Value {
    let mut gone = green_steps();
    gone[1] = step("flash", "flash", "lab", 3, 480_000, 64_200_000);
    gone[1]["attempts"] = json!(3);
    gone[1]["says"] = json!("the board does not answer its bootloader");
    gone[1]["error"] = error(
        "environment",
        "serial.no_answer",
        "connecting to the board at /dev/ttyACM1",
        "nothing answered on the serial port within 10 s",
        Some("reconnect the board; hooks in the scenario's table [lab] can power-cycle it"),
        &[],
    );
    gone[1]["earlier_errors"] = json!([gone[1]["error"], gone[1]["error"]]);
    gone[1]["events"] = json!([
        event(11_000_000, "port_gone", "lab", "the serial port vanished"),
        event(31_000_000, "port_back", "none", "the serial port came back"),
        event(52_000_000, "reset", "lab", "rst:0xf (BROWNOUT_RST),boot:0xc (SPI_FAST_FLASH_BOOT)"),
    ]);
    for later in &mut gone[2..] {
        *later = not_run(later, "flash did not pass");
    }
    let mut gone = identified(board("c3-lab-2", &gone), 2);
    (gone["state"], gone["heap"], gone["board"]["firmware"]) = (json!("lab"), json!([]), Value::Null);
    let mut again = green_steps();
    again[1]["attempts"] = json!(2);
    again[1]["earlier_errors"] = json!([error(
        "environment",
        "port.busy",
        "opening /dev/ttyACM2",
        "another program uses the port",
        None,
        &[]
    )]);
    let boards =
        [identified(board("c3-lab-1", &green_steps()), 1), gone, identified(board("c3-lab-3", &again), 3)];
    let mut run = run("lab", "board", "lab", &boards);
    run["duration_us"] = json!(65_000_000);
    run
}

/// A run that Ctrl-C ended.
pub(crate) fn interrupted() -> Value {
    let mut steps = green_steps();
    steps[6] = step("load", "load", "interrupted", 1, 12_400_000, 7_100_000);
    steps[6]["says"] = json!("Ctrl-C came after 112 of 200 requests");
    steps[6]["error"] = error(
        "interrupted",
        "hil.interrupted",
        "running the step load",
        "a signal ended the run",
        Some("run it once more"),
        &[],
    );
    for later in &mut steps[7..] {
        *later = not_run(later, "the run was interrupted");
    }
    let mut board = board("emulated", &steps);
    board["state"] = json!("interrupted");
    board["heap"] = heap(&[(4, 2), (9, 3), (14, 9), (19, 26)]);
    let mut run = run("emulated", "emulated", "interrupted", &[board]);
    run["duration_us"] = json!(19_600_000);
    run
}

/// What devices and users may say to break out of a report.
pub(crate) fn hostile() -> Value {
    let nasty = "</pre><script>alert(1)</script>\u{1b}[31m\u{202e} & \"q\" 'a' | `x` <!-- \r\n::error title=x::y\n##[error]z %0A]]>";
    let mut bad = step(nasty, "serial", "regression", 1, 0, 5_000_000);
    bad["says"] = json!(nasty);
    bad["command"] = json!(nasty);
    bad["error"] = error("finding", nasty, nasty, nasty, Some(nasty), &[nasty]);
    bad["findings"] = json!([{"id": nasty, "kind": "check", "says": nasty, "wanted": nasty}, {"id": nasty, "kind": "finding", "says": nasty, "wanted": null}]);
    bad["events"] = json!([event(1_000_000, "panic", "firmware", nasty)]);
    bad["files"] = json!([{"kind": "document", "path": "javascript:alert(1)"}, {"kind": "output", "path": "../../etc/passwd"}]);
    let mut board = board(nasty, &[bad]);
    board["state"] = json!("regression");
    for key in ["mac", "port", "address", "firmware", "cert_sha256"] {
        board["board"][key] = json!(nasty);
    }
    board["serial_log"] = json!(nasty);
    let mut run = run(nasty, "address", "regression", &[board]);
    for key in ["scenario", "file", "version", "started", "out"] {
        run[key] = json!(nasty);
    }
    run["comparison"] = comparison();
    for key in ["file", "started", "version"] {
        run["comparison"][key] = json!(nasty);
    }
    run["comparison"]["not_compared"] = json!([nasty]);
    run
}

fn run(target: &str, kind: &str, state: &str, boards: &[Value]) -> Value {
    json!({
        "scenario": "bench", "file": "hil.toml", "target": target, "target_kind": kind, "version": "0.1.0",
        "started": "2026-11-27T09:14:03.512Z", "duration_us": 52_300_000, "progress": "ended", "state": state,
        "lab_failure": "fail", "boards": boards, "out": "hil-out", "comparison": null,
    })
}

fn board(name: &str, steps: &[Value]) -> Value {
    json!({
        "board": {"name": name, "mac": null, "port": null, "address": "127.0.0.1:40911", "firmware": "0.1.0", "cert_sha256": SHA},
        "state": "passed", "steps": steps, "serial_log": "serial.log",
        "heap": heap(&[(4, 2), (9, 3), (14, 9), (19, 26), (24, 31), (29, 28), (34, 4), (39, 30), (44, 3)]),
    })
}

fn identified(mut board: Value, number: u32) -> Value {
    board["board"]["mac"] = json!(format!("7c:df:a1:b2:c3:0{number}"));
    board["board"]["port"] = json!(format!("/dev/ttyACM{}", number - 1));
    board["board"]["address"] = json!(format!("192.168.1.{}", 40 + number));
    board["serial_log"] = json!(format!("c3-lab-{number}/serial.log"));
    board
}

fn step(name: &str, kind: &str, state: &str, attempts: u32, start_us: u64, duration_us: u64) -> Value {
    json!({
        "name": name, "kind": kind, "line": 12, "state": state, "says": null, "command": null, "attempts": attempts,
        "start_us": start_us, "duration_us": duration_us, "error": null, "earlier_errors": [],
        "figures": {"restarts": 0}, "findings": [], "events": [], "files": [],
    })
}

fn not_run(step: &Value, why: &str) -> Value {
    let mut step = step.clone();
    (step["state"], step["attempts"], step["says"]) = (json!("not_run"), json!(0), json!(why));
    (step["start_us"], step["duration_us"], step["figures"]) =
        (Value::Null, Value::Null, json!({"restarts": 0}));
    (step["events"], step["files"], step["findings"], step["command"]) =
        (json!([]), json!([]), json!([]), Value::Null);
    step
}

fn green_steps() -> Vec<Value> {
    let mut steps = vec![
        step("certgen", "certgen", "passed", 1, 0, 480_000),
        step("flash", "flash", "passed", 1, 480_000, 6_920_000),
        step("ready", "ready", "passed", 1, 7_400_000, 900_000),
        step("look", "probe", "passed", 1, 8_300_000, 310_000),
        step("light-on", "http", "passed", 1, 8_610_000, 350_000),
        step("audit", "probe", "passed", 1, 8_960_000, 3_440_000),
        step("load", "load", "passed", 1, 12_400_000, 18_000_000),
        step("soak", "soak", "passed", 1, 30_400_000, 20_500_000),
        step("no-panic", "serial", "passed", 1, 50_900_000, 30_000),
        step("restart", "restart", "skipped", 0, 0, 0),
        step("own-check", "run", "passed", 1, 50_930_000, 1_370_000),
    ];
    steps[0]["says"] = json!("a key of the type EC P-256");
    steps[0]["files"] = json!([{"kind": "certificate", "path": "certgen/cacert.pem"}]);
    steps[1]["says"] = json!("firmware 0.1.0");
    steps[1]["figures"] = json!({"ready_us": 2_310_000, "restarts": 0});
    steps[1]["events"] =
        json!([event(5_100_000, "reset", "none", "rst:0x1 (POWERON),boot:0xc (SPI_FAST_FLASH_BOOT)")]);
    steps[2]["events"] = json!([event(7_900_000, "ready", "none", "serves, firmware 0.1.0")]);
    steps[3]["says"] = json!("TLS 1.3, TLS_AES_128_GCM_SHA256, x25519, handshake 83 ms, status 200");
    steps[3]["command"] =
        json!("esp-https probe 127.0.0.1:40911 --cert hil-out/certgen/cacert.pem --expect-version 1.3");
    steps[3]["figures"] = json!({"handshake_us": 83_125, "restarts": 0});
    steps[3]["files"] = json!([{"kind": "document", "path": "look/probe.json"}, {"kind": "capture", "path": "look/look.pcapng"}]);
    steps[4]["says"] = json!("POST /light: 200, 12 bytes");
    steps[4]["figures"] = json!({"handshake_us": 79_800, "request_us": 4_900, "restarts": 0});
    steps[5]["figures"] = json!({"handshake_us": 85_410, "restarts": 0});
    steps[5]["findings"] = json!([{"id": "certificate.validity_long", "kind": "finding", "says": "the certificate is valid for 3650 days", "wanted": null}]);
    steps[6]["says"] = json!("200 succeeded, 0 failed, 11.1 a second");
    steps[6]["command"] = json!(
        "esp-https load 127.0.0.1:40911 --cert hil-out/certgen/cacert.pem -n 200 -c 2 --fail-if p99>500ms"
    );
    steps[6]["figures"] = json!({"handshake_us": 91_200, "handshake_p99_us": 182_300, "request_us": 97_000, "request_p99_us": 190_400,
        "succeeded": 200, "failed": 0, "rate": 11.1, "heap_min": 71_104, "heap_free": 143_200, "restarts": 0});
    steps[6]["events"] = json!([event(19_000_000, "heap_low", "none", "71104 bytes free at the lowest")]);
    steps[6]["files"] =
        json!([{"kind": "document", "path": "load/load.json"}, {"kind": "report", "path": "load/load.html"}]);
    steps[7]["says"] = json!("3 rounds, 600 succeeded, 0 failed");
    steps[7]["figures"] = json!({"handshake_us": 90_300, "handshake_p99_us": 176_000, "succeeded": 600, "failed": 0, "rate": 29.3, "heap_free": 143_150, "restarts": 0});
    steps[9] = not_run(&steps[9], "the target is an emulated board");
    steps[9]["state"] = json!("skipped");
    steps[10]["says"] = json!("exit code 0");
    steps[10]["command"] = json!("python3 check_light.py");
    steps[10]["files"] = json!([{"kind": "output", "path": "own-check/output.txt"}]);
    steps
}

fn regression_steps() -> Vec<Value> {
    let mut steps = green_steps();
    steps[3]["state"] = json!("regression");
    steps[3]["says"] =
        json!("TLS 1.2, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, secp256r1, handshake 83 ms, status 200");
    steps[3]["error"] = error(
        "finding",
        "probe.check_failed",
        "checking 192.168.1.42",
        "expect.version: wanted TLS 1.3, found TLS 1.2",
        Some("save the new result as the baseline, if this is what you want: --json -o FILE"),
        &[],
    );
    steps[3]["findings"] = json!([
        {"id": "expect.version", "kind": "check", "says": "found TLS 1.2", "wanted": "TLS 1.3"},
        {"id": "expect.group", "kind": "check_unknown", "says": "the handshake did not tell", "wanted": "x25519"},
        {"id": "tls.no_tls13", "kind": "finding", "says": "the server speaks TLS 1.2 only", "wanted": null},
    ]);
    steps[6]["state"] = json!("regression");
    steps[6]["says"] = json!("61 succeeded, 14 failed, 4.1 a second");
    steps[6]["error"] = error(
        "finding",
        "hil.board_restarted",
        "running the step load",
        "the board panicked 15.1 s after the step began",
        Some("look at serial.log"),
        &[
            "I (21045) http: POST /light, 512 bytes",
            "ESP-HTTPS PANIC panicked at server/src/session.rs:118:23:",
            "memory allocation of 16717 bytes failed",
            "Guru Meditation Error: Core 0 panic'ed (Load access fault)",
        ],
    );
    steps[6]["figures"] = json!({"handshake_us": 141_200, "handshake_p99_us": 961_000, "request_us": 171_000, "request_p99_us": 1_904_000,
        "succeeded": 61, "failed": 14, "rate": 4.1, "heap_min": 9_216, "restarts": 1});
    steps[6]["findings"] = json!([
        {"id": "p99<=500ms", "kind": "check", "says": "measured 961.2", "wanted": null},
        {"id": "device_rebooted", "kind": "finding", "says": "the device restarted during the load", "wanted": null},
    ]);
    steps[6]["events"] = json!([
        event(19_000_000, "heap_low", "none", "41216 bytes free at the lowest"),
        event(24_000_000, "heap_low", "none", "9216 bytes free at the lowest"),
        event(
            27_500_000,
            "panic",
            "firmware",
            "panicked at server/src/session.rs:118:23: memory allocation of 16717 bytes failed"
        ),
        event(27_900_000, "reset", "firmware", "rst:0x3 (RTC_SW_SYS_RST),boot:0xc (SPI_FAST_FLASH_BOOT)"),
        event(30_100_000, "ready", "none", "serves, firmware 0.1.0"),
    ]);
    steps[7] = not_run(&steps[7], "load did not pass");
    steps[10] = not_run(&steps[10], "load did not pass");
    steps[8]["state"] = json!("could_not_tell");
    steps[8]["error"] = error(
        "inconclusive",
        "hil.timeout",
        "waiting for a line that matches \"selftest: .*\"",
        "the step did not end within its 10 s",
        None,
        &[],
    );
    steps
}

fn comparison() -> Value {
    json!({
        "file": "main/hil.json", "started": "2026-11-20T02:00:07.100Z", "version": "0.1.0", "compared": 38,
        "changes": [
            {"board": "c3-lab-2", "step": "load", "measure": "handshake_us", "finding": null, "was": 92_000, "is": 141_200, "percent": 53.478, "tolerance_percent": 20.0, "verdict": "regression"},
            {"board": "c3-lab-2", "step": "load", "measure": "heap_min", "finding": null, "was": 71_104, "is": 9_216, "percent": -87.0, "tolerance_percent": 20.0, "verdict": "regression"},
            {"board": "c3-lab-2", "step": "load", "measure": "restarts", "finding": null, "was": 0, "is": 1, "percent": null, "tolerance_percent": null, "verdict": "regression"},
            {"board": "c3-lab-2", "step": "look", "measure": "finding", "finding": "tls.no_tls13", "was": null, "is": null, "percent": null, "tolerance_percent": null, "verdict": "regression"},
            {"board": "c3-lab-2", "step": "flash", "measure": "duration_us", "finding": null, "was": 3_100_000, "is": 6_920_000, "percent": 123.2, "tolerance_percent": 20.0, "verdict": "lab"},
            {"board": "c3-lab-1", "step": "soak", "measure": "rate", "finding": null, "was": 22.5, "is": 29.3, "percent": 30.2, "tolerance_percent": 20.0, "verdict": "better"},
        ],
        "not_compared": ["c3-lab-2: soak: in this run it ended as \"not run\""],
    })
}

fn error(fault: &str, code: &str, doing: &str, what: &str, hint: Option<&str>, evidence: &[&str]) -> Value {
    json!({"fault": fault, "code": code, "doing": doing, "what": what, "try": hint, "evidence": evidence})
}

fn event(at_us: u64, kind: &str, blame: &str, text: &str) -> Value {
    json!({"at_us": at_us, "kind": kind, "blame": blame, "text": text})
}

/// Readings at some seconds, each with this many tenths of the heap's 150 kB in use.
fn heap(readings: &[(u64, u64)]) -> Value {
    let (mut least, mut uptime) = (u64::MAX, 0);
    let mut rows = Vec::new();
    for (index, (second, used)) in readings.iter().enumerate() {
        let free = 150_000 - used * 3_100;
        let is_restart = index > 0 && readings[index - 1].1 > 40;
        (least, uptime) = if is_restart { (free, 2) } else { (least.min(free), uptime + 5) };
        rows.push(
            json!({"at_us": second * 1_000_000, "heap_free": free, "heap_min": least, "uptime_s": uptime}),
        );
    }
    rows.into()
}

const SHA: &str = "9f2c51d07a6e4b8833aa10c4fe5b6d7099e1c2a3b4d5e6f708192a3b4c5d6e7f";
