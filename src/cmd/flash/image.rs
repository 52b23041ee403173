//! `--save-image`: all of a board's flash in one file.

use super::{explain, stopped};
use crate::{
    cli::FlashArgs,
    device::flash::{
        job::{Scope, Supply},
        layout::{Region, merged},
        outcome::{FlashNoteCode, Flashed, SavedImage, SavedRegion},
    },
    error::Result,
    interrupt::Interrupts,
    note::Note,
    output::{Existing, Output, Purpose},
    report::Console,
};

/// The file that `--save-image` names.
pub(super) fn output(args: &FlashArgs) -> Option<Output> {
    args.scope.save_image.as_ref().map(|file| Output::new("--save-image", &file.0))
}

/// Its purpose: it holds the private key and the Wi-Fi password.
pub(super) fn purpose(args: &FlashArgs) -> Purpose {
    Purpose::SecretFile(if args.scope.force { Existing::Replace } else { Existing::Keep })
}

/// Writes the file, and reports on it.
pub(super) fn save(
    output: &Output,
    args: &FlashArgs,
    scope: &Scope,
    supply: &Supply,
    flashed: &mut Flashed,
    interrupts: &mut Interrupts,
    console: &mut Console,
) -> Result<()> {
    let (Scope::Everything(application), Supply::Same(provision)) = (scope, supply) else {
        return Err(explain::one_image_only());
    };
    let mut regions: Vec<&Region> = application.regions.iter().chain([&provision.region]).collect();
    regions.sort_by_key(|region| region.offset);
    let bytes = merged(application.chip, &regions);
    if let Some(signal) = interrupts.arrived() {
        return Err(stopped::before_saving(signal));
    }
    console.write_output(output, purpose(args), &bytes)?;
    let saved = |region: &&Region| SavedRegion {
        kind: region.kind,
        offset: region.offset,
        size: region.bytes().len(),
    };
    flashed.image = Some(SavedImage {
        chip: application.chip,
        path: output.path().to_owned(),
        size: bytes.len(),
        regions: regions.iter().map(saved).collect(),
        certificate: provision.certificate.clone(),
        cert_sha256: provision.fingerprint,
    });
    let text = "the file holds the private key and the Wi-Fi password: keep it secret".to_owned();
    flashed.notes.push(Note { code: FlashNoteCode::HoldsKey, text });
    console.result(flashed, None)
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::{
        cli::{Cli, Command},
        device::flash::job::ForeignTable,
        error::Code,
        report::{Chatter, Form},
    };

    #[tokio::test]
    async fn several_identities_are_not_one_image() {
        let words = ["esp-https", "flash", "--ssid", "home", "--save-image", "/nonexistent/board.bin"];
        let cli = Cli::try_parse_from(words).unwrap();
        let Command::Flash(args) = cli.command else { panic!("{cli:?}") };
        let mut console = Console::new("flash", Form::Json, Chatter::Quiet, None);
        let mut flashed = Flashed {
            firmware: None,
            application: None,
            site: None,
            boards: Vec::new(),
            image: None,
            not_seen: Vec::new(),
            notes: Vec::new(),
        };
        let (scope, supply) = (Scope::Provisioning(ForeignTable::Refuse), Supply::ByMac(Default::default()));
        let mut interrupts = Interrupts::listen().unwrap();
        let output = output(&args).unwrap();
        let error =
            save(&output, &args, &scope, &supply, &mut flashed, &mut interrupts, &mut console).unwrap_err();
        assert_eq!((error.fault.exit_code(), error.code), (70, Code::FLASH_IMAGE_OF_MANY));
    }
}
