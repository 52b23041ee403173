//! Codes of the folder with a site.

super::codes! {
    "The folder with a site (`--site`)"

    SITE_CHANGED = "site.changed", Usage,
        "A file in the folder was replaced, or became longer or shorter, while the folder was packed.",
        "Run the command again when nothing writes to the folder.";
    SITE_FILE = "site.file", Usage,
        "The folder, or a file in it, can't be read, or is no regular file.",
        "Check the path and its permissions.";
    SITE_LINK = "site.link", Usage,
        "A symbolic link in the folder leads out of it, to a folder, or nowhere.",
        "Put a copy in the place of the link.";
    SITE_NAME = "site.name", Usage,
        "A file or a folder has a name that can't be a part of a URL's path here: it is not UTF-8, has control characters, is too long, or differs from another one in upper and lower case only.",
        "Rename it.";
    SITE_PRIVATE_KEY = "site.private_key", Usage,
        "A file in the folder has a private key in it (PEM), which everybody could fetch from the board.",
        "Keep the key in another folder.";
    SITE_TOO_LARGE = "site.too_large", Usage,
        "The files do not fit into the board's `site` partition.",
        "Make the files that the message names smaller, or leave some out: a name that begins with a dot does.";
}
