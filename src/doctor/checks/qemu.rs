//! The emulator.

use crate::{
    device::{
        machine::{OLDEST_QEMU, QEMU},
        program,
    },
    doctor::{
        check::{Finding, Registered, Remedy, Verb},
        child::{Answer, ask, major_minor, version_in},
        facts::{Facts, ProgramFacts},
        surroundings::{Surroundings, System},
    },
};

pub(in crate::doctor) const CHECK: Registered = Registered {
    id: "qemu",
    title: "QEMU",
    needed_by: &[Verb::Emulate],
    look: |surroundings| Box::pin(async move { vec![look(&surroundings).await] }),
};

async fn look(surroundings: &Surroundings) -> Finding {
    let system = &surroundings.system;
    let Some(path) = program::find(QEMU, &surroundings.search) else { return absent(system) };
    let (version, machines) = tokio::join!(
        ask(&path, &["--version"], surroundings.until),
        ask(&path, &["-machine", "help"], surroundings.until)
    );
    let facts = |version| Facts::Program(ProgramFacts { path: path.clone(), version });
    let at = path.display().to_string();
    match version {
        Answer::Said(text) => {
            let version = version_in(&text);
            judge(&at, version, &machines, system).facts(facts(version.map(str::to_owned)))
        }
        Answer::Failed(complaint) => Finding::problem(format!("{at} can't be run: {complaint}"))
            .remedy(install(system))
            .facts(facts(None)),
        Answer::Late => Finding::unknown(format!("{at} did not answer in time")).facts(facts(None)),
    }
}

fn judge(at: &str, version: Option<&str>, machines: &Answer, system: &System) -> Finding {
    let (major, minor) = OLDEST_QEMU;
    let Some(numbers) = version.and_then(major_minor) else {
        return Finding::unknown(format!(
            "{at} does not say its version; {major}.{minor} or newer is needed"
        ));
    };
    let named = format!("{at}, version {}", version.unwrap_or_default());
    if numbers < OLDEST_QEMU {
        return Finding::problem(format!("{named}; {major}.{minor} or newer is needed"))
            .remedy(install(system));
    }
    match machines {
        Answer::Said(text) if !text.lines().any(|line| line.starts_with("virt ")) => {
            Finding::problem(format!("{named}, does not have the machine virt")).remedy(install(system))
        }
        Answer::Said(_) => Finding::ok(format!("{named}, with the machine virt for riscv32")),
        _ => Finding::ok(named),
    }
}

fn absent(system: &System) -> Finding {
    Finding::missing(format!("{QEMU} is not on the PATH")).remedy(install(system))
}

fn install(system: &System) -> Remedy {
    system.install(
        "qemu-system-misc",
        "qemu",
        "SoftwareFreedomConservancy.QEMU",
        "install QEMU with its riscv32 emulator, from https://www.qemu.org",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn qemu_has_to_be_there_new_enough_and_whole() {
        let machines = |text: &str| Answer::Said(text.to_owned());
        let virt =
            machines("Supported machines are:\nspike  RISC-V Spike board\nvirt   RISC-V VirtIO board\n");
        let system = System::debian();
        let of = |version, machines| judge("/usr/bin/qemu", version, machines, &system).told();
        let all = of(Some("7.2.22"), &virt)
            + &of(Some("10.0.2"), &Answer::Late)
            + &of(Some("7.1.0"), &virt)
            + &of(Some("8.0.0"), &machines("none  empty machine\n"))
            + &of(None, &virt)
            + &absent(&system).told();
        insta::assert_snapshot!(all, @r"
        Ok: /usr/bin/qemu, version 7.2.22, with the machine virt for riscv32
        Ok: /usr/bin/qemu, version 10.0.2
        Problem: /usr/bin/qemu, version 7.1.0; 7.2 or newer is needed
          sudo apt-get install qemu-system-misc
        Problem: /usr/bin/qemu, version 8.0.0, does not have the machine virt
          sudo apt-get install qemu-system-misc
        Unknown: /usr/bin/qemu does not say its version; 7.2 or newer is needed
        Missing: qemu-system-riscv32 is not on the PATH
          sudo apt-get install qemu-system-misc
        ");
    }
}
