//! The folder for temporary files, which the emulated board and the layout of the flash need.

use std::{env, io, path::PathBuf};

use super::cache::write_in;
use crate::{
    doctor::{
        check::{Finding, Registered, Remedy, Verb},
        facts::{Facts, FolderFacts},
        surroundings::{free_bytes, in_mb},
    },
    os_error::in_words,
};

pub(in crate::doctor) const CHECK: Registered = Registered {
    id: "temporary",
    title: "temporary files",
    needed_by: &[Verb::Flash, Verb::Monitor, Verb::Emulate],
    look: |_| Box::pin(async { vec![look()] }),
};

fn look() -> Finding {
    let path = env::temp_dir();
    let refusal = if path.is_dir() { write_in(&path).err() } else { Some(io::ErrorKind::NotFound.into()) };
    judge(path.clone(), free_bytes(&path), refusal.as_ref())
}

fn judge(path: PathBuf, free: Option<u64>, refusal: Option<&io::Error>) -> Finding {
    let at = path.display().to_string();
    let finding = match (refusal, free) {
        (Some(error), _) => {
            Finding::problem(format!("{at} can't be written to: {}", in_words(error))).remedy(elsewhere())
        }
        (None, Some(bytes)) if bytes < NEEDED => {
            Finding::problem(format!("{at}: only {} are free", in_mb(bytes))).remedy(elsewhere())
        }
        (None, free) => Finding::ok(format!(
            "{at}{}",
            free.map_or(String::new(), |bytes| format!(", {} free", in_mb(bytes)))
        )),
    };
    finding.facts(Facts::Folder(FolderFacts { path, used_bytes: None, free_bytes: free }))
}

fn elsewhere() -> Remedy {
    Remedy::run("export TMPDIR=/var/tmp").and("or another folder that you may write to")
}

/// A board's flash in one file is 4 MB.
const NEEDED: u64 = 10_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn temporary_files_need_a_folder_with_room() {
        let denied = io::Error::from(io::ErrorKind::PermissionDenied);
        let of = |free, refusal| judge("/tmp".into(), free, refusal).told();
        let all = of(Some(2_000_000_000), None) + &of(Some(1_000_000), None) + &of(None, Some(&denied));
        insta::assert_snapshot!(all, @r"
        Ok: /tmp, 2000 MB free
        Problem: /tmp: only 1.0 MB are free
          export TMPDIR=/var/tmp
          or another folder that you may write to
        Problem: /tmp can't be written to: permission denied
          export TMPDIR=/var/tmp
          or another folder that you may write to
        ");
    }
}
