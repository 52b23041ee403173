//! Images and sources of other versions in the cache, which only take space.

use std::time::Instant;

use crate::{
    device::{
        cache::Cache,
        cache_files::{CacheFile, CacheFileKind, CacheNames},
    },
    doctor::{
        check::{Finding, Registered, Remedy, Verb, blocking},
        facts::Facts,
        surroundings::{in_mb, path_of},
    },
    os_error::in_words,
};

pub(in crate::doctor) const CHECK: Registered = Registered {
    id: "old_images",
    title: "old firmware",
    needed_by: &[Verb::Flash, Verb::Emulate],
    look: |surroundings| blocking(move || look(surroundings.until).into_iter().collect()),
};

/// Nothing to say of a cache that can't be found: the check of the cache says it.
fn look(until: Instant) -> Option<Finding> {
    let cache = Cache::locate(path_of).ok()?;
    Some(match cache.files(&CacheNames::of_this_binary(), until) {
        Ok(files) => judge(files.into_iter().filter(|file| file.kind == CacheFileKind::Old).collect()),
        Err(error) => {
            Finding::unknown(format!("{} can't be read: {}", cache.root().display(), in_words(&error)))
        }
    })
}

fn judge(old: Vec<CacheFile>) -> Finding {
    let finding = match old.as_slice() {
        [] => Finding::ok("the cache has none of another version"),
        files => {
            let bytes = files.iter().map(|file| file.bytes).sum();
            let (count, of) = (files.len(), if files.len() == 1 { "entry" } else { "entries" });
            let what = format!("{count} {of} of other versions in the cache, {}", in_mb(bytes));
            Finding::warning(what).remedy(Remedy::run("esp-https doctor --clean"))
        }
    };
    finding.facts(Facts::Files(old))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_images_are_counted() {
        let file = |name: &str, bytes| CacheFile { path: name.into(), kind: CacheFileKind::Old, bytes };
        let all = judge(vec![]).told()
            + &judge(vec![file("a", 2_000_000)]).told()
            + &judge(vec![file("a", 2_000_000), file("b", 500_000)]).told();
        insta::assert_snapshot!(all, @r"
        Ok: the cache has none of another version
        Warning: 1 entry of other versions in the cache, 2.0 MB
          esp-https doctor --clean
        Warning: 2 entries of other versions in the cache, 2.5 MB
          esp-https doctor --clean
        ");
    }
}
