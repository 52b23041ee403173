//! `esp-https certgen` on the command line.

use std::{path::PathBuf, time::Duration};

use clap::{Args, Subcommand, ValueEnum, ValueHint};

use super::{duration, number};

/// `esp-https certgen`.
#[derive(Debug, Args)]
#[command(before_help = CERTGEN_EXAMPLES)]
pub struct CertgenArgs {
    /// Something other than one certificate.
    #[command(subcommand)]
    pub verb: Option<CertgenVerb>,
    /// Write the two files into this folder
    #[arg(long, value_name = "DIR", default_value = ".", value_hint = ValueHint::DirPath)]
    pub out_dir: PathBuf,
    /// The kind of certificate [default: book; with --ca: server]
    #[arg(long, value_enum)]
    pub profile: Option<ProfileArg>,
    /// Common name [default: ESP32 HTTPS server example; with --profile server or --ca: the first --san]
    #[arg(long, value_name = "NAME")]
    pub cn: Option<String>,
    /// A name or address by which clients reach the device: kitchen.local, 192.168.1.7 or ::1, also as dns:NAME or ip:ADDR
    /// (repeatable)
    #[arg(long = "san", value_name = "NAME|ADDR")]
    pub sans: Vec<String>,
    /// Days until the certificate expires, or a time (90d, 12w, 1y) [default: 3650; with --profile server or --ca: 820]
    #[arg(long, visible_alias = "valid", value_name = "N", value_parser = number::days)]
    pub days: Option<u32>,
    /// The type and size of the key
    #[arg(long, value_enum, default_value_t = KeyArg::Rsa2048)]
    pub key: KeyArg,
    /// Replace files that exist
    #[arg(long)]
    pub force: bool,
    /// Print the openssl command that makes the same certificate, and write no files
    #[arg(long, conflicts_with_all = ["ca", "client"])]
    pub print_openssl: bool,
    /// Make the certificate of a client for mutual TLS, with this common name, instead of a device's
    #[arg(long, value_name = "NAME", conflicts_with_all = ["cn", "profile"])]
    pub client: Option<String>,
    /// The CA that issues it.
    #[command(flatten)]
    pub issuer: IssuerArgs,
}

/// Which CA issues certificates, and how its key is opened.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Issued by a CA")]
pub struct IssuerArgs {
    /// Have the CA in DIR issue it; without DIR, or with --client alone, the one that `certgen ca` makes without --dir
    #[arg(
        long,
        value_name = "DIR",
        num_args = 0..=1,
        default_missing_value = "",
        value_parser = folder,
        value_hint = ValueHint::DirPath
    )]
    pub ca: Option<PathBuf>,
    /// Read the passphrase of the CA's key from FILE (- for standard input), instead of asking for it
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
}

/// What `certgen` does besides one certificate.
#[derive(Debug, Subcommand)]
pub enum CertgenVerb {
    /// Make a CA of one's own, which computers and phones trust once, and which issues certificates of devices and clients
    Ca(CaArgs),
    /// Make the certificates of all boards of a list that lack one, renew those that are due, and fill in the list
    Fleet(FleetArgs),
    /// Make certificates again that expire soon, with the same names and the same key; or only say which do
    Renew(RenewArgs),
    /// Describe a certificate, a key, a request or the image of a board's partition, and say who accepts it
    Inspect(InspectArgs),
}

/// `esp-https certgen ca`.
#[derive(Debug, Args)]
#[command(before_help = CA_EXAMPLES)]
pub struct CaArgs {
    /// Write ca.pem and ca-key.pem into this folder, which is made if it is missing
    /// [default: esp-https/ca in the user's data folder, which is ~/.local/share or XDG_DATA_HOME]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub dir: Option<PathBuf>,
    /// The CA's name, which everybody sees who trusts it [default: esp-https CA and a few digits of its key]
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Days until the CA expires, and with it all that it has issued; or a time (90d, 12w, 10y)
    #[arg(long, visible_alias = "valid", value_name = "N", default_value = "3650", value_parser = number::days)]
    pub days: u32,
    /// The type and size of the CA's key
    #[arg(long, value_enum, default_value_t = KeyArg::P256)]
    pub key: KeyArg,
    /// Protect the key with a passphrase, which is asked for
    #[arg(long)]
    pub encrypt: bool,
    /// Protect the key with the passphrase in FILE (- for standard input)
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
    /// Replace a CA that exists: what it has issued is then no longer trusted by those who trust the new one
    #[arg(long)]
    pub force: bool,
}

/// `esp-https certgen fleet`.
#[derive(Debug, Args)]
#[command(before_help = FLEET_EXAMPLES)]
pub struct FleetArgs {
    /// The list of boards: CSV with a header and a row a board. The column mac has to be there; cert, key and hostname are
    /// filled in where they are empty or missing; names has more names and addresses of the board, separated by blanks
    #[arg(value_name = "CSV")]
    pub file: PathBuf,
    /// Renew certificates that expire within so many days, or within a time (30d, 6w, 1y)
    #[arg(long, value_name = "N", default_value = "30", value_parser = number::days)]
    pub within: u32,
    /// The type and size of the keys that are made
    #[arg(long, value_enum, default_value_t = KeyArg::P256)]
    pub key: KeyArg,
    /// Days until new certificates expire, or a time (90d, 12w, 1y) [default: 820, or until the CA expires]
    #[arg(long, visible_alias = "valid", value_name = "N", value_parser = number::days)]
    pub days: Option<u32>,
    /// The CA that issues them.
    #[command(flatten)]
    pub issuer: IssuerArgs,
}

/// `esp-https certgen renew`.
#[derive(Debug, Args)]
#[command(before_help = RENEW_EXAMPLES)]
pub struct RenewArgs {
    /// The certificates; the key of each is beside it: prvtkey.pem, client-key.pem, NAME-key.pem or NAME.key
    /// [default: ./cacert.pem]
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Renew the certificates of this manifest of flash (CSV: mac,cert,key,hostname)
    #[arg(long, value_name = "CSV")]
    pub manifest: Option<PathBuf>,
    /// Renew those that expire within so many days, or within a time (30d, 6w, 1y), and those that have expired
    #[arg(long, value_name = "N", default_value = "30", value_parser = number::days)]
    pub within: u32,
    /// Only say which are due, and write nothing: the exit code is 1 when one is, and 0 when none is
    #[arg(long)]
    pub check: bool,
    /// Make a new key for each, too; pins of the old one fail from then on
    #[arg(long, conflicts_with = "check")]
    pub new_key: bool,
    /// Days until the new certificates expire, or a time (90d, 12w, 1y) [default: as long as the old one was valid]
    #[arg(long, visible_alias = "valid", value_name = "N", value_parser = number::days)]
    pub days: Option<u32>,
    /// The CA that issued them; none is needed for certificates that are self-signed.
    #[command(flatten)]
    pub issuer: IssuerArgs,
}

/// `esp-https certgen inspect`.
#[derive(Debug, Args)]
#[command(before_help = INSPECT_EXAMPLES)]
pub struct InspectArgs {
    /// A file of any kind, in PEM or DER; or a server, whose chain is described
    #[arg(value_name = "FILE|HOST:PORT")]
    pub subject: String,
    /// How long each step may take where a server is asked: seconds, or with a unit (500ms, 15s)
    #[arg(long, value_name = "TIME", default_value = "15s", value_parser = duration)]
    pub timeout: Duration,
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
    /// RSA, 3072 bits: accelerated in pieces on the ESP32-C3, not measured; a handshake took ten times as long without
    Rsa3072,
    /// RSA, 4096 bits: accelerated in pieces on the ESP32-C3, not measured; a handshake took twenty times as long without
    Rsa4096,
    /// ECDSA on P-256: small and quick to make; as quick on the ESP32-C3 as RSA-2048
    P256,
    /// ECDSA on P-384: almost as quick on the ESP32-C3 as RSA-2048
    P384,
}

/// clap's own parser refuses an empty path, which stands for the folder that is not named.
fn folder(text: &str) -> Result<PathBuf, String> {
    Ok(text.into())
}

const CERTGEN_EXAMPLES: &str = "\
Examples:
  esp-https certgen                    as the openssl command in the book does
  esp-https certgen --print-openssl    print the command for openssl
  esp-https certgen --profile server --san esp32.local --san 192.168.1.7
  esp-https certgen --key p256 --out-dir board-7 --force
  esp-https certgen ca                 make a CA of one's own, once
  esp-https certgen --ca --san kitchen.local --out-dir kitchen
  esp-https certgen --client tablet --out-dir tablet
";

const FLEET_EXAMPLES: &str = "\
Examples:
  esp-https certgen fleet boards.csv            boards.csv has a column mac
  esp-https certgen fleet boards.csv --ca ca --within 60d
  esp-https flash --manifest boards.csv --ssid home --all
";

const INSPECT_EXAMPLES: &str = "\
Examples:
  esp-https certgen inspect cacert.pem
  esp-https certgen inspect kitchen.local:443
  esp-https certgen inspect request.csr --json
";

const RENEW_EXAMPLES: &str = "\
Examples:
  esp-https certgen renew              the certificate here, if it is due
  esp-https certgen renew --check --within 60d    exit code 1 when it is due
  esp-https certgen renew kitchen/cacert.pem tablet/client-cert.pem
  esp-https certgen renew --manifest boards.csv --new-key
";

const CA_EXAMPLES: &str = "\
Examples:
  esp-https certgen ca                 in the user's data folder
  esp-https certgen ca --name \"Workshop\" --encrypt
  esp-https certgen ca --dir ca        beside a project
";
