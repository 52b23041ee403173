//! Ids of questions as people write them, in policies for example.

use std::str::FromStr;

use super::{
    item::{ItemId, Measure, Subject},
    questions::subjects,
};

/// The id of a question whose answer has a number of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct BytesId(pub(crate) ItemId);

/// A text that is no id of a question whose answer has a number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no question with a number has this id: the ids are {}", with_numbers().map(|it| it.id.text()).collect::<Vec<_>>().join(", "))]
pub struct NoNumber;

fn with_numbers() -> impl Iterator<Item = Subject> {
    subjects().into_iter().filter(|subject| subject.measure == Measure::Bytes)
}

impl FromStr for BytesId {
    type Err = NoNumber;

    fn from_str(text: &str) -> Result<Self, NoNumber> {
        with_numbers().map(|subject| subject.id).find(|id| id.text() == text).map(Self).ok_or(NoNumber)
    }
}

/// A text that is no question's id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no question has this id: the ids are {}", subjects().iter().map(|it| it.id.text()).collect::<Vec<_>>().join(", "))]
pub struct UnknownItem;

impl FromStr for ItemId {
    type Err = UnknownItem;

    fn from_str(text: &str) -> Result<Self, UnknownItem> {
        subjects().iter().map(|subject| subject.id).find(|id| id.text() == text).ok_or(UnknownItem)
    }
}
