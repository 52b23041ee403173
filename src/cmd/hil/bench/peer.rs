//! Steps that connect to the board: `probe` and `http`.

use std::time::Duration;

use super::{HilBench, StepResult, failed, shown, verb::Call};
use crate::{
    error::{Code, Fault},
    hil::{
        classify::{Served, is_unreachable},
        kind::Verb,
        log_watch::LogWatch,
        outcome::StepError,
        runner::Attempt,
        scenario::Step,
    },
};

impl HilBench<'_> {
    pub(super) async fn probe(&mut self, step: &Step, index: usize, limit: Duration) -> Attempt {
        let words = match self.peer_words(step, "") {
            Ok(words) => words,
            Err(error) => return failed(error),
        };
        let document = self.paths.of_step(index, step, ".json");
        let called = self.call(step, Call { verb: Verb::Probe, words, document }, limit).await;
        self.reached(&called.attempt);
        self.with_files(step, called.attempt)
    }

    /// The words of a command that connects: the target, the step's fields, and how the board is trusted.
    pub(super) fn peer_words(&self, step: &Step, path: &str) -> StepResult<Vec<String>> {
        let Some(address) = &self.context.identity.address else { return Err(no_address(step).into()) };
        let mut words = vec![format!("{address}{path}")];
        words.extend(self.words_of(step, &step.fields)?);
        let has = |name: &str| step.field(name).is_some();
        if has("cert") || has("cacert") || has("insecure") {
            return Ok(words);
        }
        // By what the target says; otherwise by the certificate that the board was given.
        let target = self.words_of(step, self.device_trust())?;
        match &self.context.cert {
            Some(cert)
                if !target
                    .iter()
                    .any(|word| word.starts_with("--cert=") || word.starts_with("--cacert=")) =>
            {
                words.push(format!("--cert={}", shown(cert)));
            }
            _ => {}
        }
        words.extend(target.into_iter().filter(|word| {
            let name = word.trim_start_matches('-').split('=').next().unwrap_or_default();
            !has(name)
        }));
        Ok(words)
    }

    /// From now on, being unreachable is not the lab's fault any more.
    pub(super) fn reached(&mut self, attempt: &Attempt) {
        if attempt.error.as_ref().is_none_or(|error| error.fault == Fault::Finding && !is_unreachable(error))
        {
            self.context.served = Served::Yes;
            self.log.look(LogWatch::reached);
        }
    }

    /// Adds the files that the step has asked for.
    pub(super) fn with_files(&self, step: &Step, mut attempt: Attempt) -> Attempt {
        match self.written(step) {
            Ok(files) => attempt.files.extend(files),
            Err(error) => attempt.error = attempt.error.or(Some(*error)),
        }
        attempt
    }
}

fn no_address(step: &Step) -> StepError {
    let doing = format!("preparing the step \"{}\"", step.name);
    let what = "it is not known where the board serves: it has not said so in this run";
    StepError::new(Fault::Usage, Code::HIL_SCENARIO, doing, what)
        .hint("put a step flash = {} or restart = true before it")
}
