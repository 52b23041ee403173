//! `esp-https hil` on the command line.

use std::{path::PathBuf, time::Duration};

use clap::{Args, Subcommand, ValueEnum, ValueHint};

use super::duration;

/// `esp-https hil`.
#[derive(Debug, Clone, Args)]
#[command(before_help = HIL_EXAMPLES, args_conflicts_with_subcommands = true)]
pub struct HilArgs {
    /// The scenario [default: hil.toml in this folder, or in the nearest folder above it that has one]
    #[arg(value_name = "SCENARIO")]
    pub scenario: Option<PathBuf>,
    /// Something other than a run.
    #[command(subcommand)]
    pub verb: Option<HilVerb>,
    /// What to run it on.
    #[command(flatten)]
    pub target: HilTargetArgs,
    /// Write all files of the run into this folder; those of an earlier run there are replaced
    #[arg(long, value_name = "DIR", default_value = "hil-out", value_hint = ValueHint::DirPath)]
    pub out: PathBuf,
    /// Begin no step after this time, and end the one that runs: seconds, or with a unit (500ms, 30s, 2m) [default: max-time of
    /// the scenario]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub max_time: Option<Duration>,
    /// What to do when the lab is at fault and not the firmware
    #[arg(long, value_enum, value_name = "HOW", default_value_t = LabFailureArg::Fail)]
    pub lab_failure: LabFailureArg,
    /// How long to wait for another run that uses the board: seconds, or with a unit (500ms, 30s, 2m)
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = duration)]
    pub lock_timeout: Duration,
    /// What to compare it with.
    #[command(flatten)]
    pub baseline: HilBaselineArgs,
}

/// What a run is compared with.
#[derive(Debug, Clone, Args)]
pub struct HilBaselineArgs {
    /// Compare this run with the hil.json of an older one, step by step; what is worse by more than the tolerance is a regression
    #[arg(long, value_name = "HIL.JSON")]
    pub baseline: Option<PathBuf>,
    /// How much worse a figure may be: in percent for all figures (20%), or for one of duration, handshake, request, ready, rate,
    /// failed and heap (heap=5%); can be given more than once [default: 20%; times of an emulated board decide nothing, because
    /// they are those of this machine]
    #[arg(long, value_name = "[FIGURE=]PERCENT", requires = "baseline")]
    pub tolerance: Vec<String>,
}

/// What a scenario runs on.
#[derive(Debug, Clone, Args)]
pub struct HilTargetArgs {
    /// A target of the scenario; or `emulated`, `board` (the only one that is connected), or a server as `HOST[:PORT]`
    #[arg(long, value_name = "NAME|ADDRESS")]
    pub target: Option<String>,
}

/// What `hil` does besides running a scenario.
#[derive(Debug, Clone, Subcommand)]
pub enum HilVerb {
    /// Read a scenario and say everything that is wrong with it
    Check(HilCheckArgs),
    /// Show what a run would do, and do nothing
    Plan(HilPlanArgs),
}

/// `esp-https hil check`.
#[derive(Debug, Clone, Args)]
pub struct HilCheckArgs {
    /// The scenario [default: hil.toml in this folder, or in the nearest folder above it that has one]
    #[arg(value_name = "SCENARIO")]
    pub scenario: Option<PathBuf>,
}

/// `esp-https hil plan`.
#[derive(Debug, Clone, Args)]
pub struct HilPlanArgs {
    /// The scenario [default: hil.toml in this folder, or in the nearest folder above it that has one]
    #[arg(value_name = "SCENARIO")]
    pub scenario: Option<PathBuf>,
    /// What to run it on.
    #[command(flatten)]
    pub target: HilTargetArgs,
}

/// What to do when the lab is at fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LabFailureArg {
    /// End with exit code 4
    Fail,
    /// Say so, and end with exit code 0: a broken lab does not hold up what others want to merge
    Skip,
}

const HIL_EXAMPLES: &str = "\
Examples:
  esp-https hil                          run hil.toml on its first target
  esp-https hil --target emulated        the same steps on an emulated board
  esp-https hil --target 192.168.1.7     .. on a board that serves already
  esp-https hil --baseline main/hil.json what got slower or worse since that run
  esp-https hil check nightly.toml       say everything that is wrong with it
  esp-https hil plan --target board      show what would be done
";
