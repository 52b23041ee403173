//! Whoever kills `esp-https`, and whenever: QEMU, cargo and what they started end, and the private key goes.

use std::{
    os::unix::process::CommandExt as _,
    process::{Command, Stdio},
    thread::sleep,
    time::Duration,
};

use support::{Running, esp_https, signal_all as send, wait_until};

use crate::{
    family::{Family, Member},
    workspace::Workspace,
};

struct Run {
    child: Running,
    family: Family,
}

impl Run {
    fn start(mut command: Command) -> Self {
        let family = Family::of(&mut command);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Self { child: Running::start(&mut command), family }
    }

    /// Waits for `count` processes besides `esp-https`, of this name.
    fn wait_for(&self, name: &str, count: usize) {
        wait_until(&format!("{count} processes are called {name}"), || self.named(name).len() >= count);
    }

    /// Waits until both guards are at their places: one in QEMU's group, one in a session of its own.
    fn wait_for_guards(&self) {
        self.wait_for("sh", 2);
        let leads_session = |member: &Member| member.session == member.pid;
        wait_until("a guard has its own session", || self.named("sh").iter().any(leads_session));
    }

    fn named(&self, name: &str) -> Vec<Member> {
        let children = self.family.children_of(self.child.id());
        children.into_iter().filter(|member| member.name == name).collect()
    }

    fn assert_all_end(&self, workspace: &Workspace, what: &str) {
        let all_ended = || self.family.members().is_empty();
        wait_until(&format!("all have ended: {what}"), all_ended);
        wait_until(&format!("the key is gone: {what}"), || workspace.key_files().is_empty());
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        send("KILL", self.family.members().iter().map(|member| i64::from(member.pid)));
    }
}

/// QEMU that nothing but SIGKILL ends, with a child of its own.
const STUBBORN: &str = "trap '' HUP INT TERM; sleep 600 & while :; do sleep 600; done";

fn emulating(workspace: &Workspace) -> Run {
    let run = Run::start(workspace.emulate_image(&["--port", "0"]));
    run.wait_for("sleep", 2);
    run.wait_for_guards();
    run
}

fn group_of_qemu(run: &Run) -> i64 {
    let sleeping = run.named("sleep");
    i64::from(sleeping[0].group)
}

#[test]
fn a_kill_at_any_moment_leaves_nobody_behind() {
    let workspace = Workspace::with_qemu("exec sleep 600");
    // A debug build takes some 20 ms to the start of QEMU. The waits are only there to strike at different moments.
    for step in 0..40 {
        let mut command = workspace.emulate_image(&["--port", "0"]);
        command.process_group(0);
        let mut run = Run::start(command);
        sleep(Duration::from_micros(1500) * step);
        let group = -i64::from(run.child.id());
        send("KILL", [if step % 2 == 0 { group } else { -group }]);
        run.child.wait().unwrap();
        run.assert_all_end(&workspace, &format!("step {step}"));
    }
}

#[test]
fn an_emulator_ends_whatever_state_it_and_its_guard_are_in() {
    let workspace = Workspace::with_qemu(STUBBORN);
    for state in ["stopped", "told to end", "hung up", "first guard killed", "first guard stopped"] {
        let mut run = emulating(&workspace);
        let group = group_of_qemu(&run);
        let guard = run.named("sh").into_iter().find(|member| i64::from(member.group) == group);
        let guard = i64::from(guard.expect("a guard in the group").pid);
        match state {
            "stopped" => send("STOP", [-group]),
            "told to end" => send("TERM", [-group]),
            "hung up" => send("HUP", [-group]),
            "first guard killed" => send("KILL", [guard]),
            _ => send("STOP", [guard]),
        }
        run.child.kill();
        run.assert_all_end(&workspace, state);
    }
}

#[test]
fn a_kill_of_the_whole_session_leaves_nobody_behind() {
    let workspace = Workspace::with_qemu(STUBBORN);
    let mut setsid = Command::new("setsid");
    setsid.arg(esp_https());
    let mut run = Run::start(workspace.run_by(setsid, "emulate", &["--port", "0", "--image", "board.elf"]));
    run.wait_for("sleep", 2);
    run.wait_for_guards();
    let session = run.child.id();
    let members = run.family.members().into_iter().filter(|member| member.session == session);
    send("KILL", members.map(|member| i64::from(member.pid)));
    run.child.wait().unwrap();
    run.assert_all_end(&workspace, "session");
}

#[test]
fn a_build_ends_with_all_that_cargo_started() {
    let workspace = Workspace::with_qemu("exit 1");
    workspace.fake_toolchain("sh -c 'sleep 600 & sleep 600' & exec sleep 600");
    for signal in ["KILL", "INT"] {
        let mut run = Run::start(workspace.emulate(&["--port", "0", "--build"]));
        run.wait_for("sleep", 3);
        send(signal, [i64::from(run.child.id())]);
        run.child.wait().unwrap();
        run.assert_all_end(&workspace, signal);
    }
}

/// rustup's `rustc` downloads a toolchain before it answers.
#[test]
fn a_compiler_that_does_not_answer_is_interrupted_and_ends() {
    let workspace = Workspace::with_qemu("exit 1");
    workspace.fake_toolchain("exit 1");
    workspace.program("rustc", "exec sleep 600");
    for signal in ["KILL", "TERM"] {
        let mut run = Run::start(workspace.emulate(&["--port", "0", "--build"]));
        run.wait_for("sleep", 1);
        send(signal, [i64::from(run.child.id())]);
        let status = run.child.wait().unwrap();
        assert_eq!(status.code(), (signal == "TERM").then_some(130));
        run.assert_all_end(&workspace, signal);
    }
}
