//! The Rust toolchain, which builds the firmware where no image of it is at hand.

use std::{path::Path, time::Instant};

use tokio::time::timeout;

use super::firmware::{FirmwareSource, of_chip, of_emulator};
use crate::{
    device::{
        bundle::Bundle,
        chip,
        toolchain::{DISTRIBUTION, Toolchain, ToolchainError},
    },
    doctor::{
        check::{CheckState, Finding, Registered, Remedy, Verb},
        child::{Answer, ask, major_minor, version_in},
        facts::{Facts, ProgramFacts},
        surroundings::{Packages, Surroundings, System},
    },
};

pub(in crate::doctor) const CHECK: Registered = Registered {
    id: "toolchain",
    title: "Rust",
    needed_by: &[Verb::Flash, Verb::Emulate],
    look: |surroundings| Box::pin(async move { vec![look(&surroundings).await] }),
};

async fn look(surroundings: &Surroundings) -> Finding {
    let builders = FirmwareSource::builders(of_chip(), of_emulator());
    let limit = surroundings.until.saturating_duration_since(Instant::now());
    let search = Toolchain::find(chip::DEFAULT.target_triple, &surroundings.search, Path::new(DISTRIBUTION));
    match timeout(limit, search).await {
        Err(_) => Finding::unknown("rustc did not answer in time").blocking([]),
        Ok(Err(missing)) => absent(missing, &builders, &surroundings.system),
        Ok(Ok(found)) => {
            let cargo = found.cargo();
            let rustc = cargo.with_file_name("rustc");
            let version = match ask(&rustc, &["--version"], surroundings.until).await {
                Answer::Said(text) => version_in(&text).map(str::to_owned),
                Answer::Failed(_) | Answer::Late => None,
            };
            let at = cargo.display().to_string();
            let facts = Facts::Program(ProgramFacts { path: cargo, version: version.clone() });
            present(&at, version.as_deref(), Bundle::FIRMWARE.rust_version(), &builders).facts(facts)
        }
    }
}

/// A toolchain that has the target, or can build for it without.
fn present(at: &str, version: Option<&str>, oldest: Option<&str>, builders: &[Verb]) -> Finding {
    let triple = chip::DEFAULT.target_triple;
    let named = match version {
        Some(version) => format!("{at}, version {version}, builds for {triple}"),
        None => format!("{at} builds for {triple}"),
    };
    let is_old = version.and_then(major_minor).zip(oldest.and_then(major_minor)).is_some_and(|(v, o)| v < o);
    match (is_old, builders) {
        (true, _) => {
            let state = if builders.is_empty() { CheckState::Warning } else { CheckState::Problem };
            Finding::new(state, format!("{named}; {} or newer is needed", oldest.unwrap_or_default()))
                .remedy(Remedy::run("rustup update"))
                .blocking(builders.to_vec())
        }
        (false, []) => Finding::ok(format!("{named}; it is not needed, unless you ask for a build")),
        (false, _) => Finding::ok(named),
    }
}

fn absent(missing: ToolchainError, builders: &[Verb], system: &System) -> Finding {
    if builders.is_empty() {
        return Finding::not_needed(format!("{missing}; none is needed, unless you ask for a build"));
    }
    Finding::missing(missing.to_string()).remedy(remedy(missing, system)).blocking(builders.to_vec())
}

fn remedy(missing: ToolchainError, system: &System) -> Remedy {
    let triple = chip::DEFAULT.target_triple;
    let rustup = format!("rustup target add {triple}");
    match (missing, system.packages) {
        (ToolchainError::NoTarget { .. }, _) => Remedy::run(rustup),
        (_, Packages::Apt) => {
            let packages = "apt-get install rustc-web cargo-web rust-web-src lld-22";
            Remedy::run(system.as_root(packages))
                .and("on Debian 12; elsewhere install rustup (https://rustup.rs)")
        }
        (_, Packages::Winget) => Remedy::run("winget install Rustlang.Rustup").and(format!("then: {rustup}")),
        (_, Packages::Brew | Packages::Other) => {
            Remedy::advice(format!("install Rust (https://rustup.rs), then: {rustup}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: [Verb; 2] = [Verb::Flash, Verb::Emulate];

    #[test]
    fn a_toolchain_is_missing_only_where_something_is_to_be_built() {
        let triple = chip::DEFAULT.target_triple;
        let (system, other) = (System::debian(), System { packages: Packages::Other, ..System::debian() });
        let no_rust = ToolchainError::NoRust { triple };
        let all = absent(no_rust, &BOTH, &system).told()
            + &absent(no_rust, &BOTH, &other).told()
            + &absent(ToolchainError::NoTarget { triple }, &BOTH, &system).told()
            + &absent(no_rust, &[], &system).told();
        insta::assert_snapshot!(all, @r"
        Missing: there is no Rust toolchain on the path
          sudo apt-get install rustc-web cargo-web rust-web-src lld-22
          on Debian 12; elsewhere install rustup (https://rustup.rs)
        Missing: there is no Rust toolchain on the path
          install Rust (https://rustup.rs), then: rustup target add riscv32imc-unknown-none-elf
        Missing: the Rust toolchain lacks the target riscv32imc-unknown-none-elf
          rustup target add riscv32imc-unknown-none-elf
        NotNeeded: there is no Rust toolchain on the path; none is needed, unless you ask for a build
        ");
        let check = CHECK.with(absent(no_rust, &[Verb::Emulate], &system));
        assert_eq!(check.blocks, [Verb::Emulate], "the other firmware was built before");
    }

    #[test]
    fn a_toolchain_has_to_be_new_enough() {
        let of = |version, builders: &[Verb]| present("/c/cargo", version, Some("1.95"), builders).told();
        let all = of(Some("1.95.0"), &BOTH)
            + &of(Some("1.95.0"), &[])
            + &of(Some("1.94.1"), &BOTH)
            + &of(Some("1.94.1"), &[])
            + &of(None, &BOTH);
        insta::assert_snapshot!(all, @r"
        Ok: /c/cargo, version 1.95.0, builds for riscv32imc-unknown-none-elf
        Ok: /c/cargo, version 1.95.0, builds for riscv32imc-unknown-none-elf; it is not needed, unless you ask for a build
        Problem: /c/cargo, version 1.94.1, builds for riscv32imc-unknown-none-elf; 1.95 or newer is needed
          rustup update
        Warning: /c/cargo, version 1.94.1, builds for riscv32imc-unknown-none-elf; 1.95 or newer is needed
          rustup update
        Ok: /c/cargo builds for riscv32imc-unknown-none-elf
        ");
    }
}
