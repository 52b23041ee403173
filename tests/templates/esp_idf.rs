//! The project for ESP-IDF, without ESP-IDF: its C by gcc against headers of our own, its handlers on this machine, its CMake by
//! CMake. None of the faults of the book's example may be in it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use esp_https::device::ready::{Line, Ready, Reason};
use support::{command, from_root, require, stderr, stdout};
use tempfile::TempDir;

use crate::write;

/// The project with a certificate and a key in it, made by the command that `init` names.
fn project() -> TempDir {
    let folder = write("esp-idf", &[]);
    let next = command().args(["init", "esp-idf", "--json", "elsewhere"]).current_dir(folder.path()).output();
    let document = support::document::of(&next.unwrap());
    let next =
        document["result"]["next"].as_str().unwrap().strip_prefix("cd elsewhere && esp-https ").unwrap();
    let output = command().args(next.split(' ')).current_dir(folder.path()).output().unwrap();
    assert!(output.status.success(), "{next}: {output:?}");
    folder
}

fn ours(name: &str) -> PathBuf {
    from_root("tests/templates/esp_idf").join(name)
}

fn read(folder: &TempDir, name: &str) -> String {
    fs::read_to_string(folder.path().join(name)).unwrap()
}

fn sources(folder: &TempDir) -> Vec<PathBuf> {
    let names = support::names(folder.path().join("main"));
    names
        .iter()
        .filter(|name| name.ends_with(".c"))
        .map(|name| folder.path().join("main").join(name))
        .collect()
}

fn gcc(folder: &TempDir) -> Option<Command> {
    let mut command = Command::new(require("gcc", "apt-get install gcc")?);
    command.args(["-std=gnu17", "-Wall", "-Wextra", "-Werror", "-I"]).arg(ours("include"));
    command.arg("-I").arg(folder.path().join("main")).current_dir(folder.path());
    Some(command)
}

#[test]
fn every_source_compiles_without_a_warning() {
    let folder = project();
    let Some(mut gcc) = gcc(&folder) else { return };
    let sources = sources(&folder);
    assert_eq!(sources.len(), 5);
    let output = gcc.arg("-fsyntax-only").args(sources).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
}

/// The program that plays the server of ESP-IDF.
struct Host {
    _folder: TempDir,
    program: PathBuf,
}

impl Host {
    fn build() -> Option<Self> {
        let folder = project();
        let main = folder.path().join("main");
        let sources = ["light.c", "lines.c", "server.c"].map(|name| main.join(name));
        let program = folder.path().join("host");
        let mut gcc = gcc(&folder)?;
        gcc.args(["-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-o"]).arg(&program);
        gcc.arg(ours("host.c")).arg(ours("embedded.S")).args(sources).current_dir(main.join("certs"));
        let output = gcc.output().unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
        Some(Self { _folder: folder, program })
    }

    fn run(&self, words: &[&str]) -> String {
        let output: Output = Command::new(&self.program).args(words).output().unwrap();
        assert!(output.status.success(), "{words:?}: {}{}", stdout(&output), stderr(&output));
        stdout(&output)
    }

    /// What a request whose body has this length gets when these parts of it come.
    fn post(&self, length: usize, parts: &[&str]) -> String {
        let length = length.to_string();
        self.run(&[&["request", "POST", "/light", &length], parts].concat())
    }
}

#[test]
fn the_server_answers_every_request_and_no_body_is_too_much_for_it() {
    let Some(host) = Host::build() else { return };
    assert_eq!(
        host.run(&["request", "GET", "/", "0"]),
        "200 OK, text/html: <h1>Hello Secure World! </h1>\n1 answers, the connection stays\n"
    );
    let light = |on: bool| {
        format!("200 OK, application/json: {{\"status\": {on}}}\n1 answers, the connection stays\n")
    };
    assert_eq!(host.run(&["request", "GET", "/light", "0"]), light(true));
    assert_eq!(host.post(17, &[r#"{"status": false}"#]), light(false));
    assert_eq!(host.post(17, &["{\"sta", "tus\": fal", "se}"]), light(false));
    assert_eq!(host.post(64, &[&format!("{:<64}", " {\n\"status\" :true }\r\n")]), light(true));

    let refused = |status: &str, what: &str| {
        format!("Connection: close\n{status}, text/plain: {what}\n1 answers, the connection ends\n")
    };
    let neither = r#"the body is neither {"status": true} nor {"status": false}"#;
    for body in [
        "",
        "{}",
        "{\"status\": true",
        "{\"status\": 1}",
        "{\"status\": true} x",
        "\"status\"",
        "{\"status\": truefalse}",
    ] {
        assert_eq!(host.post(body.len(), &[body]), refused("400 Bad Request", neither), "{body}");
    }
    let long = "x".repeat(5000);
    for length in [65, 5000, usize::MAX] {
        let told = refused("413 Content Too Large", "the body is too large");
        assert_eq!(host.post(length, &[&long]), told, "{length}");
    }
    assert_eq!(
        host.post(17, &["{\"status\""]),
        refused("408 Request Timeout", "the body did not come in time")
    );
    let slow = host.post(64, &["x"; 64]);
    assert_eq!(slow, refused("408 Request Timeout", "the body came in too many parts"));
    assert_eq!(host.post(17, &["{", "-"]), "0 answers, the connection ends\n", "nobody is left to answer");
}

#[test]
fn the_server_has_its_own_certificate_and_asks_clients_for_none() {
    let Some(host) = Host::build() else { return };
    let told = host.run(&["start"]);
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines[0], "port 443, 3 resources");
    assert!(lines[1].starts_with("servercert -----BEGIN CERTIFICATE-----, "), "{told}");
    assert!(lines[2].starts_with("prvtkey_pem -----BEGIN PRIVATE KEY-----, "), "{told}");
    assert_eq!(lines[3], "cacert_pem none");
}

#[test]
fn monitor_understands_what_the_board_prints() {
    let Some(host) = Host::build() else { return };
    let line = |words: &[&str]| Line::parse(host.run(words).trim_end());
    let Line::Ready(Ready { ip, port, mac, fw, cert_sha256 }) = line(&["ready", "v1.2-3 \"dirty\\\n"]) else {
        panic!("{:?}", line(&["ready", "v1"]))
    };
    assert_eq!((ip.to_string().as_str(), port, mac.as_str()), ("192.168.1.7", 443, "02:00:00:ab:cd:ef"));
    assert_eq!((fw.as_str(), cert_sha256), ("v1.2-3 ?dirty??", format!("5aff{}", "00".repeat(30))));
    let reason = Reason { reason: "wifi: authentication refused".to_owned() };
    assert_eq!(line(&["fault", "wifi: authentication refused"]), Line::Fault(reason));
    assert_eq!(host.run(&["ready", &"x".repeat(200)]), "no room\n");
}

/// Configures the project with the stub of ESP-IDF's functions; what it recorded.
fn configure(folder: &TempDir) -> Option<(Output, String)> {
    let cmake = require("cmake", "apt-get install cmake")?;
    let record = folder.path().join("record");
    let mut command = Command::new(cmake);
    command.arg("-S").arg(folder.path()).arg("-B").arg(folder.path().join("build"));
    command.arg(format!("-DRECORD={}", record.display())).env("IDF_PATH", ours("idf"));
    let output = command.output().unwrap();
    Some((output, fs::read_to_string(record).unwrap_or_default()))
}

#[test]
fn cmake_registers_every_source_and_embeds_both_files() {
    let folder = project();
    let Some((output, record)) = configure(&folder) else { return };
    assert!(output.status.success(), "{}", stderr(&output));
    let value = |key: &str| -> Vec<String> {
        let line = record.lines().find_map(|line| line.strip_prefix(&format!("{key}=")));
        line.unwrap_or_else(|| panic!("no {key} in {record}")).split(';').map(str::to_owned).collect()
    };
    let there = sources(&folder);
    let names = there.iter().map(|path| path.file_name().unwrap().to_str().unwrap().to_owned());
    assert_eq!(value("SRCS"), names.collect::<Vec<_>>());
    assert_eq!(value("EMBED_TXTFILES"), ["certs/cacert.pem", "certs/prvtkey.pem"]);
    assert!(value("EMBED_TXTFILES").iter().all(|file| folder.path().join("main").join(file).is_file()));
    assert_eq!(value("version"), ["0.1.0"]);
    for component in ["esp_https_server", "esp_wifi", "esp_netif", "nvs_flash", "mbedtls"] {
        assert!(value("PRIV_REQUIRES").contains(&component.to_owned()), "{record}");
    }
}

#[test]
fn cmake_names_the_command_that_makes_what_is_missing() {
    let folder = write("esp-idf", &["--set", "hostname=kitchen"]);
    let Some((output, _)) = configure(&folder) else { return };
    assert!(!output.status.success());
    let told = stderr(&output);
    assert!(told.contains("main/certs/cacert.pem is missing"), "{told}");
    assert!(
        told.contains("esp-https certgen --profile server --san dns:kitchen --out-dir main/certs"),
        "{told}"
    );
}

#[test]
fn none_of_the_eight_faults_of_the_book_s_example_is_there() {
    let folder = project();
    let texts: Vec<(PathBuf, String)> =
        sources(&folder).into_iter().map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect();
    let code = |name: &str| without_comments(&read(&folder, name));
    // 1, 5: the fields and the resources are seen by the tests above, which run the server.
    assert!(!code("main/server.c").contains(".cacert_pem"));
    // 2: only the argument counts.
    assert!(!code("main/CMakeLists.txt").contains("COMPONENT_EMBED_TXTFILES"));
    // 3, 4: the body is read within bounds, and answered; the tests above try it.
    // 6: git takes no key.
    assert!(git_ignores(folder.path(), "main/certs/prvtkey.pem"));
    assert!(git_ignores(folder.path(), "sdkconfig"), "the password is in it");
    for name in ["main/server.c", "sdkconfig.defaults", "main/CMakeLists.txt"] {
        assert!(!git_ignores(folder.path(), name), "{name}");
    }
    // 7: no password in the log.
    for (path, text) in &texts {
        for line in text
            .lines()
            .filter(|line| line.contains("ESP_LOG") || line.contains("printf(") || line.contains("puts("))
        {
            assert!(!line.contains("PASSWORD") && !line.contains("password"), "{}: {line}", path.display());
        }
    }
    // 8: the certificate has a name, and the server is started after the wait for an address.
    let facts = support::openssl(
        folder.path(),
        &["x509", "-in", "main/certs/cacert.pem", "-noout", "-ext", "subjectAltName"],
    );
    assert!(stdout(&facts).contains("DNS:esp-https"), "{}", stdout(&facts));
    let main = code("main/main.c");
    let (waits, starts) = (main.find("wifi_wait_for_address").unwrap(), main.find("server_start()").unwrap());
    assert!(waits < starts, "the server starts without an address");
    let settings = read(&folder, "sdkconfig.defaults");
    for line in ["CONFIG_ESP_HTTPS_SERVER_ENABLE=y", "CONFIG_HTTPD_MAX_REQ_HDR_LEN=2048"] {
        assert!(settings.lines().any(|setting| setting == line), "{line}");
    }
    let readme = read(&folder, "README.md");
    assert!(readme.contains("**Not compiled with ESP-IDF yet.**"), "whoever reads it knows");
}

fn without_comments(text: &str) -> String {
    let lines = text.lines().map(|line| line.split("//").next().unwrap().split('#').next().unwrap());
    lines.collect::<Vec<_>>().join("\n")
}

fn git_ignores(folder: &Path, name: &str) -> bool {
    if !folder.join(".git").exists() {
        assert!(
            Command::new("git").args(["init", "--quiet"]).current_dir(folder).status().unwrap().success()
        );
    }
    Command::new("git")
        .args(["check-ignore", "--quiet", name])
        .current_dir(folder)
        .status()
        .unwrap()
        .success()
}
