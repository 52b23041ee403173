//! Codes of `man` and `completions`.

super::codes! {
    "Manual pages and completion (`man`, `completions`)"

    MAN_TEXT = "man.text", Bug,
        "A manual page or a script for a shell can't be made.",
        "Please report it.";
    MAN_UNKNOWN_PAGE = "man.unknown_page", Usage,
        "There is no command of that name, and so no manual page.",
        "Take one of those that `esp-https man --list` prints.";
}
