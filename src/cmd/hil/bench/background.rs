//! The emulated board, which runs on while other steps do their work.

use std::{
    fs,
    time::{Duration, Instant},
};

use serde_json::Value;
use tokio::{io::AsyncReadExt as _, time::sleep};

use super::{
    HilBench,
    child::{self, How},
    device::Device,
    failed,
    verb::{Call, Called, not_started},
};
use crate::{
    error::{Code, Fault},
    hil::{
        digest::digest,
        outcome::{FileKind, StepError, StepFile},
        runner::Attempt,
        scenario::Step,
    },
};

impl HilBench<'_> {
    /// Starts a command of ours that writes its document and goes on.
    pub(super) async fn start_background(&mut self, step: &Step, call: Call, limit: Duration) -> Called {
        let path = self.paths.out.join(&call.document);
        // One of an earlier attempt would pass for this one's.
        let _ = fs::remove_file(&path);
        let started = self.command_of(&call, &path).spawn();
        let (mut guarded, mut output) = match started {
            Ok(started) => started,
            Err(error) => return Called { attempt: failed(not_started(step, &error)), document: None },
        };
        tokio::spawn(child::kept(output.stdout));
        let since = Instant::now();
        let document = || fs::read(&path).ok().and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
        let how = loop {
            if document().is_some() {
                break None;
            }
            if since.elapsed() >= limit {
                break Some(How::TimeOver);
            }
            tokio::select! {
                biased;
                signal = self.interrupts.next() => break Some(How::Stopped(signal)),
                _ = guarded.wait() => break Some(How::ByItself),
                () = sleep(MOMENT) => {}
            }
        };
        let document = document();
        let digest = document.as_ref().map(|document| digest(call.verb, document)).unwrap_or_default();
        let mut error = how.and_then(|how| Self::cut(how, step, limit)).or(digest.error);
        if error.is_none() && document.is_none() {
            let mut said = String::new();
            let _ = output.stderr.read_to_string(&mut said).await;
            error = Some(without_result(step, &said));
        }
        if error.is_some() {
            child::end(&mut guarded).await;
        } else if let Device::Emulated(device) = &mut self.device {
            tokio::spawn(child::kept(output.stderr));
            device.running = Some(guarded);
        }
        let name = format!("{}{}", self.paths.prefix, call.document);
        let files = document.iter().map(|_| StepFile::new(FileKind::Document, &name)).collect();
        let attempt = Attempt {
            error,
            says: digest.says,
            command: Some(self.shown_command(step, &call)),
            figures: digest.figures,
            findings: digest.findings,
            files,
        };
        Called { attempt, document }
    }
}

fn without_result(step: &Step, said: &str) -> StepError {
    let doing = format!("running the step \"{}\"", step.name);
    let error = StepError::new(Fault::Environment, Code::HIL_NO_RESULT, doing, "it ended without a result");
    let lines: Vec<String> = said.lines().map(str::to_owned).collect();
    StepError { evidence: lines.get(lines.len().saturating_sub(12)..).unwrap_or_default().to_vec(), ..error }
}

const MOMENT: Duration = Duration::from_millis(50);
