//! Codes of certificates and keys that are made, stored or read.

super::codes! {
    "Certificates and keys: making, storing and reading them"

    CERT_BAD_COMMON_NAME = "cert.bad_common_name", Usage,
        "The name of `--cn`, of `--client` or of a CA can't be in a certificate.",
        "Give 1 to 64 characters.";
    CERT_BAD_DAYS = "cert.bad_days", Usage,
        "The certificate can't be valid for as many days as `--days` says.",
        "Give a number of days within the limits that the message names.";
    CERT_BAD_KEY = "cert.bad_key", Usage,
        "The private key in the file is damaged, or of a kind that is not supported.",
        "Use an RSA key from 2048 bits on, or one on P-256 or P-384; `esp-https certgen` makes such keys.";
    CERT_BAD_PASSPHRASE = "cert.bad_passphrase", Usage,
        "What the file of a passphrase has in it can't be one.",
        "Write the passphrase into the file: one line of text, with no tab in it.";
    CERT_BAD_SAN = "cert.bad_san", Usage,
        "A name of `--san` is not written as the name of a server.",
        "Write it as `esp32.local` or `192.168.1.7`, or with its kind, as in `dns:esp32.local`.";
    CERT_BEYOND_CA = "cert.beyond_ca", Usage,
        "The certificate would be valid for longer than the CA that issues it, and clients would refuse it after that.",
        "Give fewer `--days`, or leave them out: the certificate then ends with the CA at the latest.";
    CERT_BOOK_OF_A_CA = "cert.book_of_a_ca", Usage,
        "The book's profile was asked for, and a CA to issue the certificate.",
        "Leave out `--profile`: what a CA issues has the profile of a server.";
    CERT_CA_EXPIRED = "cert.ca_expired", Usage,
        "The CA has expired, expires within a day, or is not valid yet by this machine's clock.",
        "Check the clock; if it is right, make a new CA with `esp-https certgen ca --force`, and trust that one.";
    CERT_CA_EXPOSED = "cert.ca_exposed", Usage,
        "Others than its owner can read the folder or the key of the CA.",
        "Run the `chmod` of the message; if others may have read the key, make a new CA.";
    CERT_CA_MISSING = "cert.ca_missing", Usage,
        "There is no CA in the folder.",
        "Make one with `esp-https certgen ca`, or name its folder with `--ca`.";
    CERT_CA_NO_HOME = "cert.ca_no_home", Environment,
        "Nothing says where the data of this user is, in which the CA is kept.",
        "Name the folder of the CA: `esp-https certgen ca --dir DIR`, then `--ca DIR`.";
    CERT_CLOCK = "cert.clock", Environment,
        "This machine's clock is wrong, and the dates of certificates would be.",
        "Set the clock: certificates with such dates would not be valid.";
    CERT_DAMAGED = "cert.damaged", Usage,
        "The certificate or the key in the file is damaged.",
        "Copy the file again from where it came from, or make a new pair: `esp-https certgen`.";
    CERT_DUE = "cert.due", Finding,
        "`certgen renew --check` has found a certificate that expires soon, or has expired.",
        "Renew it: `esp-https certgen renew` without `--check`, with the same files.";
    CERT_FILE_EXISTS = "cert.file_exists", Usage,
        "There is already a certificate or a key where the new one would be written.",
        "Replace it with `--force`, or name another folder with `--out-dir`.";
    CERT_FLEET = "cert.fleet", Usage,
        "The list of boards can't be read, or a row of it is wrong.",
        "Give a CSV file with a column `mac`; `cert`, `key` and `hostname` are filled in, `names` has more names.";
    CERT_FLEET_STOPPED = "cert.fleet_stopped", Interrupted,
        "A signal ended `certgen fleet` before all boards were done; those that are done are complete.",
        "Run the command again: it goes on where it stopped.";
    CERT_GENERATE = "cert.generate", Bug,
        "A certificate or a key could not be made.",
        "Run it again; if it happens again, please report it.";
    CERT_HALF_A_PAIR = "cert.half_a_pair", Usage,
        "Only one of the certificate and its private key is in the folder.",
        "Name both with `--cert` and `--key`, or make a new pair with `certgen --force`.";
    CERT_INTERRUPTED = "cert.interrupted", Interrupted,
        "A signal ended the command while it generated a key; nothing was written.",
        "Run the command again.";
    CERT_IS_FOLDER = "cert.is_folder", Usage,
        "There is a folder where the certificate or the key would be written.",
        "Name another folder with `--out-dir`.";
    CERT_KEY_ENCRYPTED = "cert.key_encrypted", Usage,
        "The private key in the file is encrypted with a password.",
        "Decrypt it first with the openssl command in the message.";
    CERT_KEY_MISMATCH = "cert.key_mismatch", Usage,
        "The private key does not belong to the certificate.",
        "Name the two files that were made together, or make a new pair: `esp-https certgen`.";
    CERT_LOCKED = "cert.locked", Environment,
        "Another certgen is writing to the same folder, and did not end in time.",
        "Wait until the other program has ended, or name another folder with `--out-dir`.";
    CERT_NO_CERTIFICATE = "cert.no_certificate", Usage,
        "There is no certificate in the file.",
        "Name a file with -----BEGIN CERTIFICATE----- in it.";
    CERT_NO_FOLDER = "cert.no_folder", Usage,
        "Neither the folder of `--out-dir` nor the folder above it exists.",
        "Make the folder above it first, or check the spelling.";
    CERT_NO_KEY = "cert.no_key", Usage,
        "There is no private key in the file that can be used.",
        "Name a file with -----BEGIN PRIVATE KEY----- in it.";
    CERT_NO_PASSPHRASE = "cert.no_passphrase", Usage,
        "The CA's key needs a passphrase, and none is given that can be read.",
        "Name a file with it by `--passphrase-file`, where `-` is standard input.";
    CERT_NOT_A_CA = "cert.not_a_ca", Usage,
        "The certificate in the folder is not that of a CA that may issue others.",
        "Name the folder of a CA with `--ca`; `esp-https certgen ca` makes one.";
    CERT_NOT_A_FILE = "cert.not_a_file", Usage,
        "There is a device, a pipe or a socket where the certificate or the key would be written.",
        "Name another folder with `--out-dir`.";
    CERT_NOT_A_FOLDER = "cert.not_a_folder", Usage,
        "There is a file, and not a folder, where `--out-dir` points to.",
        "Name a folder with `--out-dir`.";
    CERT_NOT_INSPECTABLE = "cert.not_inspectable", Usage,
        "There is nothing in the file that `certgen inspect` can describe, or it is damaged.",
        "Name a file with a certificate, a key, a request or the image of a board's partition.";
    CERT_NOT_PEM = "cert.not_pem", Usage,
        "The file has binary DER in it instead of PEM.",
        "Convert it with the openssl command in the message.";
    CERT_NOT_RENEWABLE = "cert.not_renewable", Usage,
        "The certificate is not one that `certgen` makes, so a new one would not be the same.",
        "Renew it where it was made, or make another: `esp-https certgen --ca`.";
    CERT_OTHER_CA = "cert.other_ca", Usage,
        "Another CA has issued the certificate than the one that is to renew it.",
        "Name the folder of its own CA with `--ca`.";
    CERT_TOO_LARGE = "cert.too_large", Usage,
        "The file is far larger than any certificate or key.",
        "Check the path, and name a PEM file.";
    CERT_UNREADABLE = "cert.unreadable", Usage,
        "The file of a certificate or key can't be opened or read.",
        "Check the path; `esp-https certgen` makes a certificate and its key.";
    CERT_UNWRITABLE = "cert.unwritable", Environment,
        "The certificate or the key can't be written.",
        "Name a folder that you may write to with `--out-dir`.";
    CERT_WRONG_PASSPHRASE = "cert.wrong_passphrase", Usage,
        "The passphrase does not open the CA's key.",
        "Try again; a passphrase that is lost can't be found out, and a new CA has to be made.";
}
