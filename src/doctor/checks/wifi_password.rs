//! The variable with the Wi-Fi password. Nothing of its value is ever shown.

use std::env;

use zeroize::Zeroizing;

use crate::{
    device::{
        guarded::WIFI_PASSWORD_VARIABLE as VARIABLE,
        provisioning::password::{PasswordFlaw, parse},
    },
    doctor::check::{Finding, Registered, Remedy, Verb},
};

pub(in crate::doctor) const CHECK: Registered = Registered {
    id: "wifi_password",
    title: "Wi-Fi password",
    needed_by: &[Verb::Flash],
    look: |_| Box::pin(async { vec![judge(look())] }),
};

/// The variable.
#[derive(Clone, Copy)]
enum Seen {
    Unset,
    Fine,
    Flawed(PasswordFlaw),
}

fn look() -> Seen {
    match env::var_os(VARIABLE).map(|value| parse(&Zeroizing::new(value.into_encoded_bytes()))) {
        None => Seen::Unset,
        Some(Ok(_)) => Seen::Fine,
        Some(Err(flaw)) => Seen::Flawed(flaw),
    }
}

fn judge(seen: Seen) -> Finding {
    match seen {
        Seen::Unset => Finding::not_needed(format!("{VARIABLE} is not set; flash asks for the password")),
        Seen::Fine => Finding::ok(format!("{VARIABLE} is set, and can be a password")),
        Seen::Flawed(flaw) => Finding::problem(format!("{VARIABLE} is set, and can't be a password: {flaw}"))
            .remedy(Remedy::run(format!("unset {VARIABLE}")).and("flash then asks for the password")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_that_is_set_has_to_be_a_password() {
        let all: String = [Seen::Unset, Seen::Fine, Seen::Flawed(PasswordFlaw::Empty)]
            .into_iter()
            .map(|seen| judge(seen).told())
            .collect();
        insta::assert_snapshot!(all, @r"
        NotNeeded: ESP_HTTPS_WIFI_PASSWORD is not set; flash asks for the password
        Ok: ESP_HTTPS_WIFI_PASSWORD is set, and can be a password
        Problem: ESP_HTTPS_WIFI_PASSWORD is set, and can't be a password: it is empty
          unset ESP_HTTPS_WIFI_PASSWORD
          flash then asks for the password
        ");
    }
}
