//! When the keys of session tickets change.

/// How long a key encrypts new tickets, in seconds. For as long again it decrypts them, so a ticket resumes a session for one hour at
/// least and for two at most, whatever its client does.
pub const KEY_SECONDS: u32 = 60 * 60;

/// How many keys there are: the one for new tickets, and the one before it.
const KEYS: u64 = 2;

/// The hour for which the present keys were made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rotation {
    hour: u64,
}

impl Rotation {
    /// Keys that were made at `now_s` seconds.
    #[must_use]
    pub const fn new(now_s: u64) -> Self {
        Self { hour: hour(now_s) }
    }

    /// How many of the keys have to be replaced at `now_s` seconds, the oldest first. The clock does not go back.
    #[must_use]
    pub fn due(&self, now_s: u64) -> u64 {
        hour(now_s).saturating_sub(self.hour).min(KEYS)
    }
}

const fn hour(seconds: u64) -> u64 {
    seconds / KEY_SECONDS as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_replaced_with_each_hour() {
        let rotation = Rotation::new(10);
        assert_eq!([10, 3599].map(|now| rotation.due(now)), [0, 0]);
        assert_eq!([3600, 7199].map(|now| rotation.due(now)), [1, 1]);
    }

    #[test]
    fn after_two_hours_without_a_client_no_key_is_left() {
        let rotation = Rotation::new(3599);
        assert_eq!([7200, 10_800, u64::MAX].map(|now| rotation.due(now)), [2, 2, 2]);
    }

    /// What two keys that are replaced like this make of a ticket, whenever clients come.
    #[test]
    fn no_ticket_resumes_after_two_hours_and_each_one_does_for_an_hour() {
        for visits in [60, 599, 3599, 3600, 5000, 9000] {
            let (mut rotation, mut keys, mut tickets) = (Rotation::new(0), [0_u64, 1], Vec::new());
            for now in (0..40_000).step_by(visits) {
                for _ in 0..rotation.due(now) {
                    keys = [keys[1], keys[1] + 1];
                }
                rotation = Rotation::new(now);
                for (made, key) in &tickets {
                    let age = now - made;
                    assert!(!keys.contains(key) || age < 7200, "{made} resumes at {now}");
                    assert!(keys.contains(key) || age >= 3600, "{made} does not resume at {now}");
                }
                tickets.push((now, keys[1]));
            }
        }
    }

    #[test]
    fn a_clock_that_goes_back_replaces_nothing() {
        assert_eq!(Rotation::new(9000).due(0), 0);
    }
}
