//! `esp-https`: parse the command line, run the command, say how it went.

use std::{
    ffi::{OsStr, OsString},
    process::ExitCode,
};

use clap::Parser as _;
use esp_https::{
    cert::pem::is_private_key,
    cli::{Cli, OutputArgs},
    cmd,
    report::{Chatter, Console, Form},
};

fn main() -> ExitCode {
    // Not even clap may see a key where a name is wanted: it would repeat it.
    if let Some(place) = misplaced_key() {
        return Console::refuse_key(&place);
    }
    match Cli::try_parse() {
        Ok(cli) => {
            let mut console = console(cli.command.verb(), cli.output);
            let outcome = console.check_output().and_then(|()| cmd::run(&cli.command, &mut console));
            console.finish(outcome)
        }
        Err(error) => Console::refuse(&error),
    }
}

/// The first word of the command line, or variable of ours, that is a private key.
fn misplaced_key() -> Option<String> {
    let is_key = |text: &OsStr| is_private_key(text.as_encoded_bytes());
    if std::env::args_os().any(|word| is_key(&word)) {
        return Some("one of its words".to_owned());
    }
    let ours =
        |(name, value): &(OsString, OsString)| name.as_encoded_bytes().starts_with(b"ESP") && is_key(value);
    std::env::vars_os().find(ours).map(|(name, _)| format!("the variable {}", name.display()))
}

fn console(verb: &'static str, args: OutputArgs) -> Console {
    let form = if args.json { Form::Json } else { Form::Text };
    let chatter = if args.quiet { Chatter::Quiet } else { Chatter::Normal };
    Console::new(verb, form, chatter, args.output)
}
