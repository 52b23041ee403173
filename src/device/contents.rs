//! What is inside this binary, as data: the firmware's sources and images, and whose code they contain.

use super::{
    bundle::Bundle,
    chip,
    prebuilt::{PrebuiltImage, PrebuiltImages},
};

/// What is inside this binary.
#[derive(Debug, Clone)]
pub struct Contents {
    /// The version of esp-https.
    pub version: &'static str,
    /// The hash of the firmware's sources; `None` in a binary without them.
    pub sources: Option<String>,
    /// The images, and what compiled them.
    pub images: &'static [PrebuiltImage],
    /// The compiler of the images.
    pub rustc: &'static str,
    /// What others wrote, of which a part is in the binary, in the firmware or on a flashed board.
    pub parts: Vec<Part>,
}

/// Something that others wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What it is.
    pub name: &'static str,
    /// Its version, and the package that it comes in.
    pub version: String,
    /// Its licence, as SPDX has it.
    pub licence: &'static str,
}

impl Contents {
    /// Those of this binary.
    #[must_use]
    pub fn of_this_binary() -> Self {
        let sources = Bundle::FIRMWARE;
        Self {
            version: env!("CARGO_PKG_VERSION"),
            sources: (!sources.is_empty()).then(|| sources.hash()),
            images: PrebuiltImages::FIRMWARE.of(sources),
            rustc: PrebuiltImages::FIRMWARE.rustc,
            parts: parts(sources),
        }
    }
}

fn parts(sources: Bundle) -> Vec<Part> {
    let package = |name: &str| match sources.locked_version(name) {
        Some(version) => format!("{name} {version}"),
        None => format!("{name}, as cargo chooses it"),
    };
    let mbedtls = package(MBEDTLS_PACKAGE);
    let mbedtls_version = if mbedtls.ends_with(MBEDTLS_PACKAGE_VERSION) { MBEDTLS_VERSION } else { "3.6" };
    vec![
        Part {
            name: "Mbed TLS",
            version: format!("{mbedtls_version}, in {mbedtls}"),
            licence: "Apache-2.0 OR GPL-2.0-or-later",
        },
        Part {
            name: "Espressif's libraries for Wi-Fi and radio",
            version: package(&format!("esp-wifi-sys-{}", chip::DEFAULT.id)),
            licence: "MIT OR Apache-2.0",
        },
        Part {
            name: "ESP-IDF's bootloader, and the stub of the flasher",
            version: format!("espflash {ESPFLASH_VERSION}"),
            licence: "Apache-2.0; the stub: MIT OR Apache-2.0",
        },
        Part {
            name: "other packages",
            version: "the two files Cargo.lock name them".to_owned(),
            licence: "MIT, Apache-2.0, BSD, ISC and the like",
        },
    ]
}

const MBEDTLS_PACKAGE: &str = "mbedtls-rs-sys";
/// The package's version with this [`MBEDTLS_VERSION`], `MBEDTLS_VERSION_STRING` in its `mbedtls/include/mbedtls/build_info.h`.
const MBEDTLS_PACKAGE_VERSION: &str = " 0.3.1";
const MBEDTLS_VERSION: &str = "3.6.5";
/// espflash has the bootloader and the stub among its resources.
const ESPFLASH_VERSION: &str = "4.7.0";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::bundle::locked_version;

    #[test]
    fn versions_are_those_that_cargo_has_locked() {
        let ours = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.lock")).unwrap();
        assert_eq!(locked_version(&ours, "espflash"), Some(ESPFLASH_VERSION));
        let parts = Contents::of_this_binary().parts;
        assert_eq!(parts[0].version, "3.6.5, in mbedtls-rs-sys 0.3.1", "see MBEDTLS_PACKAGE_VERSION");
        assert!(parts[1].version.starts_with("esp-wifi-sys-esp32c3 0."), "{parts:?}");
    }
}
