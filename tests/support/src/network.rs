//! A network of a test's own: a network namespace in which nothing leads out.

use std::{
    env,
    process::{Command, Stdio},
    thread,
};

use crate::{
    program::{stderr, stdout},
    skip::skip_part,
    tools::require,
};

/// The interface by which the network is reached.
pub const LAN: &str = "lan0";
/// This machine's address on it.
pub const LAN_IPV4: &str = "192.168.77.1";
/// Its link-local address on it.
pub const LAN_IPV6: &str = "fe80::77";

/// Runs the test in a network of its own: the test binary is started again for it alone, in a network namespace that has
/// [`LAN`] with two addresses, and loopback.
///
/// Where a machine does not permit that, the test is left out and recorded as such (see [`skip_part`]).
pub fn in_own_network(test: impl FnOnce()) {
    if env::var_os(INSIDE).is_some() {
        return test();
    }
    if require("ip", "apt-get install iproute2").is_none() {
        return;
    }
    let Some(mut command) = WAYS.into_iter().find(|way| is_permitted(way)).map(unshare) else {
        return skip_part("a network namespace with a pair of veth in it is not permitted here");
    };
    command.arg(env::current_exe().expect("the path of this test"));
    command.args(["--exact", &test_name(), "--nocapture"]).env(INSIDE, "1").stdin(Stdio::null());
    let output = command.output().expect("unshare runs");
    let said = format!("{}{}", stdout(&output), stderr(&output));
    assert!(output.status.success(), "in a network of its own: {said}");
    assert!(said.contains("1 passed"), "the test is run there: {said}");
}

/// Starts what is given to it in a new network, once that is set up.
fn unshare(way: &[&str]) -> Command {
    let mut command = Command::new("unshare");
    command.args(way).args(["sh", "-euc", SET_UP, "sh"]);
    command
}

fn is_permitted(way: &[&str]) -> bool {
    unshare(way).arg("true").output().expect("unshare runs").status.success()
}

fn test_name() -> String {
    let by_runner = env::var("NEXTEST_TEST_NAME").ok();
    by_runner.or_else(|| thread::current().name().map(str::to_owned)).expect("a test has a name")
}

/// Root needs no user namespace, which a chroot would not permit.
const WAYS: [&[&str]; 2] = [&["--net"], &["--user", "--map-root-user", "--net"]];
const INSIDE: &str = "ESP_HTTPS_TEST_INSIDE_NETWORK";

/// `nodad`: an address can be used at once.
const SET_UP: &str = "
    ip link set lo up
    ip link add lan0 type veth peer name lan1
    ip addr add 192.168.77.1/24 dev lan0
    ip -6 addr add fe80::77/64 dev lan0 nodad
    ip link set lan1 addrgenmode none
    ip link set lan0 addrgenmode none
    ip link set lan0 up
    ip link set lan1 up
    exec \"$@\"
";
