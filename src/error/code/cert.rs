//! Codes of certificates and keys that are made, stored or read.

super::codes! {
    "Certificates and keys: making, storing and reading them"

    CERT_BAD_COMMON_NAME = "cert.bad_common_name", Usage,
        "The name of `--cn` can't be in a certificate.",
        "Give 1 to 64 characters.";
    CERT_BAD_DAYS = "cert.bad_days", Usage,
        "The certificate can't be valid for as many days as `--days` says.",
        "Give a number of days within the limits that the message names.";
    CERT_BAD_KEY = "cert.bad_key", Usage,
        "The private key in the file is damaged, or of a kind that is not supported.",
        "Use an RSA key from 2048 bits on, or one on P-256 or P-384; `esp-https certgen` makes such keys.";
    CERT_BAD_SAN = "cert.bad_san", Usage,
        "A name of `--san` is not written as the name of a server.",
        "Write it as `dns:esp32.local` or `ip:192.168.1.7`.";
    CERT_DAMAGED = "cert.damaged", Usage,
        "The certificate or the key in the file is damaged.",
        "Copy the file again from where it came from, or make a new pair: `esp-https certgen`.";
    CERT_FILE_EXISTS = "cert.file_exists", Usage,
        "There is already a certificate or a key where the new one would be written.",
        "Replace it with `--force`, or name another folder with `--out-dir`.";
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
    CERT_NOT_A_FILE = "cert.not_a_file", Usage,
        "There is a device, a pipe or a socket where the certificate or the key would be written.",
        "Name another folder with `--out-dir`.";
    CERT_NOT_A_FOLDER = "cert.not_a_folder", Usage,
        "There is a file, and not a folder, where `--out-dir` points to.",
        "Name a folder with `--out-dir`.";
    CERT_NOT_PEM = "cert.not_pem", Usage,
        "The file has binary DER in it instead of PEM.",
        "Convert it with the openssl command in the message.";
    CERT_TOO_LARGE = "cert.too_large", Usage,
        "The file is far larger than any certificate or key.",
        "Check the path, and name a PEM file.";
    CERT_UNREADABLE = "cert.unreadable", Usage,
        "The file of a certificate or key can't be opened or read.",
        "Check the path; `esp-https certgen` makes a certificate and its key.";
    CERT_UNWRITABLE = "cert.unwritable", Environment,
        "The certificate or the key can't be written.",
        "Name a folder that you may write to with `--out-dir`.";
}
