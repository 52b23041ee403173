//! The provisioning image against Espressif's own tool: `esp-secure-cert-tool` 2.6.1 from PyPI.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use esp_https::device::provisioning::{Inputs, ProvisioningImage};
use esp_https_provision::{Image, LegacyClients, Limits, PARTITION_BYTES, Settings, Wifi};
use tempfile::TempDir;

/// Algorithms as `openssl genpkey` names them, each with its option.
const ALGORITHMS: [(&str, &str); 3] =
    [("RSA", "rsa_keygen_bits:2048"), ("EC", "ec_paramgen_curve:P-256"), ("EC", "ec_paramgen_curve:P-384")];

#[test]
fn the_image_is_the_tools_byte_for_byte() {
    let Some(bench) = Bench::new() else { return };
    for (algorithm, option) in ALGORITHMS {
        for form in ["PEM", "DER"] {
            let (certificate, key) = bench.certificate(algorithm, option, form);
            let (ca, _) = bench.certificate("EC", "ec_paramgen_curve:P-256", form);
            for client_ca in [None, Some(ca.as_path())] {
                let inputs = Inputs { certificate: &certificate, key: &key, client_ca, settings: None };
                let image = ProvisioningImage::build(&inputs).expect("an image");
                let theirs = bench.tool_image(&inputs);
                let with_ca = client_ca.is_some();
                assert!(used(&image) == theirs, "{algorithm} {option} {form}, client CA: {with_ca}");
            }
        }
    }
}

#[test]
fn the_image_is_the_tools_with_settings_and_keys_of_every_form() {
    let Some(bench) = Bench::new() else { return };
    for (algorithm, option) in ALGORITHMS {
        let (certificate, key) = bench.certificate(algorithm, option, "PEM");
        for (name, args) in [
            ("traditional.pem", ["pkey", "-traditional", "-outform", "PEM"].as_slice()),
            ("traditional.der", &["pkey", "-traditional", "-outform", "DER"]),
            ("pkcs8.der", &["pkcs8", "-topk8", "-nocrypt", "-outform", "DER"]),
        ] {
            let converted = bench.path(name);
            bench.openssl(args, &["-in".as_ref(), key.as_ref(), "-out".as_ref(), converted.as_ref()]);
            let settings = settings();
            let inputs = Inputs {
                certificate: &certificate,
                key: &converted,
                client_ca: None,
                settings: Some(&settings),
            };
            let image = ProvisioningImage::build(&inputs).expect("an image");
            assert!(used(&image) == bench.tool_image(&inputs), "{algorithm} {option} {name}");
        }
    }
}

#[test]
fn the_tool_reads_our_image_back() {
    let Some(bench) = Bench::new() else { return };
    let (certificate, key) = bench.certificate("RSA", "rsa_keygen_bits:2048", "PEM");
    let (ca, _) = bench.certificate("EC", "ec_paramgen_curve:P-256", "PEM");
    let settings = settings();
    let inputs =
        Inputs { certificate: &certificate, key: &key, client_ca: Some(&ca), settings: Some(&settings) };
    let image = ProvisioningImage::build(&inputs).expect("an image");

    let file = bench.path("ours.bin");
    fs::write(&file, image.bytes()).expect("a file");
    bench.tool(&["--parse_bin".as_ref(), file.as_ref()]);

    let read_back = |name: &str| fs::read(bench.path("esp_secure_cert_parsed_data").join(name)).expect(name);
    assert_eq!(read_back("contents/devcert_1_0.pem"), fs::read(&certificate).expect("the certificate"));
    assert_eq!(read_back("contents/cacert_0_0.pem"), fs::read(&ca).expect("the CA"));
    let traditional = bench.openssl(&["pkey", "-traditional"], &["-in".as_ref(), key.as_ref()]).stdout;
    assert!(read_back("contents/privkey_2_0.pem") == traditional, "the key is another one");
    let entries = String::from_utf8(read_back("tlv_entries_raw.txt")).expect("text");
    assert_eq!(entries.matches("VALID").count(), 5, "{entries}");
    assert_eq!(entries.matches("INVALID").count(), 0, "{entries}");
    let csv = String::from_utf8(read_back("esp_secure_cert_parsed.csv")).expect("text");
    assert!(csv.contains("ESP_SECURE_CERT_USER_DATA_1_TLV,0,"), "{csv}");
}

#[test]
fn the_device_reads_the_tools_image() {
    let Some(bench) = Bench::new() else { return };
    let (certificate, key) = bench.certificate("EC", "ec_paramgen_curve:P-256", "PEM");
    let inputs =
        Inputs { certificate: &certificate, key: &key, client_ca: Some(&certificate), settings: None };
    let mut partition = vec![0xFF; PARTITION_BYTES];
    let theirs = bench.tool_image(&inputs);
    partition[..theirs.len()].copy_from_slice(&theirs);

    let image = Image::parse(&partition).expect("an image");
    assert_eq!(image.settings, Settings::default());
    let pem = fs::read(&certificate).expect("the certificate");
    assert_eq!(image.certificate.to_bytes().strip_suffix(b"\0"), Some(pem.as_slice()));
    assert_eq!(image.client_ca, Some(image.certificate));

    // Theirs again, with a second integrity entry and the end marker that this option leaves behind.
    let file = bench.path("theirs.bin");
    fs::write(&file, &theirs).expect("a file");
    bench.tool(&["--append-integrity".as_ref(), file.as_ref()]);
    let appended = fs::read(&file).expect("the file");
    assert!(appended.len() > theirs.len());
    partition[..appended.len()].copy_from_slice(&appended);
    assert_eq!(Image::parse(&partition).map(|image| image.certificate.to_bytes().len()), Ok(pem.len() + 1));
}

fn settings() -> Settings {
    Settings {
        hostname: "kitchen-light".parse().expect("a host name"),
        wifi: Some(Wifi {
            ssid: "attic".parse().expect("a network name"),
            password: Some("correct horse".parse().expect("a password")),
        }),
        limits: Limits { max_header: 1024, ..Limits::default() },
        legacy_clients: LegacyClients::Served,
    }
}

fn used(image: &ProvisioningImage) -> &[u8] {
    &image.bytes()[..image.used_bytes()]
}

/// A folder with the tools that fill it.
struct Bench {
    folder: TempDir,
    openssl: PathBuf,
    python: PathBuf,
    script: PathBuf,
}

impl Bench {
    fn new() -> Option<Self> {
        let openssl = support::require("openssl", "apt-get install openssl")?;
        let python = support::require_python("esp_secure_cert")?;
        let scripts = "import sysconfig; print(sysconfig.get_path('scripts'), end='')";
        let scripts = succeed(Command::new(&python).args(["-c", scripts])).stdout;
        let script = Path::new(std::str::from_utf8(&scripts).expect("a path")).join(TOOL);
        Some(Self { folder: TempDir::new().expect("a folder"), openssl, python, script })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A self-signed certificate and its key, made by openssl in files of their own.
    fn certificate(&self, algorithm: &str, option: &str, form: &str) -> (PathBuf, PathBuf) {
        let name = format!("{}-{form}", option.replace(':', "-"));
        let (certificate, key) = (self.path(&format!("{name}-cert")), self.path(&format!("{name}-key")));
        self.openssl(
            &["genpkey", "-algorithm", algorithm, "-pkeyopt", option, "-outform", form],
            &["-out".as_ref(), key.as_ref()],
        );
        self.openssl(
            &["req", "-x509", "-days", "30", "-subj", "/CN=oracle", "-outform", form, "-keyform", form],
            &["-key".as_ref(), key.as_ref(), "-out".as_ref(), certificate.as_ref()],
        );
        (certificate, key)
    }

    /// What Espressif's tool makes of the same files, and of the settings' bytes as user data.
    fn tool_image(&self, inputs: &Inputs<'_>) -> Vec<u8> {
        let mut args: Vec<&Path> =
            vec!["--skip_flash".as_ref(), "--target_chip".as_ref(), "esp32c3".as_ref()];
        args.extend(["--device-cert".as_ref(), inputs.certificate, "--private-key".as_ref(), inputs.key]);
        if let Some(ca) = inputs.client_ca {
            args.extend(["--ca-cert".as_ref(), ca]);
        }
        let csv = self.path("settings.csv");
        if let Some(settings) = inputs.settings {
            fs::write(&csv, settings_csv(settings)).expect("a file");
            args.extend(["--esp_secure_cert_csv".as_ref(), csv.as_path()]);
        }
        self.tool(&args);
        fs::read(self.path("esp_secure_cert_data/esp_secure_cert.bin")).expect("the tool's image")
    }

    fn tool(&self, args: &[&Path]) -> Output {
        succeed(Command::new(&self.python).arg(&self.script).args(args).current_dir(&self.folder))
    }

    fn openssl(&self, args: &[&str], paths: &[&Path]) -> Output {
        succeed(Command::new(&self.openssl).args(args).args(paths))
    }
}

/// The settings as the postcard encoding says they are, by hand: nothing of ours makes these bytes.
fn settings_csv(settings: &Settings) -> String {
    let mut bytes = vec![2];
    let text = |text: &str| {
        let mut field = vec![u8::try_from(text.len()).expect("a short text")];
        field.extend(text.as_bytes());
        field
    };
    bytes.extend(text(settings.hostname.as_str()));
    let wifi = settings.wifi.as_ref().expect("Wi-Fi settings");
    bytes.push(1);
    bytes.extend(text(wifi.ssid.as_str()));
    bytes.push(1);
    bytes.extend(text(wifi.password.as_ref().expect("a password").expose()));
    let limits = settings.limits;
    for limit in [limits.max_header, limits.max_uri, limits.max_body] {
        varint(limit.into(), &mut bytes);
    }
    for limit in [limits.handshake_timeout_ms, limits.request_timeout_ms, limits.idle_timeout_ms] {
        varint(limit, &mut bytes);
    }
    bytes.push(u8::from(settings.legacy_clients == LegacyClients::Served));
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!(
        "tlv_type,tlv_subtype,data_value,data_type,priv_key_type,algorithm,key_size,efuse_id,efuse_key\n\
         ESP_SECURE_CERT_USER_DATA_1_TLV,0,{hex},hex,,,,,\n"
    )
}

/// Seven bits a byte, least significant first, the top bit set on all but the last.
fn varint(mut value: u32, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push((value & 0x7F) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn succeed(command: &mut Command) -> Output {
    let output = command.output().expect("a program that runs");
    assert!(output.status.success(), "{command:?}\n{}", String::from_utf8_lossy(&output.stderr));
    output
}

const TOOL: &str = "configure_esp_secure_cert.py";
