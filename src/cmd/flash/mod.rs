//! `esp-https flash`.

mod explain;
mod identity;
mod image;
mod manifest;
mod password;
mod password_fault;
mod plan;
mod run;
mod show;
mod stopped;

use std::{path::Path, sync::Arc};

pub(super) use self::manifest::{all_of as all_faults, read as read_manifest};

use self::{
    identity::{CheckedIdentity, FlashIdentity},
    plan::FlashPlan,
    run::Session,
};
use super::{
    firmware::{FirmwareChoice, FirmwareWish, UsePrebuilt},
    junit::JunitFile,
    pair, runtime,
};
use crate::interrupt::Signal;
use crate::{
    cli::FlashArgs,
    device::{
        board::FirmwareUsed,
        chip::{self, Chip},
        firmware::FirmwareBoard,
        flash::{
            job::{ForeignTable, Scope},
            layout::{Application, Region},
            outcome::Flashed,
        },
    },
    error::Result,
    output::Use,
    report::{Console, Suite},
    site::{SiteContents, SiteImage},
};

/// Reads what a board is to get, as far as that is named, to find what is wrong with it before a run.
///
/// # Errors
/// What is wrong.
pub(super) fn check_args(args: &FlashArgs) -> Result<()> {
    identity::check_args(args)
}

/// Runs `esp-https flash`.
pub(super) fn run(args: &FlashArgs, console: &mut Console) -> Result<()> {
    let junit = JunitFile::new("flash", args.after.junit.as_ref(), console)?;
    let mut flashed = None;
    let ended = runtime::run(flash(args, &mut flashed, console));
    let suite = flashed.map(|flashed| Suite::of_flash(&flashed, ended.as_ref().err(), junit.span()));
    junit.conclude(ended, suite.as_slice(), console)
}

/// Flashes and reports; what was done is in `done`, however it ends.
async fn flash(args: &FlashArgs, done: &mut Option<Flashed>, console: &mut Console) -> Result<()> {
    let mut interrupts = runtime::interrupts()?;
    let stopped = |signal: Signal| stopped::while_preparing(signal);
    let prepared = interrupts.or(prepare(args, console)).await.map_err(stopped)??;
    let Prepared { mut plan, identity, scope, firmware, site } = prepared;
    plan.open_logs(console)?;
    let application = match &scope {
        Scope::Everything(application) => application.descriptor.clone(),
        Scope::Provisioning(_) => None,
    };
    let flashed = done.insert(Flashed {
        firmware,
        application,
        site,
        boards: Vec::new(),
        image: None,
        not_seen: Vec::new(),
        notes: identity.notes,
    });
    match image::output(args) {
        Some(output) => {
            image::save(&output, args, &scope, &identity.supply, flashed, &mut interrupts, console)
        }
        None => {
            let session = Session::new(plan, identity.supply, scope, interrupts.stop());
            session.run(flashed, &mut interrupts, console).await
        }
    }
}

/// All that can be known before a board is touched.
struct Prepared {
    plan: FlashPlan,
    identity: FlashIdentity,
    scope: Scope,
    firmware: Option<FirmwareUsed>,
    site: Option<SiteContents>,
}

/// Records what is read and named by no flag of a file's type.
fn claim(args: &FlashArgs, console: &mut Console) -> Result<()> {
    if args.boards.manifest.is_none() {
        pair::claim(args.identity.cert.as_deref(), console)?;
    }
    if let Some(folder) = &args.scope.firmware_dir {
        console.reads("--firmware-dir", folder, Use::ReadsFolder)?;
    }
    if let Some(folder) = &args.scope.site {
        console.reads("--site", folder, Use::ReadsFolder)?;
    }
    if args.identity.wifi_password_file.as_deref() == Some(Path::new("-")) {
        console.reads("--wifi-password-file", Path::new("/dev/stdin"), Use::Reads)?;
    }
    Ok(())
}

/// Cheap checks come first, then questions to the user, and then what takes minutes.
async fn prepare(args: &FlashArgs, console: &mut Console) -> Result<Prepared> {
    claim(args, console)?;
    let chip = chip::DEFAULT;
    let choice = runtime::in_background(PREPARING, firmware_choice(chip, args)).await?;
    image::output(args).iter().try_for_each(|output| console.check(output, image::purpose(args)))?;
    let site = site(args).await?;
    let (plan, identity) = plan_and_identity(chip, args, console).await?;
    let identity = identity.with_password(args, plan.boards.len()).await?;
    identity.notes.iter().for_each(|note| console.note(format!("note: {}", note.text)));
    if args.scope.config_only {
        let table = if args.scope.force { ForeignTable::Accept } else { ForeignTable::Refuse };
        return Ok(Prepared {
            plan,
            identity,
            scope: Scope::Provisioning(table),
            firmware: None,
            site: None,
        });
    }
    let search = std::env::var_os("PATH").unwrap_or_default();
    let (firmware, _in_use) = choice.obtain(&search, console).await?;
    let path = firmware.elf.clone();
    let mut application = runtime::in_background(PREPARING, move || application_in(chip, &path)).await?;
    application.regions.extend(site.as_ref().map(|site| Region::site(&site.bytes)));
    let scope = Scope::Everything(Arc::new(application));
    Ok(Prepared { plan, identity, scope, firmware: Some(firmware), site: site.map(|site| site.contents) })
}

/// Packs the folder of `--site`.
async fn site(args: &FlashArgs) -> Result<Option<SiteImage>> {
    let Some(folder) = args.scope.site.clone() else { return Ok(None) };
    runtime::in_background(PREPARING, move || Ok(Some(SiteImage::pack(&folder)?))).await
}

/// A manifest is checked before a port is looked for: what is wrong with it does not depend on the boards that are connected.
/// Without one, the port comes first: a certificate that has to be made should not be left behind where there is no board.
async fn plan_and_identity(
    chip: &'static Chip,
    args: &FlashArgs,
    console: &mut Console,
) -> Result<(FlashPlan, CheckedIdentity)> {
    let of_manifest = match args.boards.manifest {
        Some(_) => Some(CheckedIdentity::new(chip, args, console).await?),
        None => None,
    };
    let plan = FlashPlan::new(chip, args)?;
    plan.claim(console)?;
    match of_manifest {
        Some(identity) => Ok((plan, identity)),
        None => Ok((plan, CheckedIdentity::new(chip, args, console).await?)),
    }
}

/// What the arguments name may be a pipe that keeps us waiting.
fn firmware_choice(
    chip: &'static Chip,
    args: &FlashArgs,
) -> impl FnOnce() -> Result<FirmwareChoice> + Send + 'static {
    let wish = FirmwareWish {
        image: args.scope.image.clone(),
        folder: args.scope.firmware_dir.clone(),
        prebuilt: UsePrebuilt::unless(args.scope.build),
    };
    move || FirmwareChoice::new(FirmwareBoard::Chip(chip), &wish)
}

fn application_in(chip: &'static Chip, elf: &Path) -> Result<Application> {
    let bytes = std::fs::read(elf).map_err(|source| explain::elf_unreadable(elf, source))?;
    Application::from_elf(chip, &bytes).map_err(|error| explain::layout(chip, elf, error))
}

/// What a command that has not touched a board yet is doing, for errors.
const PREPARING: &str = "preparing to flash";
