//! Codes of the files that a command writes.

super::codes! {
    "Files that a command writes"

    OUTPUT_EXISTS = "output.exists", Usage,
        "The file exists already.",
        "Replace it with `--force`, or choose another name.";
    OUTPUT_HOLDS_PEM = "output.holds_pem", Usage,
        "A certificate or a private key is in the file that would be replaced.",
        "Choose another name, or remove the file if it is not needed any more.";
    OUTPUT_INTERRUPTED = "output.interrupted", Interrupted,
        "A signal ended the wait for a reader of the output.",
        "Run the command again, with a reader.";
    OUTPUT_IS_DISK = "output.is_disk", Usage,
        "The output is a disk, and what is on it would be lost.",
        "Name a file; boards are written by `flash --port`.";
    OUTPUT_IS_FOLDER = "output.is_folder", Usage,
        "The output is a folder.",
        "Name a file in it.";
    OUTPUT_JUNIT = "output.junit", Bug,
        "The JUnit file could not be made.",
        "Please report it.";
    OUTPUT_SAME_FILE = "output.same_file", Usage,
        "The output is a file that the same command reads or writes elsewhere.",
        "Choose another name for it.";
    OUTPUT_TERMINAL = "output.terminal", Usage,
        "The output is not text, and standard output is a terminal.",
        "Name a file, or redirect standard output to a file or a program.";
    OUTPUT_UNWRITABLE = "output.unwritable", Usage,
        "The output can't be written.",
        "Choose a file in a folder that exists and that you may write to.";
    OUTPUT_WRITE = "output.write", Environment,
        "The output could not be written when it was ready.",
        "Free some space where it is to be written, or choose another place.";
}
