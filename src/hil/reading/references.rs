//! References of steps to results of earlier ones.

use super::reader::{Reader, joined};
use crate::hil::{
    scenario::{Field, Scenario, Step},
    template::Reference,
};

/// What a step may refer to without another step.
pub(in crate::hil) const TARGET_RESULTS: [&str; 10] =
    ["name", "address", "host", "port", "url", "mac", "cert", "cert_sha256", "serial_port", "out"];

/// Notes references that lead nowhere.
pub(super) fn check(reader: &mut Reader<'_>, scenario: &Scenario) {
    for (index, step) in scenario.steps.iter().enumerate() {
        let about = format!("step \"{}\"", step.name);
        for field in &step.fields {
            for reference in field.values.iter().flat_map(|value| value.references()) {
                check_one(reader, scenario, index, &joined(&about, &field.name), field, reference);
            }
        }
    }
    for target in &scenario.targets {
        for field in
            target.fields.iter().filter(|field| field.values.iter().any(|value| value.plain().is_none()))
        {
            let says = "a target can't refer to the result of a step";
            reader.fault_at(field.place, joined(&format!("target \"{}\"", target.name), &field.name), says);
        }
    }
}

fn check_one(
    reader: &mut Reader<'_>,
    scenario: &Scenario,
    index: usize,
    about: &str,
    field: &Field,
    reference: &Reference,
) {
    let says = match scenario.steps.iter().position(|step| step.name == reference.step) {
        None if reference.step == "target" => unknown_result(reference, "the target", &TARGET_RESULTS),
        None => Some(format!("{reference}: {}", no_step(scenario, index))),
        Some(of) if of == index => Some(format!("{reference}: a step can't refer to itself")),
        Some(of) if of > index => Some(format!(
            "{reference}: that step comes later, in line {}; a step can refer to earlier ones only",
            scenario.steps.get(of).map_or(0, |step| step.place.line)
        )),
        Some(of) => {
            let of = scenario.steps.get(of);
            of.and_then(|of| {
                unknown_result(
                    reference,
                    &format!("a step of the kind {}", of.kind.word()),
                    of.kind.results(),
                )
            })
        }
    };
    if let Some(says) = says {
        reader.fault_at(field.place, about, says);
    }
}

fn no_step(scenario: &Scenario, index: usize) -> String {
    let earlier: Vec<&str> =
        scenario.steps.iter().take(index).map(|step: &Step| step.name.as_str()).collect();
    match earlier.as_slice() {
        [] => "there is no step of this name, and no earlier step at all".to_owned(),
        earlier => format!("there is no step of this name; earlier steps are {}", earlier.join(", ")),
    }
}

fn unknown_result(reference: &Reference, of: &str, known: &[&str]) -> Option<String> {
    let is_known = known.contains(&reference.field.as_str());
    (!is_known).then(|| match known {
        [] => format!("{reference}: {of} has no results to refer to"),
        known => format!("{reference}: {of} has {}", known.join(", ")),
    })
}
