//! `esp-https load` on the command line.

use std::{path::PathBuf, time::Duration};

use clap::{ArgMatches, Args, Command, Subcommand, ValueEnum, error::ErrorKind, parser::ValueSource};

use super::{OutputFile, RequestArgs, ZonedAddress, duration, number::whole};

/// `esp-https load`.
#[derive(Debug, Clone, Args)]
#[command(before_help = LOAD_EXAMPLES, override_usage = LOAD_USAGE, subcommand_negates_reqs = true)]
pub struct LoadArgs {
    /// Name or address, with an optional port and path: 192.168.1.7, board.local:8443/light; or an https:// URL
    #[arg(value_name = "HOST[:PORT][/PATH]", required = true)]
    pub target: Option<String>,
    /// Something other than a run.
    #[command(subcommand)]
    pub verb: Option<LoadVerb>,
    /// What one unit of load consists of
    #[arg(long, value_enum, default_value_t = ModeArg::Request, help_heading = "Load")]
    pub mode: ModeArg,
    /// The number of parallel connections [default: 1]; with --find-limit, the most that are tried [default: 64]
    #[arg(short, long, value_name = "N", value_parser = whole::<u32>(1..=10_000), help_heading = "Load")]
    pub connections: Option<u32>,
    /// Stop after N units, failed ones included [default: no limit; with neither -n nor -z: -z 10s]
    #[arg(short = 'n', long, value_name = "N", value_parser = whole::<u64>(1..=u64::MAX), help_heading = "Load")]
    pub requests: Option<u64>,
    /// Start no unit of load after TIME: seconds, or with units (500ms, 30s, 1m30s, 1h). With --find-limit, the least
    /// time that a step lasts [default: 5s]
    #[arg(short = 'z', long, value_name = "TIME", value_parser = duration, help_heading = "Load")]
    pub duration: Option<Duration>,
    /// Start R units a second, whether answers come or not (open loop); times are then measured from the moment when a
    /// unit was due
    #[arg(long, value_name = "R", value_parser = rate, conflicts_with = "ramp", help_heading = "Load")]
    pub rate: Option<f64>,
    /// Start units at a rate that changes steadily from A to B a second (open loop)
    #[arg(long, value_name = "A:B", value_parser = ramp, conflicts_with = "requests", help_heading = "Load")]
    pub ramp: Option<(f64, f64)>,
    /// Find the limits of the device: increase sessions, then handshakes and requests a second, until it fails or a
    /// --fail-if is true; then wait for it to recover
    #[arg(long, conflicts_with_all = ["requests", "rate", "ramp", "mode", "start_at"], help_heading = "Load")]
    pub find_limit: bool,
    /// With --find-limit, begin no step that would end later than TIME after the start, and report what was found by then
    /// [default: 5m]
    #[arg(long, value_name = "TIME", value_parser = duration, requires = "find_limit", help_heading = "Load")]
    pub max_time: Option<Duration>,
    /// Start at this time, to start on several machines at once: RFC 3339 (2026-11-24T12:00:00Z) or seconds since 1970
    #[arg(long, value_name = "TIME", help_heading = "Load")]
    pub start_at: Option<String>,
    /// The request.
    #[command(flatten)]
    pub request: RequestArgs,
    /// Which sessions to resume
    #[arg(long, value_enum, default_value_t = ResumeArg::Never, help_heading = "TLS")]
    pub resume: ResumeArg,
    /// Offer this TLS version only
    #[arg(long, value_enum, help_heading = "TLS")]
    pub tls: Option<VersionArg>,
    /// Offer this cipher suite only, e.g. TLS_AES_128_GCM_SHA256; the names are listed below
    #[arg(long, value_name = "NAME", help_heading = "TLS")]
    pub suite: Option<String>,
    /// Offer this group only, e.g. x25519, secp256r1, secp384r1 or X25519MLKEM768; the names are listed below
    #[arg(long, value_name = "NAME", help_heading = "TLS")]
    pub group: Option<String>,
    /// The device's certificate: expect exactly this certificate, or another one with its key (pin)
    #[arg(long, value_name = "PEM", conflicts_with_all = ["cacert", "insecure"], help_heading = "TLS")]
    pub cert: Option<PathBuf>,
    /// Trust the CA certificates in this file, and only those; the name must match
    #[arg(long, value_name = "PEM", conflicts_with = "insecure", help_heading = "TLS")]
    pub cacert: Option<PathBuf>,
    /// Trust any certificate, without a warning
    #[arg(long, help_heading = "TLS")]
    pub insecure: bool,
    /// The client's own certificate, for servers that ask for one (mutual TLS)
    #[arg(long, value_name = "PEM", requires = "client_key", help_heading = "TLS")]
    pub client_cert: Option<PathBuf>,
    /// The private key of --client-cert
    #[arg(long, value_name = "PEM", requires = "client_cert", help_heading = "TLS")]
    pub client_key: Option<PathBuf>,
    /// Name to send as SNI and to check the certificate against [default: HOST]
    #[arg(long, value_name = "NAME", help_heading = "TLS")]
    pub server_name: Option<String>,
    /// Connect to this address, and do not look HOST up; a link-local one with its interface, as in fe80::1%eth0
    #[arg(long, value_name = "ADDR", help_heading = "TLS")]
    pub address: Option<ZonedAddress>,
    /// How long TCP may take to connect
    #[arg(long, value_name = "TIME", default_value = "15s", value_parser = duration, help_heading = "Limits")]
    pub connect_timeout: Duration,
    /// How long a handshake may take. A small device needs several seconds
    #[arg(long, value_name = "TIME", default_value = "15s", value_parser = duration, help_heading = "Limits")]
    pub handshake_timeout: Duration,
    /// How long a request may take, until its answer is complete
    #[arg(long, value_name = "TIME", default_value = "15s", value_parser = duration, help_heading = "Limits")]
    pub timeout: Duration,
    /// The number of threads [default: one for each core, at most one for each connection]
    #[arg(long, value_name = "N", value_parser = whole::<u16>(1..=1024), help_heading = "Limits")]
    pub threads: Option<u16>,
    /// Do not ask the device for its own figures (GET /stat before the run, each second, and after it)
    #[arg(long, help_heading = "Limits")]
    pub no_stat: bool,
    /// Exit with code 1 if this is true after the run, e.g. 'tls.p99>2500ms' 'error_rate>0.01' 'rps<5' 'device.heap_min<20000'
    /// (repeatable)
    #[arg(long, value_name = "EXPR", help_heading = "Report")]
    pub fail_if: Vec<String>,
    /// Write the report with plots to FILE as well, as one HTML file without references to other files; an existing FILE is
    /// replaced
    #[arg(long, value_name = "FILE", help_heading = "Report")]
    pub html: Option<OutputFile>,
    /// Write the result to FILE as JUnit XML as well, with a case for the run, each gate and each finding; an existing FILE is
    /// replaced
    #[arg(long, value_name = "FILE", help_heading = "Report")]
    pub junit: Option<OutputFile>,
    /// Write phases and errors (with --find-limit, the steps) to FILE as a CSV table as well; an existing FILE is
    /// replaced
    #[arg(long, value_name = "FILE", help_heading = "Report")]
    pub csv: Option<OutputFile>,
    /// Write the figures of each second to FILE during the run, as one JSON object a line (NDJSON); an existing FILE is replaced
    #[arg(long, value_name = "FILE", conflicts_with = "find_limit", help_heading = "Report")]
    pub series: Option<OutputFile>,
    /// Write the percentiles of the whole units' times to FILE as well, in milliseconds, as plotters of HdrHistogram read them; an
    /// existing FILE is replaced
    #[arg(long, value_name = "FILE", conflicts_with = "find_limit", help_heading = "Report")]
    pub hgrm: Option<OutputFile>,
    /// Write the histogram of each phase to FILE as well, in microseconds, as a log of HdrHistogram; an existing FILE
    /// is replaced
    #[arg(long, value_name = "FILE", conflicts_with = "find_limit", help_heading = "Report")]
    pub hlog: Option<OutputFile>,
}

/// What `load` does besides loading.
#[derive(Debug, Clone, Subcommand)]
pub enum LoadVerb {
    /// Add up the results of several machines, without loss of precision
    Merge(MergeArgs),
}

/// `esp-https load merge`.
#[derive(Debug, Clone, Args)]
#[command(before_help = MERGE_EXAMPLES)]
pub struct MergeArgs {
    /// The documents that `load --json` wrote
    #[arg(value_name = "JSON", required = true, num_args = 1..)]
    pub files: Vec<PathBuf>,
    /// Exit with code 1 if this is true of the sum (repeatable)
    #[arg(long, value_name = "EXPR")]
    pub fail_if: Vec<String>,
    /// Write the result to FILE as JUnit XML as well, with a case for the sum, each gate and each finding; an existing FILE is
    /// replaced
    #[arg(long, value_name = "FILE")]
    pub junit: Option<OutputFile>,
}

/// What one unit of load is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ModeArg {
    /// A request on a connection that stays open
    Request,
    /// Connect, handshake, close
    Handshake,
    /// Connect, handshake, request, close
    Close,
}

/// Which sessions to resume.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ResumeArg {
    /// None: make full handshakes only
    Never,
    /// In every handshake of a connection slot (see -c) except its first, if the server can resume
    Always,
    /// In every handshake for which a ticket is available, as browsers do
    Natural,
}

/// A TLS version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum VersionArg {
    /// TLS 1.2
    #[value(name = "1.2")]
    Tls12,
    /// TLS 1.3
    #[value(name = "1.3")]
    Tls13,
}

/// Refuses arguments of a run before `merge`. clap's own rule would refuse the global ones (`load --json merge`), too.
///
/// # Errors
/// One of a run's arguments is there, and so is `merge`.
pub(super) fn refuse_run_with_merge(root: &mut Command, matches: &ArgMatches) -> Result<(), clap::Error> {
    let Some((verb @ "load", matches)) = matches.subcommand() else { return Ok(()) };
    let (Some((below, _)), Some(load)) = (matches.subcommand(), root.find_subcommand_mut(verb)) else {
        return Ok(());
    };
    let is_given = |id: &str| matches.value_source(id) == Some(ValueSource::CommandLine);
    let own = |arg: &&clap::Arg| !arg.is_global_set() && is_given(arg.get_id().as_str());
    let Some(name) = load.get_arguments().find(own).map(ToString::to_string) else { return Ok(()) };
    let what = format!("'{name}' cannot be used before '{below}': options of '{below}' come after it");
    Err(load.error(ErrorKind::ArgumentConflict, what))
}

fn rate(text: &str) -> Result<f64, String> {
    let rate = parse_rate(text)?;
    if rate > 0.0 { Ok(rate) } else { Err("must be more than 0".to_owned()) }
}

fn ramp(text: &str) -> Result<(f64, f64), String> {
    let (from, to) = text.split_once(':').ok_or("expected two rates, e.g. 1:20")?;
    let (from, to) = (parse_rate(from)?, parse_rate(to)?);
    if from + to > 0.0 { Ok((from, to)) } else { Err("one of the rates must be more than 0".to_owned()) }
}

fn parse_rate(text: &str) -> Result<f64, String> {
    let rate: f64 = text.parse().map_err(|_| "expected units a second, e.g. 5 or 0.5".to_owned())?;
    if (0.0..=MOST_PER_SECOND).contains(&rate) && (rate == 0.0 || rate >= LEAST_PER_SECOND) {
        Ok(rate)
    } else {
        Err(format!("must be 0, or from {LEAST_PER_SECOND} to {MOST_PER_SECOND} a second"))
    }
}

const MOST_PER_SECOND: f64 = 1_000_000.0;
const LEAST_PER_SECOND: f64 = 0.001;

const LOAD_USAGE: &str = "\
esp-https load [OPTIONS] <HOST[:PORT][/PATH]>
       esp-https load merge [OPTIONS] <JSON>...";

const LOAD_EXAMPLES: &str = "\
Examples:
  esp-https load 192.168.1.7                           requests, for 10 s
  esp-https load 192.168.1.7 --mode handshake -n 50    handshakes alone
  esp-https load 192.168.1.7 --find-limit              the limits of the device
  esp-https load 192.168.1.7 --rate 5 --fail-if 'total.p99>500ms' --junit x.xml
  esp-https load board.local/light -d '{\"status\": true}' -c 4 -z 1m
  esp-https load merge a.json b.json                   add up several results
";

const MERGE_EXAMPLES: &str = "\
Examples:
  esp-https load 192.168.1.7 --start-at 2026-11-24T12:00:00Z --json -o a.json
  esp-https load merge a.json b.json --fail-if 'error_rate>0.01'
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_and_ramps_are_within_reason() {
        assert_eq!(rate("0.5"), Ok(0.5));
        assert_eq!(ramp("0:20"), Ok((0.0, 20.0)));
        for bad in ["0", "-1", "x", "inf", "NaN", "1e9", "0.0001"] {
            assert!(rate(bad).is_err(), "{bad}");
        }
        for bad in ["5", "0:0", "1:-1", ":", "1:2:3"] {
            assert!(ramp(bad).is_err(), "{bad}");
        }
    }
}
