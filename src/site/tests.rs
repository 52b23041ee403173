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
fn a_file_that_changes_between_listing_and_reading_is_noticed() {
    type Change = fn(&Path, &Path);
    let changes: [(Change, &str); 6] = [
        (
            |file, _| fs::write(file, "longer than before").unwrap(),
            "DIR/a changed while the folder was packed",
        ),
        (|file, _| fs::write(file, "").unwrap(), "DIR/a changed while the folder was packed"),
        (
            |file, secret| replace(file, |to| symlink(secret, to).unwrap()),
            "DIR/a changed while the folder was packed",
        ),
        (
            |file, _| replace(file, |to| fs::create_dir(to).unwrap()),
            "DIR/a changed while the folder was packed",
        ),
        (|file, _| replace(file, fifo), "DIR/a changed while the folder was packed"),
        (|file, _| fs::remove_file(file).unwrap(), "DIR/a: there is no such file or folder"),
    ];
    let outside = folder(&[("secret", b"secret")]);
    for (change, said) in changes {
        let folder = folder(&[("a", b"before")]);
        let found = walk::walk(folder.path()).unwrap();
        change(&folder.path().join("a"), &outside.path().join("secret"));
        let error = pack::pack(folder.path(), &found).unwrap_err().to_string();
        assert_eq!(error.replace(folder.path().to_str().unwrap(), "DIR"), said);
    }
}

fn replace(file: &Path, by: impl FnOnce(&Path)) {
    fs::remove_file(file).unwrap();
    by(file);
}

fn fifo(path: &Path) {
    rustix::fs::mkfifoat(rustix::fs::CWD, path, rustix::fs::Mode::RUSR).unwrap();
}

#[test]
fn a_private_key_is_not_packed_under_any_name() {
    let key = rcgen::KeyPair::generate().unwrap().serialize_pem();
    let page = format!("<h1>Key</h1>\n{key}");
    for content in [key.as_str(), &page] {
        let folder = folder(&[("docs/notes.txt", content.as_bytes())]);
        let said =
            "there is a private key in DIR/docs/notes.txt (PEM), and a board shows its site to everybody";
        assert_eq!(refused(&folder), said);
    }
    let about_keys = folder(&[("a.html", b"<pre>-----BEGIN PRIVATE KEY-----</pre> is how it begins")]);
    assert!(SiteImage::pack(about_keys.path()).is_ok());
}

#[test]
fn names_that_mean_something_elsewhere_are_names_here() {
    let names =
        ["..a", "a%2e%2e", "a\\b", "con", "a?b#c", "a b", " ", "~", "-rf", "%00", "ü😀", "a\u{202e}b"];
    let files: Vec<(&str, &[u8])> = names.iter().map(|name| (*name, name.as_bytes())).collect();
    let image = SiteImage::pack(folder(&files).path()).unwrap();
    assert_eq!((image.contents.files, image.contents.hidden), (names.len() - 1, 1), "..a is hidden");
    let site = Site::open(&image.bytes[..]).unwrap();
    for name in &names[1..] {
        let Ok(Found::File(file)) = site.find(name) else { panic!("{name}") };
        assert_eq!(content(&image.bytes, file.plain), name.as_bytes());
    }
}

#[test]
fn more_files_than_the_index_has_room_for_are_too_many_although_they_are_empty() {
    let folder = folder(&[]);
    for n in 0..22_940 {
        fs::File::create(folder.path().join(n.to_string())).unwrap();
    }
    assert!(refused(&folder).contains("files take 9175"), "{}", refused(&folder));
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
