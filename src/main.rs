//! `esp-https`: parse the command line, run the command, say how it went.

use std::process::ExitCode;

use clap::Parser as _;
use esp_https::{
    cli::{Cli, OutputArgs},
    cmd,
    report::{Chatter, Console, Form},
};

fn main() -> ExitCode {
    match Cli::try_parse() {
        Ok(cli) => {
            let mut console = console(cli.command.verb(), cli.output);
            let outcome = console.check_output().and_then(|()| cmd::run(&cli.command, &mut console));
            console.finish(outcome)
        }
        Err(error) => Console::refuse(&error),
    }
}

fn console(verb: &'static str, args: OutputArgs) -> Console {
    let form = if args.json { Form::Json } else { Form::Text };
    let chatter = if args.quiet { Chatter::Quiet } else { Chatter::Normal };
    Console::new(verb, form, chatter, args.output)
}
