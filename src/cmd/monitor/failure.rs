//! Why monitoring ended other than as asked.

use std::{io, time::Duration};

use crate::device::{
    serial::{link::OpenError, lock::LockError, log::SerialLogError},
    watch::StartFailure,
};

/// Why monitoring ended other than as asked.
pub(super) enum MonitorFailure {
    /// Not one byte came.
    Nothing,
    /// A thread of ours panicked.
    Lost,
    Lock(LockError),
    Open(OpenError),
    Reset(io::Error),
    Log(SerialLogError),
    NotServing {
        trouble: StartFailure,
        waited: Duration,
    },
}
