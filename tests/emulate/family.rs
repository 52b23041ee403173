//! The processes that one run of `esp-https` brought about, wherever they went: all have its token in their environment.

use std::{
    fs,
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
};

/// The processes of one run.
pub(crate) struct Family {
    token: String,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) pid: u32,
    pub(crate) name: String,
    pub(crate) group: u32,
    pub(crate) session: u32,
}

impl Family {
    /// Marks a command that is not started yet.
    pub(crate) fn of(command: &mut Command) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let value = format!("{}-{count}-", std::process::id());
        command.env(VARIABLE, &value);
        Self { token: format!("{VARIABLE}={value}") }
    }

    /// Those that run. One that has ended and that its parent has not waited for (a zombie) does not.
    pub(crate) fn members(&self) -> Vec<Member> {
        let entries = fs::read_dir("/proc").unwrap().flatten();
        let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        pids.filter(|pid| self.has(*pid)).filter_map(member).collect()
    }

    /// Those but `esp-https` itself.
    pub(crate) fn children_of(&self, parent: u32) -> Vec<Member> {
        self.members().into_iter().filter(|member| member.pid != parent).collect()
    }

    fn has(&self, pid: u32) -> bool {
        environment(pid).contains(&self.token)
    }
}

/// A process's environment when it was started; empty once it has ended.
pub(crate) fn environment(pid: u32) -> String {
    let bytes = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// proc(5), `/proc/pid/stat`: pid, name in brackets, state, parent, group, session.
fn member(pid: u32) -> Option<Member> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (start, fields) = stat.rsplit_once(") ")?;
    let fields: Vec<&str> = fields.split(' ').collect();
    let number = |at: usize| fields.get(at).and_then(|field| field.parse().ok());
    let name = start.split_once('(')?.1.to_owned();
    (fields.first() != Some(&"Z")).then_some(Member { pid, name, group: number(2)?, session: number(3)? })
}

const VARIABLE: &str = "ESP_HTTPS_TEST_FAMILY";
