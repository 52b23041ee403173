//! The arguments of `esp-https discover`.

use std::{path::PathBuf, time::Duration};

use clap::Args;

use super::duration;

/// `esp-https discover`.
#[derive(Debug, Clone, Args)]
#[command(before_help = DISCOVER_EXAMPLES)]
pub struct DiscoverArgs {
    /// How long to listen for answers: seconds, or with a unit (500ms, 10s). Boards answer within a second or two, unless the
    /// network loses the question
    #[arg(long = "for", value_name = "TIME", default_value = "3s", value_parser = duration)]
    pub listen_for: Duration,
    /// Ask on this network interface only (repeatable) [default: all but loopback]
    #[arg(long = "interface", value_name = "NAME")]
    pub interfaces: Vec<String>,
    /// Make one TLS handshake with each device, one after the other, and show its certificate. No page is asked for
    #[arg(long)]
    pub probe: bool,
    /// The certificate of one of your boards: tell which device has it (repeatable). Exit code 4 if none does
    #[arg(long, value_name = "PEM")]
    pub cert: Vec<PathBuf>,
    /// With --probe: how long each step of a handshake may take: seconds, or with a unit (500ms, 15s)
    #[arg(long, value_name = "TIME", default_value = "15s", value_parser = duration, requires = "probe")]
    pub timeout: Duration,
}

const DISCOVER_EXAMPLES: &str = "\
Examples:
  esp-https discover                     list what answers within 3 seconds
  esp-https discover --probe             also show the certificate of each
  esp-https discover --cert cacert.pem   which one is my board?
  esp-https discover --interface wlan0 --for 10s --json
";
