//! What all checks share: who runs them, on which system, and how much time they have.

use std::{
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use super::check::Remedy;
pub use crate::system::PackageManager as Packages;
use crate::{
    stop::Stop,
    system::{files, packages, users},
};

/// What the checks are given.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// The ports that are named, on the command line or in espflash's variable.
    pub ports: Vec<NamedPort>,
    /// Whether the boards are asked.
    pub boards: AskBoards,
    /// Where programs are looked for, written like `$PATH`.
    pub search: OsString,
    /// The system and the user.
    pub system: System,
    /// When a check that is not done gives up.
    pub until: Instant,
    /// The request to stop.
    pub stop: Stop,
}

/// A port that is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedPort {
    /// Its name.
    pub path: String,
    /// What names it.
    pub by: PortNamedBy,
}

/// What names a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PortNamedBy {
    /// `--port`.
    Flag,
    /// espflash's variable, which the other commands read, too.
    Variable,
}

/// Whether the boards are asked who they are, which restarts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AskBoards {
    /// Nothing is sent to a port, and none is opened.
    No,
    /// The bootloader of each is asked.
    Yes,
}

/// The system, and who uses it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct System {
    /// How programs are installed.
    pub packages: Packages,
    /// What kind of machine it is.
    pub host: Host,
    /// The user's name, as far as it is known.
    pub user: String,
    /// Whether the user is root, who needs no `sudo`.
    pub privilege: Privilege,
}

/// What kind of machine it is, as far as it decides which devices it sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Host {
    /// A machine of its own.
    Plain,
    /// Linux inside Windows (WSL), which sees a USB device only when Windows hands it over.
    Wsl,
    /// A container, which sees only the devices that it is given.
    Container,
}

/// Whether a user may do everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Privilege {
    /// Root.
    Root,
    /// Anybody else.
    Ordinary,
}

impl Surroundings {
    /// Those of this process, with as much time as a person waits.
    #[must_use]
    pub fn look(ports: Vec<NamedPort>, boards: AskBoards, stop: Stop) -> Self {
        let search = env::var_os("PATH").unwrap_or_default();
        Self { ports, boards, search, system: System::look(), until: Instant::now() + PATIENCE, stop }
    }
}

impl System {
    fn look() -> Self {
        let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
        let exists = |path: &str| Path::new(path).exists();
        Self {
            packages: packages::manager(exists),
            host: host(&kernel, exists),
            user: ["USER", "LOGNAME"].into_iter().find_map(text_of).unwrap_or_else(|| "$USER".to_owned()),
            privilege: if users::needs_no_sudo() { Privilege::Root } else { Privilege::Ordinary },
        }
    }

    /// A command that only root may run.
    #[must_use]
    pub fn as_root(&self, command: &str) -> String {
        match self.privilege {
            Privilege::Root => command.to_owned(),
            Privilege::Ordinary => format!("sudo {command}"),
        }
    }

    /// Installs what has these names in the package managers; elsewhere a person has to, by `otherwise`.
    pub(super) fn install(&self, apt: &str, brew: &str, winget: &str, otherwise: &str) -> Remedy {
        match self.packages {
            Packages::Apt => Remedy::run(self.as_root(&format!("apt-get install {apt}"))),
            Packages::Brew => Remedy::run(format!("brew install {brew}")),
            Packages::Winget => Remedy::run(format!("winget install {winget}")),
            Packages::Other => Remedy::advice(otherwise),
        }
    }

    #[cfg(test)]
    pub(super) fn debian() -> Self {
        let (packages, host, privilege) = (Packages::Apt, Host::Plain, Privilege::Ordinary);
        Self { packages, host, user: "ada".to_owned(), privilege }
    }
}

/// WSL names itself in the version of its kernel; Docker and Podman leave a file.
fn host(kernel: &str, exists: impl Fn(&str) -> bool) -> Host {
    if kernel.to_lowercase().contains("microsoft") {
        Host::Wsl
    } else if ["/.dockerenv", "/run/.containerenv"].into_iter().any(exists) {
        Host::Container
    } else {
        Host::Plain
    }
}

fn text_of(variable: &str) -> Option<String> {
    env::var(variable).ok().filter(|text| !text.is_empty())
}

/// A variable that names a file or a folder.
pub(super) fn path_of(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).map(PathBuf::from)
}

/// What is free on the disk of a folder that need not exist, in bytes.
pub(super) fn free_bytes(folder: &Path) -> Option<u64> {
    let there = folder.ancestors().find(|folder| folder.is_dir())?;
    files::free_bytes(there)
}

/// A number of bytes for a person.
pub(super) fn in_mb(bytes: u64) -> String {
    match bytes {
        0..100_000 => format!("{} KB", bytes.div_ceil(1000)),
        100_000..10_000_000 => format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10),
        10_000_000..10_000_000_000 => format!("{} MB", bytes / 1_000_000),
        _ => format!("{} GB", bytes / 1_000_000_000),
    }
}

/// All checks together take less than two seconds.
const PATIENCE: Duration = Duration::from_millis(1500);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_is_told_by_its_kernel_and_its_files() {
        assert_eq!(host("5.15.167.4-microsoft-standard-WSL2", |_| false), Host::Wsl);
        assert_eq!(host("6.1.0-18-amd64", |path| path == "/run/.containerenv"), Host::Container);
        assert_eq!(host("6.1.0-18-amd64", |_| false), Host::Plain);
    }

    #[test]
    fn what_is_to_be_run_depends_on_system_and_user() {
        let system = |packages, privilege| System { packages, privilege, ..System::debian() };
        let of = |system: System| system.install("qemu-system-misc", "qemu", "Some.QEMU", "install QEMU");
        assert_eq!(
            of(system(Packages::Apt, Privilege::Ordinary)),
            Remedy::run("sudo apt-get install qemu-system-misc")
        );
        assert_eq!(
            of(system(Packages::Apt, Privilege::Root)),
            Remedy::run("apt-get install qemu-system-misc")
        );
        assert_eq!(of(system(Packages::Brew, Privilege::Ordinary)), Remedy::run("brew install qemu"));
        assert_eq!(of(system(Packages::Winget, Privilege::Root)), Remedy::run("winget install Some.QEMU"));
        assert_eq!(of(system(Packages::Other, Privilege::Root)), Remedy::advice("install QEMU"));
    }

    #[test]
    fn sizes_are_shown_with_two_digits_or_more() {
        let shown = [0, 1, 4096, 1_234_567, 123_456_789, 12_345_678_901].map(in_mb);
        assert_eq!(shown, ["0 KB", "1 KB", "5 KB", "1.2 MB", "123 MB", "12 GB"]);
    }
}
