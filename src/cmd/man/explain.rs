//! What `man`'s errors mean to the person who asked, and what to try.

use std::io;

use crate::error::{Code, Error, Fault};

/// A name that is no command's.
pub(super) fn unknown(name: &str, pages: &[String]) -> Error {
    let what = format!("there is no command {name:?}");
    Error::new(Fault::Usage, Code::MAN_UNKNOWN_PAGE, "looking for a manual page", what)
        .hint(format!("these are the pages: {}", pages.join(", ")))
}

/// A page that can't be made: a bug.
pub(super) fn unmade(error: &io::Error) -> Error {
    Error::new(Fault::Bug, Code::MAN_TEXT, "making a manual page", error.to_string())
        .hint("please report this")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_page_names_those_that_there_are() {
        let pages = ["esp-https".to_owned(), "esp-https-probe".to_owned()];
        insta::assert_snapshot!(unknown("prob", &pages).told(), @r#"
        2 man.unknown_page: looking for a manual page: there is no command "prob"
          try: these are the pages: esp-https, esp-https-probe
        "#);
    }

    #[test]
    fn a_page_that_can_t_be_made_is_a_bug() {
        let error = unmade(&io::Error::other("no"));
        assert_eq!((error.fault, error.code), (Fault::Bug, Code::MAN_TEXT));
    }
}
