//! `esp-https flash` and `esp-https monitor`: clap definitions.

use std::{path::PathBuf, time::Duration};

use clap::{Args, ValueEnum, ValueHint};

use super::{
    OutputFile, duration,
    number::{any_whole, whole},
};

/// `esp-https flash`.
#[derive(Debug, Clone, Args)]
#[command(before_help = FLASH_EXAMPLES)]
pub struct FlashArgs {
    /// What makes the board that board.
    #[command(flatten)]
    pub identity: IdentityArgs,
    /// Which board.
    #[command(flatten)]
    pub boards: BoardArgs,
    /// What to write.
    #[command(flatten)]
    pub scope: ScopeArgs,
    /// How to write it.
    #[command(flatten)]
    pub loader: LoaderArgs,
    /// What to do afterwards.
    #[command(flatten)]
    pub after: AfterArgs,
}

/// What makes the board that board.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "The board's identity")]
pub struct IdentityArgs {
    /// The device's certificate [default: ./cacert.pem; made with the defaults of certgen if it is missing]
    #[arg(long, value_name = "PEM", requires = "key")]
    pub cert: Option<PathBuf>,
    /// The device's private key [default: ./prvtkey.pem; made with the defaults of certgen if it is missing]
    #[arg(long, value_name = "PEM", requires = "cert")]
    pub key: Option<PathBuf>,
    /// The Wi-Fi network to join. Its password comes from the variable ESP_HTTPS_WIFI_PASSWORD, from
    /// --wifi-password-file, or from a prompt
    #[arg(long, value_name = "NAME", env = "ESP_HTTPS_WIFI_SSID", hide_env_values = true)]
    pub ssid: Option<String>,
    /// Read the Wi-Fi password from the first line of FILE; `-` is standard input
    #[arg(long, value_name = "FILE", requires = "ssid")]
    pub wifi_password_file: Option<PathBuf>,
    /// The Wi-Fi network is open: it has no password
    #[arg(long, requires = "ssid", conflicts_with = "wifi_password_file")]
    pub open_wifi: bool,
    /// The board's name for DHCP and mDNS (NAME.local) [default: esp-https]
    #[arg(long, value_name = "NAME")]
    pub hostname: Option<String>,
    /// Require a certificate from each client, and accept those that this CA issued (mutual TLS)
    #[arg(long, value_name = "PEM")]
    pub client_ca: Option<PathBuf>,
    /// The largest request header that the device accepts, in bytes [default: 2048]
    #[arg(long, value_name = "BYTES", value_parser = any_whole)]
    pub max_header: Option<u32>,
    /// Serve old clients as well, by ECDHE with AES-CBC and SHA-1 in TLS 1.2: Windows 7 and 8.1, Safari up to 8, Java 7. Such
    /// suites have been broken by timing before, and probe --audit reports them; all other clients go on using better ones
    #[arg(long)]
    pub legacy_clients: bool,
}

/// Which board.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Which board")]
pub struct BoardArgs {
    /// The path of the board's serial port; repeat the option for several boards [default: $ESPFLASH_PORT, or the only
    /// USB port]
    // Not by clap's `env`: a variable that happens to be set would conflict with --all and --save-image.
    #[arg(short, long = "port", value_name = "PATH")]
    pub ports: Vec<String>,
    /// Write to every board that is connected, in parallel
    #[arg(long, conflicts_with = "ports")]
    pub all: bool,
    /// Write only to the board with this MAC address
    #[arg(long, value_name = "MAC", conflicts_with_all = ["all", "manifest"])]
    pub expect_mac: Option<String>,
    /// Give each board its own certificate: a CSV file with the columns mac, cert, key and (optional) hostname
    #[arg(long, value_name = "CSV", conflicts_with_all = ["cert", "key", "hostname"])]
    pub manifest: Option<PathBuf>,
    /// How long to wait for another esp-https that uses the port: seconds, or with a unit (500ms, 30s, 2m)
    #[arg(long, value_name = "TIME", default_value = "2m", value_parser = duration)]
    pub lock_timeout: Duration,
}

/// What to write.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "What to write")]
pub struct ScopeArgs {
    /// Write only the certificate, the key and the settings (8 KiB); this needs no Rust toolchain
    #[arg(long, conflicts_with_all = ["image", "firmware_dir", "build", "erase", "save_image"])]
    pub config_only: bool,
    /// Write this firmware (an ELF for the ESP32-C3) instead of the bundled one
    #[arg(long, value_name = "ELF")]
    pub image: Option<PathBuf>,
    /// Build the firmware from this folder instead of the bundled sources; the bundled partition table is used all the same
    #[arg(long, value_name = "DIR", conflicts_with = "image", value_hint = ValueHint::DirPath)]
    pub firmware_dir: Option<PathBuf>,
    /// Build the bundled firmware, even if this esp-https has a prebuilt one inside (see --version --verbose)
    #[arg(long, conflicts_with_all = ["image", "firmware_dir"])]
    pub build: bool,
    /// Write the files of this folder for the board to serve; without this, those that it has stay
    #[arg(long, value_name = "DIR", conflicts_with = "config_only", value_hint = ValueHint::DirPath)]
    pub site: Option<PathBuf>,
    /// Erase all of the board's flash first
    #[arg(long)]
    pub erase: bool,
    /// Write all of a board's flash (4 MiB) to FILE instead of to a board; with `-` the report goes to standard error
    #[arg(long, value_name = "FILE", conflicts_with_all = ["ports", "all", "expect_mac", "manifest", "erase", "monitor", "serial_log"])]
    pub save_image: Option<OutputFile>,
    /// With --save-image: replace the file. With --config-only: write to a board that has another firmware. Otherwise:
    /// write to a chip that is older than the bootloader supports
    #[arg(long)]
    pub force: bool,
    /// Accept a certificate that has expired, or is not valid yet
    #[arg(long)]
    pub allow_expired: bool,
}

/// How to write it. The names are espflash's.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Serial port")]
pub struct LoaderArgs {
    /// Bits per second once connected [default: 460800, and 115200 if that fails]
    #[arg(long, value_name = "N", env = "ESPFLASH_BAUD", hide_env_values = true, value_parser = whole::<u32>(300..=4_000_000))]
    pub baud: Option<u32>,
    /// How to get the board into its bootloader [default: default-reset; no-reset on a port without DTR and RTS]
    #[arg(long, value_enum, value_name = "HOW")]
    pub before: Option<BeforeArg>,
    /// How to leave the board
    #[arg(long, value_enum, value_name = "HOW", default_value_t = AfterArg::HardReset)]
    pub after: AfterArg,
    /// Write with the chip's ROM bootloader alone, without the stub program that espflash loads into the chip
    #[arg(long, conflicts_with = "erase")]
    pub no_stub: bool,
    /// Do not read back what was written
    #[arg(long)]
    pub no_verify: bool,
    /// Write all regions, also those that are on the board already
    #[arg(long)]
    pub no_skip: bool,
    /// Never ask a question; fail where one would be needed
    #[arg(long)]
    pub non_interactive: bool,
}

/// What to do afterwards.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Afterwards")]
pub struct AfterArgs {
    /// How long to wait for the board to report READY: seconds, or with a unit (500ms, 30s, 2m)
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = duration)]
    pub wait_ready: Duration,
    /// Do not wait for the board to report READY
    #[arg(long, conflicts_with = "monitor")]
    pub no_wait: bool,
    /// Append what the board prints on its serial port to FILE; several boards get a file each, with the port in
    /// its name
    #[arg(long, value_name = "FILE", conflicts_with = "no_wait")]
    pub serial_log: Option<OutputFile>,
    /// Write the result to FILE as JUnit XML as well, with a case for each board; an existing FILE is replaced
    #[arg(long, value_name = "FILE")]
    pub junit: Option<OutputFile>,
    /// Then show what the board prints, until Ctrl-C
    #[arg(long, conflicts_with_all = ["all", "manifest"])]
    pub monitor: bool,
}

/// How to get a board into its bootloader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum BeforeArg {
    /// Reset it by the lines DTR and RTS of the port
    DefaultReset,
    /// Do nothing: it is in its bootloader already
    NoReset,
    /// Do nothing: it is in its bootloader already, and synchronized
    NoResetNoSync,
    /// Reset it as the USB port of the chip itself requires
    UsbReset,
}

/// How to leave a board.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AfterArg {
    /// Restart it by the line RTS of the port
    HardReset,
    /// Leave it in the bootloader of its ROM
    NoReset,
    /// Leave it in the stub program of espflash
    NoResetNoStub,
    /// Restart it by its watchdog
    WatchdogReset,
}

/// `esp-https monitor`.
#[derive(Debug, Clone, Args)]
#[command(before_help = MONITOR_EXAMPLES)]
pub struct MonitorArgs {
    /// The path of the board's serial port [default: $ESPFLASH_PORT, or the only USB port]
    #[arg(short, long, value_name = "PATH")]
    pub port: Option<String>,
    /// Restart the board first, to see it start
    #[arg(long)]
    pub reset: bool,
    /// Stop as soon as the board reports READY, or why it can't serve
    #[arg(long)]
    pub until_ready: bool,
    /// Stop after this time: seconds, or with a unit (500ms, 30s, 2m) [default: never; with --until-ready: 30s]
    #[arg(long = "for", value_name = "TIME", value_parser = duration)]
    pub limit: Option<Duration>,
    /// Append what the board prints to FILE
    #[arg(long, value_name = "FILE")]
    pub serial_log: Option<OutputFile>,
    /// How long to wait for another esp-https that uses the port: seconds, or with a unit (500ms, 30s, 2m)
    #[arg(long, value_name = "TIME", default_value = "2m", value_parser = duration)]
    pub lock_timeout: Duration,
}

const FLASH_EXAMPLES: &str = "\
Examples:
  esp-https flash --ssid home                  this folder's certificate
  esp-https flash --ssid home --config-only    only a new certificate or network
  esp-https flash --ssid home --port /dev/ttyACM1 --cert b/c.pem --key b/k.pem
  esp-https flash --ssid home --all --manifest boards.csv --junit boards.xml
  esp-https flash --ssid home --save-image board.bin

The Wi-Fi password comes from the variable ESP_HTTPS_WIFI_PASSWORD, from
--wifi-password-file, or from a prompt.
";

const MONITOR_EXAMPLES: &str = "\
Examples:
  esp-https monitor                          show it until Ctrl-C
  esp-https monitor --reset --until-ready    restart the board; does it serve?
  esp-https monitor --for 1m --serial-log board.log
";
