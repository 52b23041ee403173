//! Steps that put load on the board: `load`, and `soak`, which is load in rounds.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::{HilBench, child::How, failed, verb::Call};
use crate::{
    duration::micros,
    error::{Code, Fault},
    hil::{
        kind::Verb,
        outcome::{FindingKind, HeapReading, StepError, StepFinding},
        runner::Attempt,
        scenario::Step,
    },
};

impl HilBench<'_> {
    pub(super) async fn load(&mut self, step: &Step, index: usize, limit: Duration) -> Attempt {
        let document = self.paths.of_step(index, step, ".json");
        let attempt = self.one_load(step, document, limit).await;
        self.with_files(step, attempt)
    }

    /// Load in rounds. It ends with the first round that fails.
    pub(super) async fn soak(&mut self, step: &Step, index: usize, limit: Duration) -> Attempt {
        let rounds = self.number(step, "rounds").unwrap_or(DEFAULT_ROUNDS);
        let pause = self.time(step, "pause").unwrap_or_default();
        let (since, mut all, mut first_heap) = (Instant::now(), Attempt::default(), None);
        for round in 1..=rounds {
            if round > 1
                && let Err(how) = self.until(pause, |_| false).await
                && how != How::TimeOver
            {
                all.error = Self::cut(how, step, limit);
                break;
            }
            let document = self.paths.of_step(index, step, &format!("-{round}.json"));
            let attempt = self.one_load(step, document, limit.saturating_sub(since.elapsed())).await;
            first_heap = first_heap.or(attempt.figures.heap_free);
            add_round(&mut all, attempt);
            if all.error.is_some() {
                break;
            }
        }
        let done = all.figures.succeeded.unwrap_or_default();
        all.says = Some(format!("{rounds} rounds, {done} succeeded"));
        self.judge_heap(step, first_heap, &mut all);
        all
    }

    async fn one_load(&mut self, step: &Step, document: String, limit: Duration) -> Attempt {
        let path = step.field("path").and_then(|field| field.values.first()).map(ToString::to_string);
        let words = match self.peer_words(step, &path.unwrap_or_default()) {
            Ok(words) => words,
            Err(error) => return failed(error),
        };
        let called = self.call(step, Call { verb: Verb::Load, words, document }, limit).await;
        self.reached(&called.attempt);
        if let Some(document) = &called.document {
            self.read_heap(document);
        }
        called.attempt
    }

    /// The device's own figures after a run are readings, too.
    fn read_heap(&self, document: &Value) {
        let figure =
            |name: &str| document.pointer(&format!("/result/device/after/{name}")).and_then(Value::as_u64);
        let at_us = micros(self.since.elapsed());
        if let (Some(heap_free), Some(heap_min), Some(uptime_s)) =
            (figure("heap_free"), figure("heap_min"), figure("uptime_s"))
        {
            self.log.look(|log| log.reading(HeapReading { at_us, heap_free, heap_min, uptime_s }));
        }
    }

    /// Compares the heap after the last round with the heap after the first one, which had made what is made once.
    fn judge_heap(&self, step: &Step, first: Option<u64>, all: &mut Attempt) {
        let (Some(most), Some(first), Some(last)) =
            (self.number64(step, "max-heap-loss"), first, all.figures.heap_free)
        else {
            return;
        };
        if all.error.is_none()
            && let Some((finding, error)) = heap_loss(&step.name, first, last, most)
        {
            all.findings.push(finding);
            all.error = Some(error);
        }
    }

    /// The text of a field of the step's own.
    pub(super) fn own_text(&self, step: &Step, name: &str) -> Option<String> {
        let template = step.field(name)?.values.first()?;
        template.fill(|reference| self.context.value(reference)).ok()
    }

    fn number(&self, step: &Step, name: &str) -> Option<u32> {
        self.own_text(step, name)?.parse().ok()
    }

    fn number64(&self, step: &Step, name: &str) -> Option<u64> {
        self.own_text(step, name)?.parse().ok()
    }

    /// The time of a field of the step's own.
    pub(super) fn time(&self, step: &Step, name: &str) -> Option<Duration> {
        crate::cli::duration(&self.own_text(step, name)?).ok()
    }
}

/// What is wrong when the free heap fell from `first` to `last` bytes, and at most `most` may be lost.
fn heap_loss(step: &str, first: u64, last: u64, most: u64) -> Option<(StepFinding, StepError)> {
    let lost = first.saturating_sub(last);
    if lost <= most {
        return None;
    }
    let finding = StepFinding {
        id: "max-heap-loss".to_owned(),
        kind: FindingKind::Check,
        says: format!("{lost} bytes"),
        wanted: Some(format!("at most {most} bytes")),
    };
    let what = format!(
        "{lost} bytes less of free heap than after the first round, and at most {most} are permitted"
    );
    let doing = format!("comparing the heap after the rounds of \"{step}\"");
    let error =
        StepError::new(Fault::Finding, Code::HIL_HEAP_LOSS, doing, what).hint(Code::HIL_HEAP_LOSS.hint());
    Some((finding, error))
}

/// Adds a round's figures: counts are added up, times are the worst, and the heap is the last.
fn add_round(all: &mut Attempt, round: Attempt) {
    let (to, from) = (&mut all.figures, round.figures);
    let sum = |a: Option<u64>, b: Option<u64>| a.map_or(b, |a| Some(a + b.unwrap_or_default()));
    to.succeeded = sum(to.succeeded, from.succeeded);
    to.failed = sum(to.failed, from.failed);
    to.handshake_us = to.handshake_us.max(from.handshake_us);
    to.handshake_p99_us = to.handshake_p99_us.max(from.handshake_p99_us);
    to.request_us = to.request_us.max(from.request_us);
    to.request_p99_us = to.request_p99_us.max(from.request_p99_us);
    to.heap_min = to.heap_min.into_iter().chain(from.heap_min).min();
    to.heap_free = from.heap_free.or(to.heap_free);
    to.frames_dropped = sum(to.frames_dropped, from.frames_dropped);
    to.rate = from.rate.or(to.rate);
    all.error = round.error;
    all.command = round.command.or(all.command.take());
    for finding in round.findings {
        if !all.findings.contains(&finding) {
            all.findings.push(finding);
        }
    }
    all.files.extend(round.files);
}

const DEFAULT_ROUNDS: u32 = 3;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hil::outcome::Figures;

    #[test]
    fn more_heap_than_permitted_is_a_finding() {
        assert_eq!(heap_loss("soak", 1000, 1200, 0), None, "it has more than before");
        assert_eq!(heap_loss("soak", 1000, 900, 100), None);
        let (finding, error) = heap_loss("soak", 1000, 899, 100).unwrap();
        assert_eq!((finding.says.as_str(), error.code.as_str()), ("101 bytes", "hil.heap_loss"));
    }

    #[test]
    fn rounds_add_up_and_the_worst_time_and_the_last_heap_count() {
        let round = |succeeded, handshake_us, heap| Attempt {
            figures: Figures {
                succeeded: Some(succeeded),
                handshake_us: Some(handshake_us),
                heap_free: Some(heap),
                heap_min: Some(heap),
                ..Figures::default()
            },
            ..Attempt::default()
        };
        let mut all = Attempt::default();
        for one in [round(1, 5, 30), round(2, 9, 10), round(4, 1, 20)] {
            add_round(&mut all, one);
        }
        let Figures { succeeded, handshake_us, heap_free, heap_min, .. } = all.figures;
        assert_eq!((succeeded, handshake_us, heap_free, heap_min), (Some(7), Some(9), Some(20), Some(10)));
    }
}
