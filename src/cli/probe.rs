//! The arguments of `esp-https probe`.

use std::{path::PathBuf, time::Duration};

use clap::Args;

use super::{AnswerArgs, OutputFile, RequestArgs, ZonedAddress, duration, number};

/// `esp-https probe`.
#[derive(Debug, Args)]
#[command(before_help = PROBE_EXAMPLES)]
pub struct ProbeArgs {
    /// Name or address, with an optional port: 192.168.1.7, board.local:8443, [fe80::1%eth0]:443; or an https:// URL
    #[arg(value_name = "HOST[:PORT]", required_unless_present = "target_file")]
    pub targets: Vec<String>,
    /// Ask the servers in FILE as well, one on each line. All are asked in parallel, each by one connection at a time
    #[arg(long = "targets", value_name = "FILE")]
    pub target_file: Option<PathBuf>,
    /// The device's certificate: expect exactly this certificate, or another one with its key (pin)
    #[arg(long, value_name = "PEM", conflicts_with = "cacert")]
    pub cert: Option<PathBuf>,
    /// Trust the CA certificates in this file, and only those; the name must match
    #[arg(long, value_name = "PEM")]
    pub cacert: Option<PathBuf>,
    /// The client's own certificate, for a device that asks for one (mutual TLS)
    #[arg(long, value_name = "PEM", requires = "client_key")]
    pub client_cert: Option<PathBuf>,
    /// The private key of --client-cert
    #[arg(long, value_name = "PEM", requires = "client_cert")]
    pub client_key: Option<PathBuf>,
    /// Name to send as SNI and to check the certificate against [default: HOST]
    #[arg(long, value_name = "NAME")]
    pub server_name: Option<String>,
    /// How long each step may take: seconds, or with a unit (500ms, 15s). A small device needs several seconds
    #[arg(long, value_name = "TIME", default_value = "15s", value_parser = duration)]
    pub timeout: Duration,
    /// Connect to this address, and do not look HOST up; a link-local one with its interface, as in fe80::1%eth0
    #[arg(long, value_name = "ADDR")]
    pub address: Option<ZonedAddress>,
    /// Show every message of the conversation, decrypted
    #[arg(long, conflicts_with_all = ["audit", "all", "follow", "RequestArgs", "AnswerArgs"])]
    pub trace: bool,
    /// Write the conversation and its secrets to FILE, as pcapng for Wireshark; an existing FILE is replaced
    #[arg(long, value_name = "FILE", conflicts_with_all = ["audit", "all", "follow", "RequestArgs", "AnswerArgs"])]
    pub pcap: Option<OutputFile>,
    /// Ask for this path, instead of / or the path of the URL
    #[arg(long, value_name = "PATH", help_heading = "Request")]
    pub path: Option<String>,
    /// The request that is made on a connection of its own.
    #[command(flatten)]
    pub request: RequestArgs,
    /// Follow redirects to paths of the same server, at most five
    #[arg(long, help_heading = "Request")]
    pub follow: bool,
    /// What else to ask.
    #[command(flatten)]
    pub audit: AuditArgs,
    /// What it should be.
    #[command(flatten)]
    pub gate: GateArgs,
    /// What the answer to the request should be.
    #[command(flatten)]
    pub answer: AnswerArgs,
}

/// What a server should be; exit code 1 when it is not.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Checks (exit code 1 when one fails)")]
pub struct GateArgs {
    /// The version that the handshake should negotiate, e.g. 1.3
    #[arg(long, value_name = "VERSION")]
    pub expect_version: Option<String>,
    /// The cipher suite that the handshake should negotiate, by its IANA name
    #[arg(long, value_name = "SUITE")]
    pub expect_suite: Option<String>,
    /// The group that the handshake should negotiate, e.g. x25519
    #[arg(long, value_name = "GROUP")]
    pub expect_group: Option<String>,
    /// Check the rules in FILE (TOML), about versions, suites, certificate, time, audit answers and findings
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// Compare with FILE, the JSON document of an earlier run; the check fails when anything has changed
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Write the results to FILE as JUnit XML as well; an existing FILE is replaced
    #[arg(long, value_name = "FILE")]
    pub junit: Option<OutputFile>,
}

/// `esp-https probe --audit`.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Audit")]
pub struct AuditArgs {
    /// Ask for versions, families of suites, extensions, resumption and limits, one after the other: about 45
    /// connections in all
    #[arg(long)]
    pub audit: bool,
    /// Ask what --audit asks, and also for every suite, group and signature scheme of every version
    #[arg(long)]
    pub all: bool,
    /// Make at most N attempts to connect; questions that are left over are reported as skipped
    #[arg(long, value_name = "N", value_parser = number::whole::<u32>(2..=u32::MAX.into()))]
    pub max_connections: Option<u32>,
    /// Stop after this time: seconds, or with a unit (30s, 2m); questions that are left over are reported as skipped
    /// [default: 10m]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub deadline: Option<Duration>,
}

const PROBE_EXAMPLES: &str = "\
Examples:
  esp-https probe 192.168.1.7
  esp-https probe 192.168.1.7 --cert cacert.pem    check that it is my board
  esp-https probe 192.168.1.7 --audit              list all that it accepts
  esp-https probe 192.168.1.7/light -d '{\"status\": true}' --expect-status 200
  esp-https probe 192.168.1.7/light -H 'Accept: a/b' --expect-json /status=true
  esp-https probe board.local --cacert ca.pem --json
  esp-https probe 192.168.1.7 --trace --pcap handshake.pcapng
  esp-https probe --targets boards.txt --audit --policy policy.toml
";
