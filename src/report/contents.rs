//! What is inside this binary, for a person: `--version --verbose`.

use std::io::{self, Write};

use crate::device::contents::Contents;

/// Prints it to standard output. A reader that has gone is no error.
pub fn print_contents(contents: &Contents) {
    let _ = write(contents, &mut anstream::stdout().lock());
}

fn write(contents: &Contents, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "esp-https {}", contents.version)?;
    let none = "none: the firmware can't be built without --firmware-dir";
    writeln!(out, "sources    {}", contents.sources.as_deref().unwrap_or(none))?;
    for (index, image) in contents.images.iter().enumerate() {
        let label = if index == 0 { "images" } else { "" };
        writeln!(out, "{label:<10} {}  {}, {} bytes", image.sha256, image.board, image.size)?;
    }
    if contents.images.is_empty() {
        writeln!(out, "images     none: flash and emulate build the firmware")?;
    } else {
        writeln!(out, "compiler   {}", contents.rustc)?;
    }
    writeln!(
        out,
        "Hashes are SHA-256: of the list of the firmware's sources, and of each board's ELF file."
    )?;
    writeln!(out, "Written by others:")?;
    for part in &contents.parts {
        writeln!(out, "  {}\n    {}; {}", part.name, part.version, part.licence)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::contents::Part;

    #[test]
    fn a_binary_without_images_says_so() {
        let contents = Contents {
            version: "1.2.3",
            sources: Some("00ff".to_owned()),
            images: &[],
            rustc: "",
            parts: vec![Part { name: "Mbed TLS", version: "3.6.5".to_owned(), licence: "Apache-2.0" }],
        };
        let mut text = Vec::new();
        write(&contents, &mut text).unwrap();
        insta::assert_snapshot!(String::from_utf8(text).unwrap(), @r"
        esp-https 1.2.3
        sources    00ff
        images     none: flash and emulate build the firmware
        Hashes are SHA-256: of the list of the firmware's sources, and of each board's ELF file.
        Written by others:
          Mbed TLS
            3.6.5; Apache-2.0
        ");
    }
}
