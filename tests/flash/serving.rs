//! From the restart to READY, or to the reason why not.

use std::{
    fs,
    io::{Read as _, Write as _},
    process::Stdio,
};

use serde_json::json;
use support::{Running, document, esp_https, stderr, wait_until};

use crate::workspace::{MAC, PASSWORD, Workspace};

const POWER_ON: &str = "rst:0x1 (POWERON),boot:0xc (SPI_FAST_FLASH_BOOT)";
const SOFTWARE: &str = "rst:0x3 (RTC_SW_SYS_RST),boot:0xc (SPI_FAST_FLASH_BOOT)";

fn fault(reason: &str) -> String {
    format!(r#"ESP-HTTPS FAULT {{"reason":"{reason}"}}"#)
}

#[test]
fn a_board_that_serves_is_handed_back_with_its_address_and_pin() {
    let Some(workspace) = Workspace::new() else { return };
    let board = workspace.board_that_says(&[
        "ESP-ROM:esp32c3-api1-20210207",
        POWER_ON,
        "entry 0x403cc710",
        &workspace.ready(),
    ]);
    let (output, document) = workspace.flash(&board, &["--serial-log", "board.log"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let told = &document["result"]["boards"][0];
    assert_eq!(told["url"], "https://192.168.1.7/");
    assert_eq!(told["target"], "192.168.1.7");
    assert_eq!((&told["chip"]["mac"], &told["ready"]["mac"]), (&json!(MAC), &json!(MAC)));
    assert_eq!(told["cert_sha256"], json!(workspace.pin()));
    assert_eq!(document["result"]["application"]["project"], "esp-https-esp32c3");
    let log = fs::read_to_string(workspace.path("board.log")).unwrap();
    assert!(log.contains("ESP-ROM:esp32c3") && log.contains("READY"), "{log}");
}

#[test]
fn a_person_is_told_what_was_done_and_what_to_do_next() {
    let Some(workspace) = Workspace::new() else { return };
    let board = workspace.board_that_says(&[POWER_ON, &workspace.ready()]);
    let args = ["flash", "--ssid", "home", "--image", workspace.firmware(), "--port", board.port()];
    let output = workspace.run(&args);
    let (port, pin) = (board.port().to_owned(), workspace.pin());
    let plain = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes).replace(&port, "[port]").replace(&pin, "[pin]");
        let lines = text.lines().map(|line| line.split(" bytes in ").next().unwrap().to_owned());
        lines.collect::<Vec<_>>().join("\n")
    };
    insta::with_settings!({ filters => vec![(r"\b\d{6,7}\b", "[bytes]"), (r"firmware, \d+ KiB", "firmware, [size]")] }, {
        insta::assert_snapshot!(plain(&output.stdout), @r"
        board    https://192.168.1.7/
        chip     ESP32-C3 revision 0.4, MAC 24:0a:c4:1f:67:7d, at [port]
        firmware esp-https-esp32c3 0.1.0, from --image
        written  [bytes]
        pin      [pin]  SHA-256 of cacert.pem
        next     esp-https probe 192.168.1.7 --cert cacert.pem
                 curl -k https://192.168.1.7/
        ");
        insta::assert_snapshot!(plain(&output.stderr), @r"
        connecting to [port] ..
        it is an ESP32-C3, MAC 24:0a:c4:1f:67:7d
        it gets cacert.pem and the name esp-https
        comparing the flash with what is to be written ..
        boot selection: unchanged
        writing the bootloader, 21 KiB ..
        writing the partition table, 3 KiB ..
        writing the certificate and key, 8 KiB ..
        writing the firmware, [size] ..
        the port can't restart the board: press its RESET button, unless it starts by itself
        waiting for the board to report READY ..
        ");
    });
}

#[test]
fn each_reason_for_not_serving_is_told_apart() {
    let Some(workspace) = Workspace::new() else { return };
    let panic = r#"ESP-HTTPS PANIC {"reason":"a bug","file":"src/main.rs","line":7}"#;
    let refused = fault("wifi: authentication refused");
    let missing = fault("wifi: network not found (it may be 5 GHz or WPA3 only)");
    let (dhcp, empty) = (fault("dhcp: no address after 15 s"), fault("the provisioning partition is empty"));
    let download = "rst:0x1 (POWERON),boot:0x5 (DOWNLOAD(USB/UART0/1))";
    let cases: [(&[&str], &str, &str); 10] = [
        (&[POWER_ON, panic], "panic", "board.panic"),
        (&[POWER_ON, SOFTWARE, SOFTWARE], "boot_loop", "board.boot_loop"),
        (&[POWER_ON, &refused, &refused], "wifi_refused", "board.wifi_refused"),
        (&[POWER_ON, &missing, &missing, &missing], "wifi_unreachable", "board.wifi_unreachable"),
        (&[POWER_ON, &dhcp], "no_dhcp", "board.no_dhcp"),
        (&[POWER_ON, &empty], "fault", "board.fault"),
        (&[download], "download_mode", "board.download_mode"),
        (&[POWER_ON, "hello"], "not_ready", "board.not_ready"),
        (&[], "silence", "board.silent"),
        (&[POWER_ON, "wait 1.5", "unplug"], "port_gone", "board.port_gone"),
    ];
    let (whole, _) = workspace.flash(&workspace.board(&[]), &["--no-wait"]);
    assert_eq!(whole.status.code(), Some(0), "{}", stderr(&whole));
    for (index, (script, reason, code)) in cases.into_iter().enumerate() {
        let (board, log) = (workspace.board_that_says(script), format!("{index}.log"));
        let (output, document) =
            workspace.configure(&board, &["--no-skip", "--wait-ready", "3s", "--serial-log", &log]);
        let told = &document["result"]["boards"][0];
        assert_eq!(
            (output.status.code(), &told["trouble"]["reason"]),
            (Some(4), &json!(reason)),
            "{document:#}"
        );
        assert_eq!((&document["error"]["code"], &told["error"]["code"]), (&json!(code), &json!(code)));
        let log = fs::read_to_string(workspace.path(&log)).unwrap();
        let said: Vec<&str> =
            script.iter().copied().filter(|line| !["wait 1.5", "unplug"].contains(line)).collect();
        assert_eq!(log.lines().collect::<Vec<_>>(), said, "{reason}");
    }
}

#[test]
fn a_wrong_password_is_told_with_what_the_board_said() {
    let Some(workspace) = Workspace::new() else { return };
    let refused = fault("wifi: authentication refused");
    let board = workspace.board_that_says(&[POWER_ON, &refused, &refused]);
    let flash =
        ["flash", "--ssid", "home", "--image", workspace.firmware(), "--quiet", "--port", board.port()];
    let output = workspace.run(&flash);
    insta::assert_snapshot!(stderr(&output).replace(board.port(), "[port]"), @r#"
    error: waiting for the board at [port] to serve
      wifi: authentication refused
        | rst:0x1 (POWERON),boot:0xc (SPI_FAST_FLASH_BOOT)
        | ESP-HTTPS FAULT {"reason":"wifi: authentication refused"}
        | ESP-HTTPS FAULT {"reason":"wifi: authentication refused"}
      try: check the password; to write another one: esp-https flash --config-only --ssid ..
           --serial-log FILE saves everything that it prints
    "#);
}

#[test]
fn a_board_that_shows_another_certificate_is_not_handed_back() {
    let Some(workspace) = Workspace::new() else { return };
    let other = workspace.ready().replace(&workspace.pin(), &"0".repeat(64));
    let (output, document) = workspace.flash(&workspace.board_that_says(&[&other]), &[]);
    assert_eq!(
        (output.status.code(), &document["error"]["code"]),
        (Some(4), &json!("flash.other_certificate"))
    );
    assert_eq!(document["result"]["boards"][0]["url"], json!(null));
}

#[test]
fn ctrl_c_while_waiting_reports_what_was_done() {
    let Some(workspace) = Workspace::new() else { return };
    let board = workspace.board_that_says(&[POWER_ON, "hello"]);
    let log = workspace.path("board.log");
    let flash = [
        "flash",
        "--json",
        "--ssid",
        "home",
        "--image",
        workspace.firmware(),
        "--port",
        board.port(),
        "--wait-ready",
        "10m",
        "--serial-log",
        "board.log",
    ];
    let child = Running::start(workspace.command(&flash).stdout(Stdio::piped()).stderr(Stdio::piped()));
    wait_until("the board talks", || fs::read_to_string(&log).is_ok_and(|log| log.contains("hello")));
    child.signal("INT");
    let output = child.output();
    let document = document::of(&output);
    assert_eq!((output.status.code(), &document["error"]["code"]), (Some(130), &json!("flash.interrupted")));
    assert!(document["result"]["boards"][0]["write_us"].as_u64().is_some());
}

#[test]
fn a_monitored_board_is_followed_after_the_report_until_ctrl_c() {
    let Some(workspace) = Workspace::new() else { return };
    let stat = r#"ESP-HTTPS STAT {"uptime_s":10,"heap_free":1,"heap_min":1,"sessions":0,"handshakes":0,"resumed":0,"handshake_us":0,"failed":0,"requests":0}"#;
    let board =
        workspace.board_that_says(&[POWER_ON, &workspace.ready(), "at once", stat, "wait 0.3", "last line"]);
    let out = workspace.path("out.txt");
    let flash =
        ["flash", "--ssid", "home", "--image", workspace.firmware(), "--port", board.port(), "--monitor"];
    let mut command = workspace.command(&flash);
    let child = Running::start(command.stdout(fs::File::create(&out).unwrap()).stderr(Stdio::piped()));
    wait_until("the board is followed", || {
        fs::read_to_string(&out).is_ok_and(|out| out.contains("last line"))
    });
    child.signal("INT");
    assert_eq!(child.output().status.code(), Some(130));
    let out = fs::read_to_string(&out).unwrap();
    let report = out.find("https://192.168.1.7/").unwrap();
    let behind: Vec<&str> = out[report..].lines().rev().take(3).collect();
    assert_eq!(behind, ["last line", stat, "at once"], "nothing is lost behind READY");
}

#[test]
fn the_password_can_be_typed_and_is_not_shown() {
    let Some(workspace) = Workspace::new() else { return };
    let (whole, _) = workspace.flash(&workspace.board(&[]), &["--no-wait"]);
    assert_eq!(whole.status.code(), Some(0), "{}", stderr(&whole));
    let board = workspace.board(&[]);
    let tool = esp_https();
    let typed = format!("{tool} flash --ssid home --config-only --no-wait --port {}", board.port());
    let mut command = workspace.command(&[]);
    let folder = command.get_current_dir().unwrap().to_owned();
    command = std::process::Command::new("script");
    command.args(["--quiet", "--return", "--command", &typed, "/dev/null"]).current_dir(folder);
    command.env_remove("ESP_HTTPS_WIFI_PASSWORD").stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = Running::start(&mut command);
    // Only once it asks: what is typed ahead of the prompt is thrown away, so that nothing else is taken for it.
    let (mut shown, mut stdout) = (Vec::new(), child.stdout.take().unwrap());
    while !String::from_utf8_lossy(&shown).contains("if it has none): ") {
        let mut byte = [0];
        assert_eq!(stdout.read(&mut byte).unwrap(), 1, "{}", String::from_utf8_lossy(&shown));
        shown.push(byte[0]);
    }
    child.stdin.as_mut().unwrap().write_all(format!("{PASSWORD}\n").as_bytes()).unwrap();
    stdout.read_to_end(&mut shown).unwrap();
    let text = String::from_utf8_lossy(&shown);
    assert!(child.wait().unwrap().success(), "{text}");
    assert!(text.contains("Password of the Wi-Fi network home") && !text.contains("horse"), "{text}");
}
