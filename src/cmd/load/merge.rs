//! `esp-https load merge`: the results of several machines, added up exactly.

use std::{path::Path, time::Duration};

use serde::Deserialize;
use serde_json::Value;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{explain, plan::gates, shortcoming};
use crate::{
    cli::MergeArgs,
    error::Result,
    load::{
        engine::Ended,
        missing_heap::signed,
        remarks,
        sample::Totals,
        schedule::{Schedule, StopRule},
        summary::{Context, Device, Rate, RunKind, Summary},
    },
    report::{Console, Suite},
    text,
};

/// Adds up the results of the files, judges the gates on the sum, and reports it as a run's.
pub(super) fn merge(args: &MergeArgs, suites: &mut Vec<Suite>, console: &mut Console) -> Result<()> {
    let gates = gates(&args.fail_if)?;
    let parts: Vec<Summary> = args.files.iter().map(|file| read(file)).collect::<Result<_>>()?;
    let Some((first, others)) = parts.split_first() else { return Err(explain::nothing_to_merge()) };
    for (part, file) in others.iter().zip(args.files.iter().skip(1)) {
        if part.load.mode != first.load.mode {
            return Err(explain::other_mode(file, first.load.mode.units(), part.load.mode.units()));
        }
    }
    let (totals, mut summary) = sum(first, &parts).map_err(|(index, error)| {
        explain::not_a_result(args.files.get(index).map_or(Path::new(""), |file| file.as_path()), &error)
    })?;
    summary.findings = remarks::findings(&summary);
    summary.warnings = remarks::warnings(&summary);
    summary.gates = gates.iter().map(|gate| gate.judge(&totals, &summary)).collect();
    let error = shortcoming::of_run(&summary, None);
    suites.push(Suite::of_run(&summary, error.as_ref()));
    console.result(&summary, error.as_ref())?;
    error.map_or(Ok(()), Err)
}

fn read(file: &Path) -> Result<Summary> {
    let text = text::read_to_string(file).map_err(|error| explain::unreadable(file, error))?;
    let mut document: Value =
        serde_json::from_str(&text).map_err(|error| explain::not_a_result(file, &error.to_string()))?;
    let is_load = document.get("schema").and_then(Value::as_str) == Some("esp-https/load/1");
    let result = document.get_mut("result").map(Value::take).filter(|_| is_load).unwrap_or_default();
    Summary::deserialize(result)
        .map_err(|_| explain::not_a_result(file, "it is not a document that `load --json` wrote for a run"))
}

/// The sum; or the number of the part that can't be added, and why.
fn sum(first: &Summary, parts: &[Summary]) -> std::result::Result<(Totals, Summary), (usize, String)> {
    let mut totals = Totals::new().map_err(|error| (0, error.to_string()))?;
    for (index, part) in parts.iter().enumerate() {
        totals.add(&part.totals().map_err(|error| (index, error.to_string()))?);
    }
    let starts: Vec<OffsetDateTime> =
        parts.iter().filter_map(|part| OffsetDateTime::parse(&part.started_at, &Rfc3339).ok()).collect();
    let started_at = starts.iter().min().copied().unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let ends = starts.iter().zip(parts).map(|(start, part)| *start + Duration::from_micros(part.elapsed_us));
    let elapsed = ends.max().and_then(|end| Duration::try_from(end - started_at).ok()).unwrap_or_default();
    // Rates count over the time from the first start to the last end.
    totals.last_at = elapsed;
    let interrupted = parts.iter().any(|part| part.ended == Ended::Interrupted);
    let context = Context {
        target: first.target.clone(),
        load: load(first, parts),
        schedule: Schedule::AsAnswered,
        stop: StopRule { count: None, duration: None },
        started_at,
        elapsed,
        ended: if interrupted { Ended::Interrupted } else { Ended::Done },
        device: device(parts),
        generator: None,
        series: Vec::new(),
    };
    let summary = Summary { kind: RunKind::Merged, rate: rate(parts), ..Summary::new(&totals, context) };
    Ok((totals, summary))
}

fn load(first: &Summary, parts: &[Summary]) -> crate::load::summary::Load {
    let total = |of: fn(&Summary) -> Option<f64>| parts.iter().map(of).sum::<Option<f64>>();
    crate::load::summary::Load {
        connections: parts.iter().map(|part| part.load.connections).sum(),
        count: parts.iter().map(|part| part.load.count).sum(),
        duration_us: parts.iter().filter_map(|part| part.load.duration_us).max(),
        rate_from: total(|part| part.load.rate_from),
        rate_to: total(|part| part.load.rate_to),
        ..first.load.clone()
    }
}

fn rate(parts: &[Summary]) -> Option<Rate> {
    let rates: Vec<Rate> = parts.iter().map(|part| part.rate).collect::<Option<_>>()?;
    let due: u64 = rates.iter().map(|rate| rate.due).sum();
    let kept = rates.iter().map(|rate| rate.rate_ratio * rate.due as f64).sum::<f64>();
    Some(Rate { due, ended: rates.iter().map(|rate| rate.ended).sum(), rate_ratio: kept / due.max(1) as f64 })
}

/// From the first machine's reading before to the last one's after: all of them loaded the same device.
fn device(parts: &[Summary]) -> Option<Device> {
    let devices: Vec<&Device> = parts.iter().filter_map(|part| part.device.as_ref()).collect();
    let before = devices.iter().map(|device| &device.before).min_by_key(|stat| stat.requests)?.clone();
    let after =
        devices.iter().filter_map(|device| device.after.as_ref()).max_by_key(|stat| stat.requests).cloned();
    let missing =
        after.as_ref().map(|after| signed(before.heap_free).saturating_sub(signed(after.heap_free)));
    // They all used the same heap for the first time.
    let first_use = devices.iter().filter_map(|device| device.first_use).max();
    Some(Device {
        readings: devices.iter().map(|device| device.readings).sum(),
        attempts: devices.iter().map(|device| device.attempts).sum(),
        heap_min: devices.iter().filter_map(|device| device.heap_min).min(),
        sessions_max: devices.iter().map(|device| device.sessions_max).max().unwrap_or_default(),
        leak: missing.map(|missing| missing - first_use.unwrap_or_default().clamp(0, missing.max(0))),
        first_use,
        second_round: None,
        before,
        after,
    })
}
