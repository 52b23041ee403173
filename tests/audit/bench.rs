//! Servers on free ports, and the command under test.

use std::{
    fs,
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    sync::OnceLock,
    thread::sleep,
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::support;

/// What a run of `esp-https probe --json` gave.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) document: Value,
}

impl Run {
    pub(crate) fn result(&self) -> &Value {
        &self.document["result"]
    }

    /// The item of that id.
    pub(crate) fn item(&self, id: &str) -> &Value {
        let items =
            self.result()["items"].as_array().unwrap_or_else(|| panic!("no items in {:#}", self.document));
        items.iter().find(|item| item["id"] == id).unwrap_or_else(|| panic!("no {id}"))
    }

    pub(crate) fn verdict(&self, id: &str) -> &str {
        self.item(id)["verdict"].as_str().unwrap()
    }

    /// The names in a list-valued item.
    pub(crate) fn list(&self, id: &str) -> Vec<String> {
        strings(&self.item(id)["value"])
    }

    /// The ids of the items with that verdict.
    pub(crate) fn ids(&self, verdict: &str) -> Vec<&str> {
        let items = self.result()["items"].as_array().unwrap().iter();
        items.filter(|item| item["verdict"] == verdict).map(|item| item["id"].as_str().unwrap()).collect()
    }

    pub(crate) fn findings(&self) -> Vec<&str> {
        let findings = self.result()["findings"].as_array().unwrap().iter();
        findings.map(|finding| finding["id"].as_str().unwrap()).collect()
    }

    pub(crate) fn ledger(&self, field: &str) -> u64 {
        self.result()["ledger"][field].as_u64().unwrap()
    }
}

pub(crate) fn strings(list: &Value) -> Vec<String> {
    let list = list.as_array().unwrap_or_else(|| panic!("a list: {list}"));
    list.iter().map(|name| name.as_str().unwrap().to_owned()).collect()
}

/// Runs `esp-https probe --json` and validates the document.
pub(crate) fn probe(args: &[&str]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_esp-https"));
    let output = command.args(["probe", "--json", "--quiet"]).args(args).output().unwrap();
    let document = parse_valid(&output.stdout);
    let code = output.status.code().expect("exits");
    assert_eq!(document["exit_code"], code, "the document tells the exit code");
    Run { code, document }
}

/// A JSON document that the schema accepts.
pub(crate) fn parse_valid(bytes: &[u8]) -> Value {
    let document = serde_json::from_slice(bytes)
        .unwrap_or_else(|error| panic!("{error} in {:?}", String::from_utf8_lossy(bytes)));
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema/probe.json");
    let schema = serde_json::from_str(&fs::read_to_string(schema).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<_> =
        validator.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?} in {document:#}");
    document
}

/// A folder with `rsa`, `ecdsa` and `ca` certificates and keys, made once.
pub(crate) fn folder() -> &'static Path {
    static FOLDER: OnceLock<TempDir> = OnceLock::new();
    let made = FOLDER.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        for (name, key) in [
            ("rsa", &["rsa:2048"][..]),
            ("ecdsa", &["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]),
            ("ca", &["rsa:2048"]),
        ] {
            let (pem, key_file, subject) =
                (format!("{name}.pem"), format!("{name}.key"), format!("/CN=bench {name}"));
            let mut command = Command::new("openssl");
            command.args(["req", "-x509", "-nodes", "-days", "30", "-newkey"]).args(key);
            command.args(["-keyout", &key_file, "-out", &pem, "-subj", &subject]).current_dir(folder.path());
            let made = command.output().expect("openssl runs");
            assert!(made.status.success(), "{made:?}");
        }
        folder
    });
    made.path()
}

/// A server, gone when dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) port: u16,
    _config: Option<TempDir>,
}

impl Server {
    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// `openssl s_server` with the certificate of that name, answering each request with a page.
    pub(crate) fn openssl(certificate: &str, more: &[&str]) -> Self {
        let (pem, key) = (format!("{certificate}.pem"), format!("{certificate}.key"));
        Self::start(None, |port| {
            let mut command = Command::new("openssl");
            command.args(["s_server", "-quiet", "-www", "-accept", &format!("127.0.0.1:{port}")]);
            command.args(["-cert", &pem, "-key", &key]).args(more);
            command
        })
    }

    /// `gnutls-serv` with that priority string; `None` when it is not installed.
    pub(crate) fn gnutls(certificate: &str, priority: &str, more: &[&str]) -> Option<Self> {
        support::require("gnutls-serv", "apt-get install gnutls-bin")?;
        let (pem, key) = (format!("{certificate}.pem"), format!("{certificate}.key"));
        Some(Self::start(None, |port| {
            let mut command = Command::new("gnutls-serv");
            command.args(["--quiet", "--http", "--port", &port.to_string(), "--x509certfile", &pem]);
            command.args(["--x509keyfile", &key, "--priority", priority]).args(more);
            command
        }))
    }

    /// nginx with these lines in its `server` block; `None` when it is not installed.
    pub(crate) fn nginx(certificate: &str, lines: &str) -> Option<Self> {
        let nginx = support::require("nginx", "apt-get install nginx")?;
        let folder = tempfile::tempdir().unwrap();
        let (at, own) = (folder.path().display().to_string(), self::folder().display());
        let conf = folder.path().join("nginx.conf");
        Some(Self::start(Some(folder), |port| {
            let text = format!(
                "daemon off; master_process off; pid {at}/pid; error_log /dev/null; events {{}}\n\
                 http {{ access_log off; client_body_temp_path {at}/1; proxy_temp_path {at}/2; fastcgi_temp_path {at}/3;\n\
                 uwsgi_temp_path {at}/4; scgi_temp_path {at}/5; server {{ listen 127.0.0.1:{port} ssl; return 200 'page';\n\
                 ssl_certificate {own}/{certificate}.pem; ssl_certificate_key {own}/{certificate}.key; {lines} }} }}"
            );
            fs::write(&conf, text).unwrap();
            let mut command = Command::new(&nginx);
            command.arg("-c").arg(&conf).args(["-p", &at, "-e", "/dev/null"]);
            command
        }))
    }

    /// Starts on a port that was free a moment ago, and waits until it is open.
    fn start(config: Option<TempDir>, command: impl Fn(u16) -> Command) -> Self {
        for _ in 0..5 {
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            let mut command = command(port);
            command.current_dir(folder()).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
            let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
            let until = Instant::now() + Duration::from_secs(20);
            while Instant::now() < until && child.try_wait().unwrap().is_none() {
                if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                    return Self { child, port, _config: config };
                }
                sleep(Duration::from_millis(20));
            }
            let _ = child.kill();
            let _ = child.wait();
        }
        panic!("no server started");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An address where nothing listens.
pub(crate) fn nobody() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}
