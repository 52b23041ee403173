//! `esp-https man`.

mod explain;

use clap::CommandFactory as _;

use super::with_accepted_values;
use crate::{
    cli::{Cli, ManArgs},
    error::Result,
    manual::page::{Page, PageNames},
    report::Console,
};

/// Runs `esp-https man`.
pub(super) fn run(args: &ManArgs, console: &mut Console) -> Result<()> {
    let command = with_accepted_values(Cli::command());
    let names = PageNames::new(&command);
    if args.list {
        return console.result(&names, None);
    }
    let wanted = args.command.join("-");
    let page = Page::new(&command, &wanted).map_err(|error| explain::unmade(&error))?;
    console.result(&page.ok_or_else(|| explain::unknown(&wanted, &names.pages))?, None)
}
