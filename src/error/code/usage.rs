//! Codes of a command line that can't be read.

super::codes! {
    "The command line"

    USAGE_COMMAND_LINE = "usage.command_line", Usage,
        "The command line can't be read.",
        "Read the usage that is printed with the error, or `esp-https --help`.";
    USAGE_PRIVATE_KEY = "usage.private_key", Usage,
        "A private key is on the command line, or in a variable, where another value is expected.",
        "Write the key to a file that only you can read, and name that file.";
}
