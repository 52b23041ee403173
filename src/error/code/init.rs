//! Codes of `init`.

super::codes! {
    "Writing the files of a template (`init`)"

    INIT_PARAMETER = "init.parameter", Usage,
        "A `--set` is not of the form NAME=VALUE, names a parameter that the template does not have, or has a value with characters that can't be written into its files.",
        "Write it as the message shows.";
    INIT_TEMPLATE = "init.template", Bug,
        "A template that is inside the program can't be used.",
        "Please report it.";
    INIT_UNKNOWN_TEMPLATE = "init.unknown_template", Usage,
        "There is no template of that name.",
        "Take one of those that `esp-https init` lists.";
}
