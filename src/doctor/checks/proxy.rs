//! Proxies that are set for other programs.

use std::env;

use crate::doctor::check::{Finding, Registered, Verb};

pub(in crate::doctor) const CHECK: Registered = Registered {
    id: "proxy",
    title: "proxy",
    needed_by: &[Verb::Probe, Verb::Load],
    look: |_| Box::pin(async { judge(&set()).into_iter().collect() }),
};

/// The variables that are set. Their values may have passwords in them.
fn set() -> Vec<&'static str> {
    VARIABLES.into_iter().filter(|name| env::var_os(name).is_some_and(|value| !value.is_empty())).collect()
}

fn judge(set: &[&str]) -> Option<Finding> {
    let is = if set.len() == 1 { "is" } else { "are" };
    let what = format!(
        "{} {is} set; probe and load connect without a proxy, and only the first build of a firmware uses one",
        set.join(", ")
    );
    (!set.is_empty()).then(|| Finding::not_needed(what))
}

const VARIABLES: [&str; 6] =
    ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_told_to_be_of_no_use() {
        assert_eq!(judge(&[]), None);
        let told = judge(&["https_proxy", "ALL_PROXY"]).unwrap().told();
        insta::assert_snapshot!(told, @"NotNeeded: https_proxy, ALL_PROXY are set; probe and load connect without a proxy, and only the first build of a firmware uses one");
    }
}
