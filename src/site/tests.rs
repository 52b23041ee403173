//! Folders of all kinds, packed, and read as the firmware reads them.

use std::{ffi::OsStr, fs, io::Read as _, os::unix::ffi::OsStrExt as _, os::unix::fs::symlink};

use esp_https_provision::site::{Aligned, Coding, Content, Found, PIECE_BYTES, Site};
use tempfile::TempDir;

use super::*;

fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, bytes) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    folder
}

fn refused(folder: &TempDir) -> String {
    let error = SiteImage::pack(folder.path()).unwrap_err().to_string();
    error.replace(folder.path().to_str().unwrap(), "DIR")
}

fn content(image: &[u8], content: Content) -> Vec<u8> {
    let (site, mut bytes) = (Site::open(image).unwrap(), Vec::new());
    let mut piece = Aligned([0; PIECE_BYTES]);
    while bytes.len() < content.length as usize {
        bytes.extend_from_slice(site.piece(content, bytes.len() as u32, &mut piece).unwrap());
    }
    bytes
}

#[test]
fn what_is_packed_is_read_again_plain_and_with_gzip() {
    let page = "<p>The same line again.</p>\n".repeat(4000);
    let files: &[(&str, &[u8])] = &[
        ("index.html", page.as_bytes()),
        ("docs/index.html", b"docs"),
        ("docs/a b%20c#?.txt", b"odd"),
        ("empty.css", b""),
        (".git/config", b"hidden"),
        ("docs/.DS_Store", b"hidden"),
    ];
    let folder = folder(files);
    symlink("index.html", folder.path().join("same.html")).unwrap();
    let image = SiteImage::pack(folder.path()).unwrap();
    assert_eq!(image, SiteImage::pack(folder.path()).unwrap(), "the same bytes each time");
    let contents = &image.contents;
    assert_eq!((contents.files, contents.hidden, contents.gzip_files), (5, 2, 2));
    assert_eq!(contents.plain_bytes, 2 * page.len() + 4 + 3);
    let site = Site::open(&image.bytes[..]).unwrap();
    for (path, expected) in [("", page.as_str()), ("same.html", &page), ("docs/", "docs"), ("empty.css", "")]
    {
        let Ok(Found::File(file)) = site.find(path) else { panic!("{path}") };
        assert_eq!(content(&image.bytes, file.plain), expected.as_bytes(), "{path}");
        let (coding, chosen) = file.choose(Some(b"gzip"));
        let mut text = content(&image.bytes, chosen);
        if coding == Coding::Gzip {
            let packed = std::mem::take(&mut text);
            flate2::read::GzDecoder::new(&packed[..]).read_to_end(&mut text).unwrap();
        }
        assert_eq!(
            (coding == Coding::Gzip, text == expected.as_bytes()),
            (expected.len() > 4, true),
            "{path}"
        );
    }
    assert!(matches!(site.find("docs/a b%20c#?.txt"), Ok(Found::File(_))));
    for hidden in [".git/config", "docs/.DS_Store", "../index.html"] {
        assert_eq!(site.find(hidden), Ok(Found::Nothing), "{hidden}");
    }
}

#[test]
fn an_empty_folder_is_a_site_without_files() {
    let image = SiteImage::pack(folder(&[]).path()).unwrap();
    assert_eq!((image.contents.files, image.bytes.len(), image.contents.fill_percent()), (0, 32, 1));
}

#[test]
fn ten_thousand_files_are_all_found() {
    let folder = folder(&[]);
    for n in 0..10_000 {
        fs::write(folder.path().join(format!("{n}.txt")), n.to_string()).unwrap();
    }
    let image = SiteImage::pack(folder.path()).unwrap();
    let site = Site::open(&image.bytes[..]).unwrap();
    for n in 0..10_000 {
        let Ok(Found::File(file)) = site.find(&format!("{n}.txt")) else { panic!("{n}") };
        assert_eq!(file.plain.length as usize, n.to_string().len());
        if n % 997 == 0 {
            assert_eq!(content(&image.bytes, file.plain), n.to_string().as_bytes());
        }
    }
}

#[test]
fn names_that_no_url_can_have_are_refused() {
    let not_utf8 = folder(&[]);
    fs::write(not_utf8.path().join(OsStr::from_bytes(b"a\xFF")), "").unwrap();
    assert!(refused(&not_utf8).ends_with("has a name that is not UTF-8"));
    assert_eq!(refused(&folder(&[("a/b\n", b"")])), "DIR/a/b\n has a control character in its name");
    let (deep, long) = ("d".repeat(200), "f".repeat(200));
    let path = format!("{deep}/{deep}/{long}");
    assert!(refused(&folder(&[(&path, b"")])).ends_with("has a path of more than 512 bytes in the site"));
    let clash = refused(&folder(&[("a/Index.html", b""), ("a/index.html", b"")]));
    assert_eq!(clash, "DIR/a/index.html differs from another file in upper and lower case only");
}

#[test]
fn links_are_followed_to_files_in_the_folder_only() {
    let outside = folder(&[("secret", b"s")]);
    for (target, leads) in [
        (outside.path().join("secret"), "out of the folder"),
        ("../".into(), "out of the folder"),
        ("nothing".into(), "nowhere"),
        ("docs".into(), "to no file"),
        (".".into(), "to no file"),
        ("link".into(), "nowhere"),
    ] {
        let folder = folder(&[("docs/a", b"")]);
        symlink(&target, folder.path().join("link")).unwrap();
        assert_eq!(refused(&folder), format!("DIR/link is a link that leads {leads}"), "{target:?}");
    }
}

#[test]
fn what_is_no_file_and_no_folder_is_refused() {
    let folder = folder(&[("file", b"")]);
    let file = SiteImage::pack(&folder.path().join("file")).unwrap_err();
    assert!(matches!(file, SiteError::Unreadable { .. }), "{file}");
    let missing = SiteImage::pack(&folder.path().join("missing")).unwrap_err();
    assert!(matches!(missing, SiteError::Unreadable { .. }), "{missing}");
    let _socket = std::os::unix::net::UnixListener::bind(folder.path().join("socket")).unwrap();
    assert_eq!(refused(&folder), "DIR/socket is neither a file nor a folder");
}

#[test]
fn too_much_is_told_with_the_largest_files_and_before_it_is_read() {
    let folder = folder(&[("small", b"1"), ("docs/large", &[7; 500_000])]);
    fs::File::create(folder.path().join("sparse")).unwrap().set_len(1 << 40).unwrap();
    assert_eq!(
        refused(&folder).split("; ").nth(1),
        Some("the largest are sparse (1099511627776 bytes), docs/large (500000 bytes), small (1 bytes)")
    );
    assert!(refused(&folder).contains("and the partition has room for 917504"));
}
