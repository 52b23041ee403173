//! `esp-https init` on the command line.

use std::path::PathBuf;

use clap::{Args, ValueHint};

/// `esp-https init`.
#[derive(Debug, Clone, Args)]
#[command(before_help = INIT_EXAMPLES)]
pub struct InitArgs {
    /// What to write; without it, the templates are listed
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    /// The folder to write it into; it is made when it is missing
    #[arg(value_name = "DIR", default_value = ".", value_hint = ValueHint::DirPath)]
    pub folder: PathBuf,
    /// Fill this value in, for a template that has such a parameter (repeatable)
    #[arg(long, value_name = "NAME=VALUE", requires = "name")]
    pub set: Vec<String>,
    /// Replace files that exist
    #[arg(long, requires = "name")]
    pub force: bool,
}

const INIT_EXAMPLES: &str = "\
Examples:
  esp-https init                   list the templates
  esp-https init policy            write policy.toml into this folder
  esp-https init firmware mine     write a firmware of your own into ./mine
  esp-https init esp-idf server    write a project for ESP-IDF into ./server
";
