//! What is refused before it is written, held against what the emulated board refuses: both ways.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Mutex,
    thread,
};

use esp_https::device::{
    machine::{Clock, Machine},
    provisioning::{Inputs, ProvisioningError, ProvisioningImage},
    ready::Line,
};
use esp_https_provision::{Contents, EMULATED_ADDRESS, PARTITION_BYTES, Payload, write_image};
use support::{Running, certificates::Folder, openssl};

use crate::{
    board::Board,
    certificate_cases::{CASES, Case, KEYS, Place, Taken},
};

/// Boots a board with each certificate; two at a time, since a board has a processor to itself while it starts.
#[test]
fn a_board_refuses_exactly_what_is_refused_before_it_is_written() {
    let Some(firmware) = firmware() else { return };
    let folder = Folder::new();
    make_keys(&folder);
    CASES.iter().for_each(|case| make(&folder, case));
    CASES.iter().for_each(|case| put_behind(&folder, case));
    let (queue, odd) = (Mutex::new(CASES.iter()), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let Some(case) = queue.lock().unwrap().next() else { return };
                    let (expected, said) = preflight(&folder, case);
                    let (found, told) = board(&folder, case, &firmware);
                    let is_refused = expected == Taken::No;
                    if is_refused != (found != Taken::Yes) || found != case.taken {
                        odd.lock().unwrap().push(format!(
                            "{}: {:?} expected, {found:?} found: {told}; before it is written: {said}",
                            case.name, case.taken
                        ));
                    }
                }
            });
        }
    });
    let odd = odd.into_inner().unwrap();
    assert!(odd.is_empty(), "{}", odd.join("\n"));
}

/// The emulated board's firmware, as `emulate` finds it.
fn firmware() -> Option<PathBuf> {
    let board = Board::new(&[])?;
    board.document()["result"]["firmware"]["elf"].as_str().map(PathBuf::from)
}

fn make_keys(folder: &Folder) {
    for (name, arguments) in KEYS {
        let file = key(name);
        let arguments: Vec<&str> = arguments.split(' ').chain(["-out", &file]).collect();
        openssl(folder.as_ref(), &arguments);
    }
}

fn key(name: &str) -> String {
    format!("key-{name}.pem")
}

fn file(name: &str) -> String {
    format!("{}.pem", name.replace([' ', '/'], "-"))
}

/// Makes the certificate of a case, without what is behind it.
fn make(folder: &Folder, case: &Case) {
    let der = format!("{}.der", file(case.name));
    let config = format!("[req]\ndistinguished_name=dn\n[dn]\n[ext]\n{}\n", case.extensions);
    fs::write(folder.path("openssl.cnf"), config).unwrap();
    let key = key(case.key);
    let subject = ["req", "-new", "-config", "openssl.cnf", "-key", &key, "-subj", case.subject];
    let options: Vec<&str> = case.options.split_whitespace().collect();
    match case.issuer {
        None => {
            let mut made = vec!["-x509", "-outform", "DER", "-out", &der];
            if !case.extensions.is_empty() {
                made.extend(["-extensions", "ext"]);
            }
            openssl(folder.as_ref(), &[&subject[..], &made, &options].concat());
        }
        Some(issuer) => {
            let issuer = make_issuer(folder, issuer);
            openssl(folder.as_ref(), &[&subject[..], &["-out", "csr.pem"]].concat());
            let mut made = vec!["x509", "-req", "-in", "csr.pem", "-CA", &issuer.0, "-CAkey", &issuer.1];
            made.extend(["-CAcreateserial", "-outform", "DER", "-out", &der]);
            if !case.extensions.is_empty() {
                made.extend(["-extfile", "openssl.cnf", "-extensions", "ext"]);
            }
            openssl(folder.as_ref(), &[&made[..], &options].concat());
        }
    }
    let mut bytes = hex(&fs::read(folder.path(&der)).unwrap());
    for (old, new) in case.patches {
        assert!(bytes.contains(old), "{}: nothing to patch", case.name);
        bytes = bytes.replace(old, new);
    }
    fs::write(folder.path(&file(case.name)), pem(&bytes)).unwrap();
}

/// The certificate and the key of a CA.
fn make_issuer(folder: &Folder, kind: &str) -> (String, String) {
    let (certificate, key) = (format!("issuer-{kind}.pem"), key(kind));
    let made = ["req", "-x509", "-new", "-key", &key, "-subj", "/CN=issuer", "-out", &certificate];
    openssl(folder.as_ref(), &made);
    (certificate, key)
}

fn put_behind(folder: &Folder, case: &Case) {
    let path = folder.path(&file(case.name));
    let own = fs::read_to_string(&path).unwrap();
    let behind = case.behind.iter().map(|name| fs::read_to_string(folder.path(&file(name))).unwrap());
    fs::write(&path, std::iter::once(own).chain(behind).collect::<String>()).unwrap();
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn pem(hex: &str) -> String {
    let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    let der: Vec<u8> = (0..hex.len()).step_by(2).map(byte).collect();
    pem_rfc7468::encode_string("CERTIFICATE", pem_rfc7468::LineEnding::LF, &der).unwrap()
}

/// The three files that a board gets.
fn files(folder: &Folder, case: &Case) -> (PathBuf, PathBuf, Option<PathBuf>) {
    let own = folder.path(&file(case.name));
    match case.place {
        Place::Device => (own, folder.path(&key(case.key)), None),
        Place::ClientCa => (folder.path(&file("plain")), folder.path(&key("p256")), Some(own)),
    }
}

/// What `flash`, `emulate` and `hil` do with it.
fn preflight(folder: &Folder, case: &Case) -> (Taken, String) {
    let (certificate, key, client_ca) = files(folder, case);
    let inputs =
        Inputs { certificate: &certificate, key: &key, client_ca: client_ca.as_deref(), settings: None };
    match ProvisioningImage::build(&inputs) {
        Ok(_) => (Taken::Yes, String::new()),
        Err(error @ ProvisioningError::Certificate { .. }) => (Taken::No, error.to_string()),
        // Another reason would hide what this test is about.
        Err(error) => panic!("{}: {error}", case.name),
    }
}

/// What the emulated board does with it, which gets it whatever is thought of it before.
fn board(folder: &Folder, case: &Case, firmware: &Path) -> (Taken, String) {
    let (certificate, key, client_ca) = files(folder, case);
    let read = |path: &Path| std::ffi::CString::new(fs::read(path).unwrap()).unwrap();
    let (certificate, key, client_ca) = (read(&certificate), read(&key), client_ca.as_deref().map(read));
    let contents = Contents {
        certificate: Payload::Pem(&certificate),
        key: Payload::Pem(&key),
        client_ca: client_ca.as_deref().map(Payload::Pem),
        settings: None,
    };
    let mut bytes = Box::new([0xff; PARTITION_BYTES]);
    write_image(&contents, &mut bytes).unwrap();
    let image = folder.path(&format!("{}.bin", file(case.name)));
    fs::write(&image, *bytes).unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let qemu = "qemu-system-riscv32".into();
    let machine = Machine { qemu, elf: firmware.to_owned(), port, clock: Clock::Host };
    let mut command = Command::new(&machine.qemu);
    command.args(machine.arguments(&image, EMULATED_ADDRESS)).stdin(Stdio::null());
    let mut board = Running::start(command.stdout(Stdio::piped()).stderr(Stdio::inherit()));
    for line in BufReader::new(board.stdout.take().unwrap()).lines() {
        match Line::parse(&line.unwrap()) {
            Line::Fault(fault) => return (Taken::No, fault.reason),
            Line::Ready(_) if case.place == Place::ClientCa || serves(port) => {
                return (Taken::Yes, String::new());
            }
            Line::Ready(_) => return (Taken::Never, "no handshake succeeds".to_owned()),
            _ => {}
        }
    }
    panic!("{}: QEMU has ended", case.name);
}

fn serves(port: u16) -> bool {
    let mut client = Command::new("openssl");
    let address = format!("127.0.0.1:{port}");
    client.args(["s_client", "-brief", "-cipher", "DEFAULT@SECLEVEL=0", "-connect", &address]);
    client.stdin(Stdio::null()).output().unwrap().status.success()
}
