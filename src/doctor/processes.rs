//! Which processes there are, and which of them have a file open (Linux; elsewhere none is seen).

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::facts::PortUser;

/// The processes that have `file` open, this one left out, as far as this user may see that: root sees all, anybody else
/// their own.
pub(super) fn users_of(file: &Path) -> Vec<PortUser> {
    users_in(Path::new("/proc"), file, std::process::id())
}

fn users_in(proc: &Path, file: &Path, own: u32) -> Vec<PortUser> {
    let Ok(file) = file.canonicalize() else { return Vec::new() };
    let has_open = |process: &PathBuf| {
        let open = fs::read_dir(process.join("fd")).into_iter().flatten().flatten();
        open.into_iter().any(|entry| fs::read_link(entry.path()).is_ok_and(|target| target == file))
    };
    let processes = pids(proc).into_iter().filter(|(pid, path)| *pid != own && has_open(path));
    processes.map(|(pid, path)| PortUser { pid, name: name(&path) }).collect()
}

/// Whether a program with this name runs, whoever started it.
pub(super) fn is_running(program: &str) -> bool {
    pids(Path::new("/proc")).iter().any(|(_, path)| name(path) == program)
}

fn pids(proc: &Path) -> Vec<(u32, PathBuf)> {
    let entries = fs::read_dir(proc).into_iter().flatten().flatten();
    let mut found: Vec<_> =
        entries.filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path()))).collect();
    found.sort();
    found
}

/// The name that the kernel keeps (proc(5), `/proc/pid/comm`): 15 bytes. Arguments are not looked at, which may be secrets.
fn name(process: &Path) -> String {
    let name = fs::read_to_string(process.join("comm")).unwrap_or_default();
    name.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_has_a_file_open_is_seen_and_this_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("port");
        fs::write(&file, "").unwrap();
        let _open = fs::File::open(&file).unwrap();
        assert_eq!(users_of(&file), []);
        let own = std::process::id();
        let users = users_in(Path::new("/proc"), &file, 0);
        assert_eq!(users.iter().map(|user| user.pid).collect::<Vec<_>>(), [own]);
        assert!(is_running(&users[0].name));
        assert!(!is_running("no such program"));
        assert_eq!(users_in(Path::new("/nonexistent"), &file, 0), []);
    }
}
