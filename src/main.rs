//! `esp-https`: parse the command line, run the command, say how it went.

use std::{
    path::PathBuf,
    process::{self, ExitCode},
};

use clap::CommandFactory as _;
use clap_complete::CompleteEnv;
use esp_https::{
    cli::{self, Cli, NamedFile, OutputArgs, Role, asks_for_contents},
    cmd,
    device::contents::Contents,
    error::{Fault, Result},
    interrupt,
    output::Output,
    report::{Chatter, Console, Form, print_contents},
};

fn main() -> ExitCode {
    interrupt::when_ignored(end_at_once);
    // Not even clap may see a key where a name is wanted: it would repeat it.
    if let Some(place) = cmd::misplaced_key() {
        return Console::refuse_key(&place);
    }
    if completes() {
        return ExitCode::SUCCESS;
    }
    if asks_for_contents(std::env::args_os().skip(1)) {
        print_contents(&Contents::of_this_binary());
        return ExitCode::SUCCESS;
    }
    match parse() {
        Ok((cli, files)) => {
            let mut console = console(cli.command.verb(), &cli.output);
            let claimed = claim(files, &mut console).and_then(|()| console.check_output());
            let outcome = claimed.and_then(|()| cmd::run(&cli.command, &mut console));
            console.finish(outcome)
        }
        Err(error) => Console::refuse(&error),
    }
}

/// Ends a command that takes no notice of a second signal. Nothing is left to clean up that the first has not started.
fn end_at_once() {
    process::exit(i32::from(Fault::Interrupted.exit_code()));
}

/// Whether a shell asked what may come next, and was told. It is told nothing where nothing fits: whoever types sees no error.
fn completes() -> bool {
    let Some(shell) = std::env::var_os(cmd::COMPLETIONS_VARIABLE).filter(|shell| !shell.is_empty()) else {
        return false;
    };
    let command = || cmd::with_candidates(Cli::command());
    let here = std::env::current_dir().ok();
    let words = std::env::args_os();
    // It answers only words that follow `--`; with none it would print the script for `shell`, as `completions` does.
    let _ = CompleteEnv::with_factory(command)
        .var(cmd::COMPLETIONS_VARIABLE)
        .try_complete(words, here.as_deref());
    drop(shell);
    true
}

fn parse() -> std::result::Result<(Cli, Vec<NamedFile>), clap::Error> {
    cli::parse(&mut cmd::with_accepted_values(Cli::command()), std::env::args_os())
}

fn console(verb: &'static str, args: &OutputArgs) -> Console {
    let form = if args.json { Form::Json } else { Form::Text };
    let chatter = if args.quiet { Chatter::Quiet } else { Chatter::Normal };
    let report = args.output.as_ref().map(|file| Output::new("--output", &file.0));
    Console::new(verb, form, chatter, report)
}

fn claim(files: Vec<NamedFile>, console: &mut Console) -> Result<()> {
    let (outputs, inputs): (Vec<_>, Vec<_>) = files.into_iter().partition(|file| file.role == Role::Output);
    let outputs: Vec<Output> = outputs.iter().map(|file| Output::new(&file.name, &file.path)).collect();
    let inputs: Vec<(String, PathBuf)> = inputs.into_iter().map(|file| (file.name, file.path)).collect();
    console.claim(&inputs, &outputs)
}
