//! What a step can end with beside the errors of the command that it runs.

use support::board;

use crate::bench::{Bench, states, steps};

/// How the last step of a scenario ended, and with which code.
fn last(bench: &Bench, words: &[&str]) -> (String, String) {
    let (_, document) = bench.run(words);
    let state = states(&document).last().unwrap().to_string();
    let code = steps(&document).last().unwrap()["error"]["code"].as_str().unwrap_or_default().to_owned();
    (state, code)
}

#[test]
fn each_fault_of_a_step_has_its_code_and_says_whose_it_is() {
    for (scenario, words, state, code) in [
        ("[[step]]\nflash = {}\n", &["--target", "emulated"][..], "scenario", "hil.no_pair"),
        ("[[step]]\nready = \"300ms\"\n", &["--target", "emulated"], "regression", "hil.not_ready"),
        ("[[step]]\nready = \"300ms\"\n", &["--target", "127.0.0.1:1"], "lab", "hil.unreachable"),
        (
            "[target.far]\nboard = true\nmac = \"24:0a:c4:00:00:01\"\n[[step]]\nready = true\n",
            &[],
            "lab",
            "hil.not_connected",
        ),
        ("[[step]]\nrun = \"exit 7\"\n", &[], "regression", "hil.run_failed"),
        ("[[step]]\nserial = { expect = \"never\", within = \"200ms\" }\n", &[], "regression", "hil.line"),
        ("[[step]]\nprobe = {}\n", &[], "scenario", "hil.scenario"),
    ] {
        let ended = last(&Bench::new(scenario), words);
        assert_eq!(ended, (state.to_owned(), code.to_owned()), "{scenario}");
    }
}

/// As when the kernel kills it for want of memory.
#[test]
fn a_command_of_ours_that_is_killed_is_the_lab_s_fault() {
    let bench = Bench::new(
        "[target.emulated]\nemulated = true\nimage = \"board.elf\"\n[[step]]\ncertgen = { key = \"p256\" }\n[[step]]\nflash = {}\n",
    );
    std::fs::write(bench.path("board.elf"), board::elf()).unwrap();
    std::fs::create_dir(bench.path("bin")).unwrap();
    board::write_program(&bench.path("bin/qemu-system-riscv32"), "kill -9 $PPID; sleep 600");
    assert_eq!(last(&bench, &[]), ("lab".to_owned(), "hil.no_result".to_owned()));
}
