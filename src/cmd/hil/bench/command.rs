//! A command of the user's: what it gets, and what its exit code means.

use std::{ffi::OsString, time::Duration};

use super::{
    HilBench,
    child::{self, Finished},
    failed,
    verb::{not_started, unwritten},
};
use crate::{
    client::request::without_secret_headers,
    device::board_variables,
    error::{Code, Fault},
    hil::{
        outcome::{FileKind, StepError, StepFile},
        runner::Attempt,
        scenario::Step,
        shown::line_without_secret,
    },
    output::{Purpose, Waiting, write_whole},
};

impl HilBench<'_> {
    pub(super) async fn command(&mut self, step: &Step, index: usize, limit: Duration) -> Attempt {
        let Some(command) = self.own_text(step, "command") else { return failed(unknown(step)) };
        let mut shell = child::shell(&command, &self.paths.scenario);
        shell.command().envs(self.environment());
        let command = line_without_secret(&command);
        let ended = match child::run(shell, limit, self.interrupts).await {
            Ok(ended) => concealed(&ended),
            Err(error) => return failed(not_started(step, &error)),
        };
        let name = self.paths.of_step(index, step, ".txt");
        let path = self.paths.out.join(&name);
        let written = write_whole(&path, &said(&ended), Purpose::Result, &Waiting::No);
        self.context.keep(&step.name, "output", path.display().to_string());
        let error = Self::cut(ended.how, step, limit).or_else(|| failure(step, &ended));
        let error = error.or_else(|| written.err().map(|error| unwritten(&path, &error)));
        let files = vec![StepFile::new(FileKind::Output, &format!("{}{name}", self.paths.prefix))];
        Attempt { error, command: Some(command), files, ..Attempt::default() }
    }

    /// What a command of the user's is told. It never gets a key.
    fn environment(&self) -> Vec<(String, OsString)> {
        let named = [
            (board_variables::TARGET, "address"),
            (board_variables::HOST, "host"),
            (board_variables::PORT, "port"),
            (board_variables::URL, "url"),
            (board_variables::CERT, "cert"),
            (board_variables::CERT_SHA256, "cert_sha256"),
            ("ESP_HTTPS_MAC", "mac"),
            ("ESP_HTTPS_BOARD", "name"),
            ("ESP_HTTPS_SERIAL_PORT", "serial_port"),
            ("ESP_HTTPS_OUT", "out"),
        ];
        let told = named.into_iter().filter_map(|(name, field)| {
            self.context.of_target(field).map(|value| (name.to_owned(), OsString::from(value)))
        });
        told.chain([("ESP_HTTPS_SERIAL_LOG".to_owned(), self.paths.serial_log().into_os_string())]).collect()
    }
}

/// What a command was told to send, and what `curl -v` shows of an answer, may hold a password or a cookie.
fn concealed(ended: &Finished) -> Finished {
    let (stdout, stderr) = (without_secret_headers(&ended.stdout), without_secret_headers(&ended.stderr));
    Finished { stdout, stderr, ..*ended }
}

fn said(ended: &Finished) -> Vec<u8> {
    [ended.stdout.as_slice(), ended.stderr.as_slice()].concat()
}

/// As with our own commands: 3 could not tell, 4 the lab; everything else but 0 is a regression.
fn failure(step: &Step, ended: &Finished) -> Option<StepError> {
    let (fault, what) = match ended.code() {
        Some(0) => return None,
        Some(3) => (Fault::Inconclusive, "it ended with exit code 3: it could not tell".to_owned()),
        Some(4) => (Fault::Environment, "it ended with exit code 4: the lab is at fault".to_owned()),
        Some(code) => (Fault::Finding, format!("it ended with exit code {code}")),
        None => (Fault::Inconclusive, "it was ended by a signal".to_owned()),
    };
    let error = StepError::new(
        fault,
        Code::HIL_RUN_FAILED,
        format!("running the command of \"{}\"", step.name),
        what,
    );
    Some(StepError { evidence: ended.last_words(), ..error })
}

fn unknown(step: &Step) -> StepError {
    let doing = format!("preparing the step \"{}\"", step.name);
    StepError::new(
        Fault::Usage,
        Code::HIL_SCENARIO,
        doing,
        "something that its command refers to is not known",
    )
}
