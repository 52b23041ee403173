//! The command line: clap definitions only. Imports nothing from the project, so that completions can be built from
//! this file and the folder beside it alone.

mod address;
mod discover;
mod doctor;
mod files;
mod flash;
mod hil;
mod init;
mod load;
mod number;
mod probe;
mod request;
mod shell;

pub use self::address::{NotAnAddress, ZonedAddress};
pub use self::discover::DiscoverArgs;
pub use self::doctor::{DoctorArgs, VerbArg};
pub use self::files::{NamedFile, OutputFile, Role, named_files};
pub use self::hil::{
    HilArgs, HilBaselineArgs, HilCheckArgs, HilPlanArgs, HilTargetArgs, HilVerb, LabFailureArg,
};
pub use self::init::InitArgs;
pub use self::load::{LoadArgs, LoadVerb, MergeArgs, ModeArg, ResumeArg, VersionArg};
pub use self::probe::{AuditArgs, GateArgs, ProbeArgs};
pub use self::request::{AnswerArgs, RequestArgs, RequestBody};
pub use self::shell::{CompletionsArgs, ManArgs, ShellArg};

use std::{
    ffi::{OsStr, OsString},
    path::PathBuf,
    time::Duration,
};

use clap::{Args, FromArgMatches as _, Parser, Subcommand, ValueEnum, ValueHint};

pub use self::flash::{
    AfterArg, AfterArgs, BeforeArg, BoardArgs, FlashArgs, IdentityArgs, LoaderArgs, MonitorArgs, ScopeArgs,
};

/// Set up and test an HTTPS server on an ESP32-C3: certificate, board, handshake, load.
#[derive(Debug, Parser)]
#[command(name = "esp-https", version, propagate_version = true, arg_required_else_help = true)]
#[command(before_help = ROOT_EXAMPLES, disable_help_subcommand = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// How to write the result.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a certificate and its private key, as the openssl command in the book does
    Certgen(CertgenArgs),
    /// Write the firmware and a certificate to an ESP32-C3, and wait until it serves
    // Boxed, since it has many flags and the others have few.
    Flash(Box<FlashArgs>),
    /// Show what a board prints on its serial port
    Monitor(MonitorArgs),
    /// Run the firmware on an emulated board, which serves until Ctrl-C
    Emulate(EmulateArgs),
    /// Make one handshake with a device and show what was negotiated
    Probe(Box<ProbeArgs>),
    /// Put load on a device and measure how much it can take
    Load(Box<LoadArgs>),
    /// List the HTTPS devices on this network, which they announce by mDNS
    Discover(DiscoverArgs),
    /// Run a scenario: flash, probe, load and more, on a board, an emulated one or an address
    Hil(Box<HilArgs>),
    /// Write the files that a project begins with, from a template
    Init(InitArgs),
    /// Check what the commands need on this machine, and show what mends each thing that is missing or wrong
    Doctor(DoctorArgs),
    /// Print the script by which a shell completes the command line
    Completions(CompletionsArgs),
    /// Print a manual page
    Man(ManArgs),
}

/// Reads the words by `command`, which is [`Cli`]'s with what was added to its help; also returns the files that they name.
///
/// # Errors
/// The words are no command line of ours.
pub fn parse(
    command: &mut clap::Command,
    words: impl IntoIterator<Item = OsString>,
) -> Result<(Cli, Vec<NamedFile>), clap::Error> {
    let matches = command.try_get_matches_from_mut(words)?;
    load::refuse_run_with_merge(command, &matches)?;
    let cli = Cli::from_arg_matches(&matches).map_err(|error| error.format(command))?;
    Ok((cli, named_files(command, &matches)))
}

/// Whether these words, the program's name left out, ask for the version and for what is inside: `--version --verbose`. It is not
/// one of clap's arguments, because clap answers `--version` as soon as it sees it.
pub fn asks_for_contents<S: AsRef<OsStr>>(words: impl IntoIterator<Item = S>) -> bool {
    let (mut version, mut verbose) = (false, false);
    for word in words {
        match word.as_ref().to_str() {
            Some("-V" | "--version") => version = true,
            Some("-v" | "--verbose") => verbose = true,
            _ => return false,
        }
    }
    version && verbose
}

impl Command {
    /// The verb as typed, e.g. `certgen`.
    #[must_use]
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Certgen(_) => "certgen",
            Self::Flash(_) => "flash",
            Self::Monitor(_) => "monitor",
            Self::Emulate(_) => "emulate",
            Self::Probe(_) => "probe",
            Self::Load(_) => "load",
            Self::Discover(_) => "discover",
            Self::Doctor(_) => "doctor",
            Self::Hil(_) => "hil",
            Self::Init(_) => "init",
            Self::Completions(_) => "completions",
            Self::Man(_) => "man",
        }
    }
}

/// Flags that every verb takes.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Output")]
pub struct OutputArgs {
    /// Write one JSON document to standard output, and everything else to standard error
    #[arg(long, global = true)]
    pub json: bool,
    /// Write the result (the report, or with --json the document) to FILE instead of standard output; an existing
    /// FILE is
    /// replaced. With every option that writes a file, `-` means standard output, and a device or a pipe is written to
    /// and not replaced
    #[arg(short, long, global = true, value_name = "FILE")]
    pub output: Option<OutputFile>,
    /// Print only the result and errors. What a board prints is the result of monitor, unless --json or -o is given
    #[arg(short, long, global = true)]
    pub quiet: bool,
}

/// `esp-https certgen`.
#[derive(Debug, Args)]
#[command(before_help = CERTGEN_EXAMPLES)]
pub struct CertgenArgs {
    /// Write the two files into this folder
    #[arg(long, value_name = "DIR", default_value = ".", value_hint = ValueHint::DirPath)]
    pub out_dir: PathBuf,
    /// The kind of certificate
    #[arg(long, value_enum, default_value_t = ProfileArg::Book)]
    pub profile: ProfileArg,
    /// Common name [default: ESP32 HTTPS server example; with --profile server: the first --san]
    #[arg(long, value_name = "NAME")]
    pub cn: Option<String>,
    /// A name or address by which clients reach the device: dns:NAME or ip:ADDRESS (repeatable)
    #[arg(long = "san", value_name = "dns:NAME|ip:ADDR")]
    pub sans: Vec<String>,
    /// Days until the certificate expires [default: 3650; with --profile server: 820]
    #[arg(long, value_name = "N", value_parser = number::any_whole)]
    pub days: Option<u32>,
    /// The type and size of the key
    #[arg(long, value_enum, default_value_t = KeyArg::Rsa2048)]
    pub key: KeyArg,
    /// Replace files that exist
    #[arg(long)]
    pub force: bool,
    /// Print the openssl command that makes the same certificate, and write no files
    #[arg(long)]
    pub print_openssl: bool,
}

/// Kinds of certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ProfileArg {
    /// The certificate of the book: a self-signed CA certificate with a common name only
    Book,
    /// A server certificate with SAN and EKU; curl, rustls and browsers accept it once they trust it
    Server,
}

/// Key types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum KeyArg {
    /// RSA, 2048 bits: as in the book; accelerated on the ESP32-C3
    Rsa2048,
    /// RSA, 3072 bits: not accelerated on the ESP32-C3; a handshake takes ten times as long
    Rsa3072,
    /// RSA, 4096 bits: not accelerated on the ESP32-C3; a handshake takes twenty times as long
    Rsa4096,
    /// ECDSA on P-256: small and quick to make; as quick on the ESP32-C3 as RSA-2048
    P256,
    /// ECDSA on P-384: almost as quick on the ESP32-C3 as RSA-2048
    P384,
}

/// `esp-https emulate`.
#[derive(Debug, Clone, Args)]
#[command(before_help = EMULATE_EXAMPLES)]
pub struct EmulateArgs {
    /// The device's certificate [default: ./cacert.pem; made with the defaults of certgen if it is missing]
    #[arg(long, value_name = "PEM", requires = "key")]
    pub cert: Option<PathBuf>,
    /// The device's private key [default: ./prvtkey.pem; made with the defaults of certgen if it is missing]
    #[arg(long, value_name = "PEM", requires = "cert")]
    pub key: Option<PathBuf>,
    /// Require a certificate from each client, and accept those that this CA issued (mutual TLS)
    #[arg(long, value_name = "PEM")]
    pub client_ca: Option<PathBuf>,
    /// The loopback port to serve on; 0 means any free port
    #[arg(long, value_name = "PORT", default_value_t = 8443, value_parser = number::whole::<u16>(0..=65_535))]
    pub port: u16,
    /// The largest request header that the device accepts, in bytes [default: 2048]
    #[arg(long, value_name = "BYTES", value_parser = number::any_whole)]
    pub max_header: Option<u32>,
    /// Serve old clients as well, by ECDHE with AES-CBC and SHA-1 in TLS 1.2: Windows 7 and 8.1, Safari up to 8, Java 7. Such
    /// suites have been broken by timing before, and probe --audit reports them; all other clients go on using better ones
    #[arg(long)]
    pub legacy_clients: bool,
    /// Let the board's clock count instructions, so that the cost of a handshake is a repeatable number
    #[arg(long)]
    pub deterministic: bool,
    /// Append what the board prints on its serial port to FILE
    #[arg(long, value_name = "FILE")]
    pub serial_log: Option<OutputFile>,
    /// How long to wait for the board to report READY: seconds, or with a unit (500ms, 30s, 2m)
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = duration)]
    pub ready_timeout: Duration,
    /// Run this firmware (an ELF for QEMU's virt machine) instead of the bundled one
    #[arg(long, value_name = "ELF")]
    pub image: Option<PathBuf>,
    /// Build the firmware from this folder instead of the bundled sources
    #[arg(long, value_name = "DIR", conflicts_with = "image", value_hint = ValueHint::DirPath)]
    pub firmware_dir: Option<PathBuf>,
    /// Build the bundled firmware, even if this esp-https has a prebuilt one inside (see --version --verbose)
    #[arg(long, conflicts_with_all = ["image", "firmware_dir"])]
    pub build: bool,
    /// Run this command once the board serves, with the variables below in its environment, and stop the board when it
    /// ends. Its exit code is passed on
    #[arg(value_name = "COMMAND", last = true)]
    pub command: Vec<OsString>,
}

/// Parses `500ms`, `30s`, `1m30s`, `1h` or plain seconds.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let seconds = || text.parse().map(Duration::from_secs);
    let duration = seconds()
        .or_else(|_| humantime::parse_duration(text))
        .map_err(|_| "expected a number of seconds, or a time such as 500ms, 30s, 1m30s or 1h".to_owned())?;
    if duration.is_zero() || duration > LONGEST_DURATION {
        return Err("must be more than 0 and at most one day".to_owned());
    }
    Ok(duration)
}

const LONGEST_DURATION: Duration = Duration::from_secs(24 * 60 * 60);

const ROOT_EXAMPLES: &str = "\
Examples:
  esp-https certgen              make cacert.pem and prvtkey.pem as in the book
  esp-https flash --ssid home    write the firmware and this certificate
  esp-https emulate              run the same firmware on an emulated board
  esp-https probe 192.168.1.7    show what the board negotiates in TLS
  esp-https load 192.168.1.7     measure how many requests a second it answers
  esp-https discover             list the boards on this network
  esp-https monitor              show what the board prints on its serial port
  esp-https doctor               check what is missing on this machine
  esp-https hil                  run the steps of hil.toml, unattended
  esp-https init                 list the templates for CI and for projects
  esp-https --version --verbose  show what is inside: firmware, hashes, licences

\"The book\" is Espressif's ESP32-C3 Wireless Adventure, chapter 8, which is about
TLS and HTTPS servers.
";

const CERTGEN_EXAMPLES: &str = "\
Examples:
  esp-https certgen                    as the openssl command in the book does
  esp-https certgen --print-openssl    print the command for openssl
  esp-https certgen --profile server --san dns:esp32.local --san ip:192.168.1.7
  esp-https certgen --key p256 --out-dir board-7 --force
";

const EMULATE_EXAMPLES: &str = "\
Examples:
  esp-https emulate                    serve on https://127.0.0.1:8443/
  esp-https emulate --port 0 --json    serve on any free port; the URL as JSON
  esp-https emulate --cert board-7/cacert.pem --key board-7/prvtkey.pem
  esp-https emulate --port 0 -- pytest tests/
  esp-https emulate --port 0 -- sh -c 'esp-https probe \"$ESP_HTTPS_TARGET\"'
";

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_definitions_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_contents_are_asked_for_by_two_words_alone_and_in_any_order() {
        for words in [&["--version", "--verbose"][..], &["-v", "-V"], &["--verbose", "-V", "-V"]] {
            assert!(asks_for_contents(words), "{words:?}");
        }
        for words in [&["--version"][..], &["--verbose"], &[], &["flash", "--version", "--verbose"]] {
            assert!(!asks_for_contents(words), "{words:?}");
        }
    }

    #[test]
    fn durations_take_units() {
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("15"), Ok(Duration::from_secs(15)));
        assert_eq!(duration("2m"), Ok(Duration::from_secs(120)));
        assert_eq!(duration("1m30s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("1h"), Ok(Duration::from_secs(3600)));
        assert_eq!(duration("24h"), Ok(Duration::from_secs(86_400)));
        for bad in ["", "0", "0s", "s", "1x", "-1s", "99999999999999999999", "1441m", "1M"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }
}
