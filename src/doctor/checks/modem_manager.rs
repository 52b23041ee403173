//! ModemManager, which talks to new serial ports to find modems. A board that is being flashed may be disturbed.

use crate::{
    device::serial::ports::{likely, list},
    doctor::{
        check::{Finding, Registered, Remedy, Verb},
        processes::is_running,
        surroundings::System,
    },
};

pub(in crate::doctor) const CHECK: Registered = Registered {
    id: "modem_manager",
    title: "ModemManager",
    needed_by: &[Verb::Flash, Verb::Monitor],
    look: |surroundings| {
        Box::pin(async move {
            let is_in_the_way = is_running(PROGRAM) && !likely(&list()).is_empty();
            if is_in_the_way { vec![running(&surroundings.system)] } else { Vec::new() }
        })
    },
};

fn running(system: &System) -> Finding {
    Finding::warning(
        "it is running, and may talk to a board's port for some seconds after the board is connected",
    )
    .remedy(
        Remedy::run(system.as_root("systemctl disable --now ModemManager"))
            .and("unless this machine has a modem"),
    )
}

const PROGRAM: &str = "ModemManager";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_takes_ports_is_told_with_what_ends_it() {
        insta::assert_snapshot!(running(&System::debian()).told(), @r"
        Warning: it is running, and may talk to a board's port for some seconds after the board is connected
          sudo systemctl disable --now ModemManager
          unless this machine has a modem
        ");
    }
}
