//! `flash --site`: the files of a folder, in the board's `site` partition.

use std::fs;

use esp_https::site::SiteImage;
use esp_https_provision::{
    SITE_BYTES, SITE_OFFSET,
    site::{Found, Site},
};
use support::{document, document::Told, stderr};

use crate::{
    layouts::with_the_earlier_table,
    workspace::Workspace,
    writing::{states, written},
};

const AT: usize = SITE_OFFSET as usize;

/// A folder of two pages in the workspace, and the image of it.
fn pages(workspace: &Workspace) -> Vec<u8> {
    let folder = workspace.path("pages");
    fs::create_dir_all(folder.join("docs")).unwrap();
    fs::write(folder.join("index.html"), "<p>A line.</p>\n".repeat(700)).unwrap();
    fs::write(folder.join("docs/index.html"), "the docs").unwrap();
    image(workspace)
}

fn image(workspace: &Workspace) -> Vec<u8> {
    SiteImage::pack(&workspace.path("pages")).unwrap().bytes
}

#[test]
fn a_site_is_written_once_and_stays_when_the_board_is_flashed_without_one() {
    let Some(workspace) = Workspace::new() else { return };
    let first = pages(&workspace);
    let board = workspace.board(&[]);
    let (output, document) = workspace.flash(&board, &["--no-wait", "--site", "pages"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    // An erased otadata is what a new board has already.
    assert_eq!(states(&document), ["written", "written", "written", "written", "unchanged", "written"]);
    let region = &document["result"]["boards"][0]["regions"][5];
    assert_eq!(
        (&region["kind"], &region["offset"], &region["size"]),
        (&"site".into(), &AT.into(), &first.len().into())
    );
    let site = &document["result"]["site"];
    assert_eq!((&site["files"], &site["image_bytes"]), (&2.into(), &first.len().into()));

    let (_, again) = workspace.flash(&board, &["--no-wait", "--site", "pages"]);
    assert_eq!((states(&again), written(&again)), (vec!["unchanged"; 6], 0));
    let (_, without) = workspace.flash(&board, &["--no-wait"]);
    assert_eq!((states(&without), written(&without)), (vec!["unchanged"; 5], 0));
    assert!(without["result"].get("site").is_none());

    fs::write(workspace.path("pages/new.txt"), "new").unwrap();
    let second = image(&workspace);
    let (_, changed) = workspace.flash(&board, &["--no-wait", "--no-stub", "--site", "pages"]);
    assert_eq!(
        states(&changed),
        ["unchanged", "unchanged", "unchanged", "unchanged", "unchanged", "written"]
    );
    assert_eq!(written(&changed), second.len() as u64);
    let flash = board.flash();
    assert!(flash[AT..].starts_with(&second));
    let site = Site::open(&flash[AT..AT + SITE_BYTES]).unwrap();
    assert!(matches!(site.find("new.txt"), Ok(Found::File(_))));
}

#[test]
fn a_saved_image_has_the_site_that_a_board_would_get() {
    let Some(workspace) = Workspace::new() else { return };
    let site = pages(&workspace);
    let whole = ["flash", "--json", "--ssid", "home", "--image", workspace.firmware()];
    let saved = workspace.run(&[&whole[..], &["--site", "pages", "--save-image", "board.bin"]].concat());
    let document = document::of(&saved);
    assert_eq!(saved.status.code(), Some(0), "{document:#}");
    let region = document["result"]["image"]["regions"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&region["kind"], &region["offset"], &region["size"]),
        (&"site".into(), &AT.into(), &site.len().into())
    );
    let flash = fs::read(workspace.path("board.bin")).unwrap();
    assert!(flash[AT..].starts_with(&site));
    assert!(flash[AT + site.len()..].iter().all(|byte| *byte == 0xFF));
}

#[test]
fn a_site_that_does_not_fit_is_refused_with_its_largest_files_before_a_board_is_touched() {
    let Some(workspace) = Workspace::new() else { return };
    pages(&workspace);
    // All zeros: with gzip it would be small, but it is always stored without as well.
    fs::write(workspace.path("pages/film.mp4"), vec![0; SITE_BYTES]).unwrap();
    let board = workspace.board(&[]);
    let (output, _) = workspace.flash(&board, &["--no-wait", "--site", "pages"]);
    let told = Told::by(&output);
    assert_eq!(told.pair(), (2, "site.too_large"));
    let largest = "bytes, and the partition has room for 917504; the largest are film.mp4 (917504 bytes), \
                   index.html (10500 bytes), docs/index.html (8 bytes)";
    assert!(told.what.starts_with("its 3 files take 928") && told.what.ends_with(largest), "{told:?}");
    assert!(board.flash().iter().all(|byte| *byte == 0xFF), "nothing is written");
    let absent = ["flash", "--json", "--ssid", "home", "--image", workspace.firmware(), "--port", "absent"];
    let output = workspace.run(&[&absent[..], &["--site", "pages"]].concat());
    assert_eq!(Told::by(&output).pair(), (2, "site.too_large"), "before a board is looked for");
}

#[test]
fn a_board_with_the_earlier_table_gets_the_present_one_and_the_site() {
    let Some(workspace) = Workspace::new() else { return };
    with_the_earlier_table(&workspace);
    let site = pages(&workspace);
    let board = workspace.board(&[]);
    let (output, document) = workspace.flash(&board, &["--no-wait", "--site", "pages"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(states(&document), ["unchanged", "written", "unchanged", "unchanged", "unchanged", "written"]);
    assert_eq!(document["result"]["notes"][0]["code"], "earlier_table");
    assert!(board.flash()[AT..].starts_with(&site));
}

#[test]
fn a_site_does_not_go_with_a_new_certificate_alone() {
    let Some(workspace) = Workspace::new() else { return };
    pages(&workspace);
    let config = ["flash", "--json", "--ssid", "home", "--config-only", "--port", "absent"];
    let output = workspace.run(&[&config[..], &["--site", "pages"]].concat());
    let told = Told::by(&output);
    assert_eq!(told.pair(), (2, "usage.command_line"));
    assert!(told.what.contains("--config-only") && told.what.contains("--site"), "{told:?}");
}
