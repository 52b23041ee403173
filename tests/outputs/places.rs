//! What an output may be: a file, a device, a FIFO, standard output.

use std::{
    fs,
    io::Read as _,
    os::unix::fs::{FileTypeExt as _, MetadataExt as _, symlink},
    path::Path,
    process::{Command, Output, Stdio},
    thread,
    time::Instant,
};

use esp_https::cli::Role;

use support::{LONGEST, Running, board, esp_https, make_fifo, skip_part};

use crate::{flags, recipes::Workspace};

/// Runs each command with each of its outputs at the place that `place` makes, and hands what came of it to `check`.
fn each(workspace: &Workspace, check: impl Fn(&str, &str, &[&str], i32)) {
    let mut tried = 0;
    for flag in flags::all(Role::Output) {
        let Some((words, code)) = workspace.words(&flag.verb, &flag.name) else { continue };
        check(&flag.verb, &flag.name, &words, code);
        tried += 1;
    }
    assert!(tried >= 12, "{tried}");
}

fn run(workspace: &Workspace, words: &[&str], more: &[&str]) -> Output {
    workspace.command(&[words, more].concat()).output().unwrap()
}

fn made(command: &str, args: &[&str], folder: &Path) -> bool {
    Command::new(command).args(args).current_dir(folder).stderr(Stdio::null()).status().unwrap().success()
}

/// Temporary files that are left.
fn leftovers(workspace: &Workspace) -> Vec<String> {
    let mut names = support::names(workspace.path(""));
    names.retain(|name| name.starts_with('.'));
    names
}

/// What identifies an output without its times and figures: how it begins, and how it ends.
fn shape(bytes: &[u8]) -> (&[u8], Option<&u8>) {
    (&bytes[..4.min(bytes.len())], bytes.last())
}

#[test]
fn a_device_is_written_to_and_stays_a_device() {
    let workspace = Workspace::new();
    // A node of our own, which may be lost without harm.
    if made("mknod", &["null", "c", "1", "3"], &workspace.path("")) {
        symlink("null", workspace.path("link")).unwrap();
    } else {
        skip_part("mknod is not permitted here; a link to /dev/null takes the node's place");
        symlink("/dev/null", workspace.path("null")).unwrap();
        symlink("null", workspace.path("link")).unwrap();
    }
    let before = workspace.path("null").symlink_metadata().unwrap();
    each(&workspace, |verb, flag, words, code| {
        for name in ["null", "link"] {
            let output = run(&workspace, words, &[flag, name]);
            assert_eq!(output.status.code(), Some(code), "{verb} {flag} {name}: {output:?}");
            let after = workspace.path("null").symlink_metadata().unwrap();
            assert_eq!((after.ino(), after.mode()), (before.ino(), before.mode()), "{verb} {flag} {name}");
            assert!(workspace.path("null").metadata().unwrap().file_type().is_char_device(), "{verb} {flag}");
            assert!(workspace.path("link").symlink_metadata().unwrap().is_symlink(), "{verb} {flag} {name}");
            assert_eq!(leftovers(&workspace), Vec::<String>::new(), "{verb} {flag} {name}");
        }
    });
}

#[test]
fn a_fifo_s_reader_gets_all_of_it_once_and_standard_output_nothing_else() {
    let workspace = Workspace::new();
    each(&workspace, |verb, flag, words, code| {
        let name = format!("{verb}{flag}").replace(' ', "-");
        let file = run(&workspace, words, &[flag, &name]);
        assert_eq!(file.status.code(), Some(code), "{verb} {flag}: {file:?}");
        let whole = fs::read(workspace.path(&name)).unwrap();
        assert!(!whole.is_empty(), "{verb} {flag}");
        let fifo = format!("{name}.fifo");
        make_fifo(workspace.path(&fifo));
        let path = workspace.path(&fifo);
        // To the first end: one opening is one document.
        let reader = thread::spawn(move || fs::read(path).unwrap());
        let output = run(&workspace, words, &[flag, &fifo]);
        assert_eq!(output.status.code(), Some(code), "{verb} {flag}: {output:?}");
        let read = reader.join().unwrap();
        assert_eq!(shape(&read), shape(&whole), "{verb} {flag}");
        assert!(workspace.path(&fifo).metadata().unwrap().file_type().is_fifo(), "{verb} {flag}");
        let piped = run(&workspace, words, &[flag, "-"]);
        assert_eq!(piped.status.code(), Some(code), "{verb} {flag}: {piped:?}");
        assert_eq!(shape(&piped.stdout), shape(&whole), "{verb} {flag}");
        if flag == "--save-image" {
            assert!(read == whole && piped.stdout == whole, "the same image each time");
        }
    });
    assert!(!workspace.path("-").exists());
}

#[test]
fn the_wait_for_a_reader_that_never_comes_ends_with_ctrl_c() {
    let workspace = Workspace::new();
    make_fifo(workspace.path("fifo"));
    each(&workspace, |verb, flag, words, _| {
        let mut command = workspace.command(&[words, &[flag, "fifo"]].concat());
        let mut child = Running::start(command.stdout(Stdio::null()).stderr(Stdio::piped()));
        child.wait_for_line("waiting for a reader of fifo");
        child.signal("INT");
        let output = child.output();
        let said = support::stderr(&output);
        assert_eq!(output.status.code(), Some(130), "{verb} {flag}: {said}");
        assert!(said.contains("by Ctrl-C"), "{verb} {flag}: {said}");
    });
}

#[test]
fn a_reader_that_stops_to_read_is_not_waited_for_after_ctrl_c() {
    let workspace = Workspace::new();
    let Some((words, _)) = workspace.words("flash", "--save-image") else { return };
    make_fifo(workspace.path("fifo"));
    let mut child = Running::start(&mut workspace.command(&[&words[..], &["--save-image", "fifo"]].concat()));
    let mut reader = fs::File::open(workspace.path("fifo")).unwrap();
    // The image has begun, and is more than a pipe holds.
    reader.read_exact(&mut [0; 1]).unwrap();
    assert_eq!(child.end("INT").code(), Some(130));
}

#[test]
fn a_full_device_is_named_and_nothing_is_left() {
    let workspace = Workspace::new();
    each(&workspace, |verb, flag, words, _| {
        let output = run(&workspace, words, &[flag, "/dev/full"]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(4), "{verb} {flag}: {said}");
        assert!(
            said.contains("/dev/full") && said.contains("there is no space left"),
            "{verb} {flag}: {said}"
        );
        assert_eq!(leftovers(&workspace), Vec::<String>::new(), "{verb} {flag}");
    });
}

#[test]
fn a_reader_of_a_result_that_never_comes_to_be_sees_an_end() {
    let workspace = Workspace::new();
    make_fifo(workspace.path("fifo"));
    let path = workspace.path("fifo");
    let reader = thread::spawn(move || fs::read(path).unwrap());
    let since = Instant::now();
    // A run that is over before the reader is there has nobody to let go.
    while !reader.is_finished() {
        let words = ["probe", "127.0.0.1", "--cert", "nowhere.pem", "-o", "fifo"];
        assert_eq!(run(&workspace, &words, &[]).status.code(), Some(2));
        assert!(since.elapsed() < LONGEST, "the reader was not let go");
    }
    assert_eq!(reader.join().unwrap(), b"");
}

#[test]
fn who_has_stopped_a_run_is_not_kept_waiting_for_a_reader() {
    let workspace = Workspace::new();
    for name in ["fifo", "page"] {
        make_fifo(workspace.path(name));
    }
    let (words, _) = workspace.words("load", "--output").unwrap();
    let endless = [&words[..2], &["--insecure", "-z", "1m", "-o", "fifo", "--html", "page"]].concat();
    let mut child = Running::start(workspace.command(&endless).stderr(Stdio::piped()));
    let first = child.wait_for_line("");
    assert!(first.starts_with("loading "), "{first}");
    child.signal("INT");
    let output = child.output();
    let said = support::stderr(&output);
    assert_eq!(output.status.code(), Some(130), "{said}");
    for what in ["the result", "--html"] {
        let warning =
            format!("warning: nothing was written to the FIFO of {what}, because no program reads it");
        assert!(said.lines().any(|line| line == warning), "{said}");
    }
}

#[test]
fn links_stay_and_what_they_lead_to_is_written_even_if_it_was_not_there() {
    let workspace = Workspace::new();
    fs::create_dir(workspace.path("far")).unwrap();
    symlink("far/result", workspace.path("soft")).unwrap();
    each(&workspace, |verb, flag, words, code| {
        let _ = fs::remove_file(workspace.path("far/result"));
        for _ in ["not there", "there"] {
            let output = run(&workspace, words, &[flag, "soft"]);
            assert_eq!(output.status.code(), Some(code), "{verb} {flag}: {output:?}");
            assert!(workspace.path("soft").symlink_metadata().unwrap().is_symlink(), "{verb} {flag}");
            let meta = workspace.path("far/result").symlink_metadata().unwrap();
            assert!(meta.is_file() && meta.len() > 0, "{verb} {flag}");
            let is_secret = ["--save-image", "--pcap"].contains(&flag);
            assert!(!is_secret || meta.mode() & 0o777 == 0o600, "{verb} {flag}: {:o}", meta.mode());
            assert_eq!(fs::read_dir(workspace.path("far")).unwrap().count(), 1, "{verb} {flag}");
        }
    });
}

#[test]
fn folders_disks_and_sockets_are_refused_before_the_work() {
    let workspace = Workspace::new();
    let _socket = std::os::unix::net::UnixListener::bind(workspace.path("socket")).unwrap();
    fs::create_dir(workspace.path("folder")).unwrap();
    let mut places = vec![
        ("folder", "it is a folder"),
        ("socket", "it is a socket"),
        ("nowhere/x", "there is no such file or folder"),
    ];
    if made("mknod", &["disk", "b", "7", "99"], &workspace.path("")) {
        places.push(("disk", "it is a disk (a block device), and what is on it would be lost"));
    } else {
        skip_part("mknod is not permitted here, so there is no disk");
    }
    each(&workspace, |verb, flag, words, _| {
        for (name, what) in &places {
            let output = run(&workspace, words, &[flag, name]);
            let said = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(2), "{verb} {flag} {name}: {said}");
            assert!(said.contains(&format!("preparing to write {flag} {name}\n  {what}")), "{said}");
        }
    });
    assert!(!workspace.path("pair").exists(), "nothing was done");
}

#[test]
fn a_descriptor_that_is_handed_down_is_written_to_without_losing_what_is_there() {
    let workspace = Workspace::new();
    fs::write(workspace.path("kept"), "first\n").unwrap();
    each(&workspace, |verb, flag, words, code| {
        let before = fs::read(workspace.path("kept")).unwrap();
        let tool = esp_https();
        let script = format!("exec 3>>kept; \"$@\" {flag} /dev/fd/3");
        let mut command = workspace.command(&[]);
        let mut shell = Command::new("sh");
        shell.args(["-c", &script, "sh", tool]).args(words).current_dir(workspace.path(""));
        shell.envs(command.env("NO_COLOR", "1").get_envs().filter_map(|(key, value)| Some((key, value?))));
        let output = shell.env_remove("ESPFLASH_PORT").output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{verb} {flag}: {output:?}");
        let after = fs::read(workspace.path("kept")).unwrap();
        assert!(after.starts_with(&before) && after.len() > before.len(), "{verb} {flag}");
    });
}

#[test]
fn what_is_no_text_is_not_shown_on_a_terminal() {
    let workspace = Workspace::new();
    each(&workspace, |verb, flag, words, _| {
        let (_screen, name) = board::port();
        let terminal = fs::File::options().write(true).open(name).unwrap();
        if ["--save-image", "--pcap", "--serial-log"].contains(&flag) {
            let output =
                workspace.command(&[words, &[flag, "-"]].concat()).stdout(terminal).output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(2), "{verb} {flag}: {said}");
            assert!(
                said.contains("it is not text, and standard output is a terminal"),
                "{verb} {flag}: {said}"
            );
        }
    });
}
