//! Servers that nobody here wrote: `openssl s_server`, `gnutls-serv` and nginx, each on a free port of 127.0.0.1.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Command, Stdio},
    thread,
};

use tempfile::TempDir;

use crate::{child::Running, tools::require, wait::wait_for};

/// A server, which ends when it is dropped.
pub struct Server {
    _process: Running,
    /// Where it listens, as `127.0.0.1:43211`.
    pub address: String,
    _config: Option<TempDir>,
}

impl Server {
    /// The port of its address.
    pub fn port(&self) -> &str {
        self.address.rsplit(':').next().unwrap()
    }

    /// `openssl s_server` with a certificate and its key, both files in `folder`, answering each request with a page.
    pub fn openssl(folder: impl AsRef<Path>, pair: (&str, &str), more: &[&str]) -> Self {
        Self::openssl_at("127.0.0.1:0", folder, pair, &[&["-www"], more].concat())
    }

    /// The same at an address, with just these options.
    pub fn openssl_at(address: &str, folder: impl AsRef<Path>, pair: (&str, &str), more: &[&str]) -> Self {
        let mut command = Command::new("openssl");
        command.args(["s_server", "-accept", address, "-cert", pair.0, "-key", pair.1]).args(more);
        command.current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = Running::start(&mut command);
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let mut line = String::new();
        // It says `ACCEPT 127.0.0.1:43211` once it listens.
        while !line.starts_with("ACCEPT ") {
            line.clear();
            assert_ne!(output.read_line(&mut line).unwrap(), 0, "it ended before it listened: {command:?}");
        }
        // What it prints later must not fill the pipe and stop it.
        thread::spawn(move || output.read_to_end(&mut Vec::new()));
        Self { _process: process, address: line["ACCEPT ".len()..].trim().to_owned(), _config: None }
    }

    /// `gnutls-serv` with a certificate and its key, both files in `folder`, and that priority string; `None` when it is not
    /// installed.
    pub fn gnutls(folder: &Path, pair: (&str, &str), priority: &str, more: &[&str]) -> Option<Self> {
        let gnutls = require("gnutls-serv", "apt-get install gnutls-bin")?;
        Some(Self::start(folder, None, |port| {
            let mut command = Command::new(&gnutls);
            command.args(["--quiet", "--http", "--port", &port.to_string(), "--x509certfile", pair.0]);
            command.args(["--x509keyfile", pair.1, "--priority", priority]).args(more);
            command
        }))
    }

    /// nginx with a certificate and its key, both files in `folder`, and these lines in its `server` block, with its port for
    /// `@PORT@`; `None` when it is not installed.
    pub fn nginx(folder: &Path, pair: (&str, &str), lines: &str) -> Option<Self> {
        let nginx = require("nginx", "apt-get install nginx")?;
        let own = tempfile::tempdir().unwrap();
        let (at, certificates) = (own.path().display().to_string(), folder.display());
        let (certificate, key, conf) = (pair.0, pair.1, own.path().join("nginx.conf"));
        Some(Self::start(folder, Some(own), |port| {
            let lines = lines.replace("@PORT@", &port.to_string());
            let text = format!(
                "daemon off; master_process off; pid {at}/pid; error_log /dev/null; events {{}}\n\
                 http {{ access_log off; client_body_temp_path {at}/1; proxy_temp_path {at}/2; fastcgi_temp_path {at}/3;\n\
                 uwsgi_temp_path {at}/4; scgi_temp_path {at}/5; server {{ listen 127.0.0.1:{port} ssl;\n\
                 ssl_certificate {certificates}/{certificate}; ssl_certificate_key {certificates}/{key}; {lines}\n\
                 return 200 'page'; }} }}"
            );
            fs::write(&conf, text).unwrap();
            let mut command = Command::new(&nginx);
            command.arg("-c").arg(&conf).args(["-p", &at, "-e", "/dev/null"]);
            command
        }))
    }

    /// Starts on a port that was free a moment ago, and waits until it is open; on another port where somebody else took it.
    fn start(folder: &Path, config: Option<TempDir>, command: impl Fn(u16) -> Command) -> Self {
        for _ in 0..5 {
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            let mut command = command(port);
            command.current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
            let mut process = Running::start(&mut command);
            let listens = wait_for(&format!("{command:?} listens or ends"), || {
                let has_ended = process.try_wait().unwrap().is_some();
                let is_open = TcpStream::connect(("127.0.0.1", port)).is_ok();
                (has_ended || is_open).then_some(!has_ended)
            });
            if listens {
                return Self { _process: process, address: format!("127.0.0.1:{port}"), _config: config };
            }
        }
        panic!("no server started");
    }
}
