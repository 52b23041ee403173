//! Waiting for a condition.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

/// The longest that a test waits for a condition. A condition that is met ends the wait at once, so this only has to be
/// longer than the slowest machine needs: it never decides whether a test passes on a machine that is merely busy.
pub const LONGEST: Duration = Duration::from_secs(60);

/// Waits until the condition holds.
///
/// Fails the test with `what`, which says what was waited for, after [`LONGEST`].
#[track_caller]
pub fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    wait_for(what, || condition().then_some(()));
}

/// Waits until there is a value, and returns it.
///
/// Fails the test with `what`, which says what was waited for, after [`LONGEST`].
#[track_caller]
pub fn wait_for<T>(what: &str, mut value: impl FnMut() -> Option<T>) -> T {
    let since = Instant::now();
    loop {
        if let Some(value) = value() {
            return value;
        }
        assert!(since.elapsed() < LONGEST, "waited for {} s in vain: {what}", LONGEST.as_secs());
        sleep(PAUSE);
    }
}

/// [`wait_for`] in asynchronous code. An error says what was seen instead of the value; the last one is shown when the wait
/// was in vain.
pub async fn eventually<T>(what: &str, mut value: impl AsyncFnMut() -> Result<T, String>) -> T {
    let since = Instant::now();
    loop {
        let seen = match value().await {
            Ok(value) => return value,
            Err(seen) => seen,
        };
        assert!(since.elapsed() < LONGEST, "waited for {} s in vain: {what}: {seen}", LONGEST.as_secs());
        tokio::time::sleep(PAUSE).await;
    }
}

/// Between two looks at a condition.
const PAUSE: Duration = Duration::from_millis(20);

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::{eventually, wait_for, wait_until};

    #[test]
    fn a_condition_is_looked_at_until_it_holds() {
        let looks = Cell::new(0);
        let look = || looks.replace(looks.get() + 1);
        wait_until("the third look", || look() == 2);
        assert_eq!(wait_for("the fifth look", || (look() == 4).then_some("value")), "value");
        assert_eq!(looks.get(), 5);
    }

    #[test]
    fn a_future_is_asked_until_it_has_the_value() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let mut looks = 0;
        let value = runtime.block_on(eventually("the third look", async || {
            looks += 1;
            if looks == 3 { Ok(looks) } else { Err(format!("look {looks}")) }
        }));
        assert_eq!(value, 3);
    }
}
