//! A scenario as somebody wrote it: any text is steps that have names and refer to earlier ones only, or faults with their lines.
#![no_main]

use std::{collections::BTreeSet, path::Path};

use esp_https::{cmd::scenario_grammar, hil};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    // No file is there.
    let folder = Path::new("/nonexistent");
    match hil::read(text, &scenario_grammar(folder), folder, "fuzzed") {
        Ok(scenario) => {
            assert!(!scenario.steps.is_empty());
            let mut earlier = BTreeSet::new();
            for step in &scenario.steps {
                let values = step.fields.iter().flat_map(|field| &field.values);
                for reference in values.flat_map(|value| value.references()) {
                    assert!(reference.step == "target" || earlier.contains(reference.step.as_str()));
                }
                assert!(earlier.insert(step.name.as_str()), "each has a name of its own");
                assert!(!step.timeout.is_zero());
            }
        }
        Err(faults) => {
            let lines = text.matches('\n').count() + 1;
            assert!(faults.iter().all(|fault| (1..=lines).contains(&fault.line) && !fault.says.is_empty()));
            assert!(!faults.is_empty() && faults.is_sorted());
        }
    }
});
