//! The arguments of `esp-https doctor`.

use clap::{Args, ValueEnum};

/// `esp-https doctor`.
#[derive(Debug, Clone, Args)]
#[command(before_help = DOCTOR_EXAMPLES)]
pub struct DoctorArgs {
    /// Check only what these commands need; exit code 4 if one of them would not work [default: check for all of them]
    #[arg(value_name = "COMMAND", value_enum)]
    pub verbs: Vec<VerbArg>,
    /// Check this serial port (repeatable) [default: $ESPFLASH_PORT, and all ports on USB]
    #[arg(long = "port", value_name = "PORT")]
    pub ports: Vec<String>,
    /// Ask the board at each port for its chip and its MAC address. This restarts the board; without it, no port is opened
    #[arg(long)]
    pub connect: bool,
    /// Remove the firmware of other versions of esp-https from the cache folder, and check nothing. What another process
    /// uses stays
    #[arg(long, conflicts_with_all = ["verbs", "ports", "connect"])]
    pub clean: bool,
}

/// The commands that are checked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum VerbArg {
    /// Make a certificate
    Certgen,
    /// Write a board
    Flash,
    /// Show what a board prints
    Monitor,
    /// Run the emulated board
    Emulate,
    /// Make one handshake
    Probe,
    /// Put load on a device
    Load,
}

const DOCTOR_EXAMPLES: &str = "\
Examples:
  esp-https doctor                     check everything
  esp-https doctor emulate probe       in CI: would these two work?
  esp-https doctor --port /dev/ttyACM0 --connect    which board is it?
  esp-https doctor --clean             remove the firmware of other versions
";
