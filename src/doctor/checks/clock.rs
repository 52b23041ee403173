//! The clock: certificates are valid from one time to another.

use time::{Duration, OffsetDateTime, macros::format_description};

use crate::{
    clock::built,
    doctor::{
        check::{Finding, Registered, Remedy, Verb},
        surroundings::{Packages, System},
    },
};

pub(in crate::doctor) const CHECK: Registered = Registered {
    id: "clock",
    title: "clock",
    needed_by: &[Verb::Certgen, Verb::Flash, Verb::Emulate, Verb::Probe, Verb::Load],
    look: |surroundings| {
        Box::pin(async move { vec![judge(OffsetDateTime::now_utc(), built(), &surroundings.system)] })
    },
};

fn judge(now: OffsetDateTime, built: OffsetDateTime, system: &System) -> Finding {
    let shown = |time: OffsetDateTime| time.format(FORMAT).unwrap_or_default();
    if now < built {
        let what = format!(
            "it says {} UTC, and this program was built on {} or later: certificates would not be valid yet",
            shown(now),
            built.date()
        );
        return Finding::problem(what).remedy(set(system));
    }
    if now > built + FAR {
        let what = format!("it says {} UTC, decades after this program was built: is that so?", shown(now));
        return Finding::warning(what).remedy(set(system));
    }
    Finding::ok(format!("{} UTC", shown(now)))
}

fn set(system: &System) -> Remedy {
    match system.packages {
        Packages::Brew => Remedy::run("sudo sntp -sS time.apple.com"),
        Packages::Winget => Remedy::run("w32tm /resync").and("in a console of an administrator"),
        Packages::Apt | Packages::Other => Remedy::run(system.as_root("timedatectl set-ntp true"))
            .and("in a container or a virtual machine: set the clock of the machine that it runs on"),
    }
}

const FORMAT: &[time::format_description::BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day] [hour]:[minute]");
const FAR: Duration = Duration::days(20 * 365);

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_clock_before_the_build_is_wrong() {
        let built = datetime!(2026-11-27 0:00 UTC);
        let of = |now| judge(now, built, &System::debian()).told();
        let all = of(datetime!(2026-11-27 14:05 UTC))
            + &of(datetime!(1970-01-01 0:10 UTC))
            + &of(datetime!(2099-01-01 0:00 UTC));
        insta::assert_snapshot!(all, @r"
        Ok: 2026-11-27 14:05 UTC
        Problem: it says 1970-01-01 00:10 UTC, and this program was built on 2026-11-27 or later: certificates would not be valid yet
          sudo timedatectl set-ntp true
          in a container or a virtual machine: set the clock of the machine that it runs on
        Warning: it says 2099-01-01 00:00 UTC, decades after this program was built: is that so?
          sudo timedatectl set-ntp true
          in a container or a virtual machine: set the clock of the machine that it runs on
        ");
    }

    #[test]
    fn this_program_knows_when_it_was_built() {
        assert!(built() > datetime!(2026-01-01 0:00 UTC), "{}", built());
    }
}
