//! Images that are written, read, cut short and damaged.

use super::*;

fn file<'a>(path: &'a str, plain: &'a [u8], gzip: Option<&'a [u8]>) -> PackedFile<'a> {
    PackedFile { path, media: Media::of_name(path), plain, gzip, hash: [0xA5; HASH_BYTES] }
}

fn image(files: &[PackedFile<'_>]) -> Vec<u8> {
    let mut image = vec![0xFF; image_bytes(files)];
    assert_eq!(write_site(files, &mut image), Ok(image.len()));
    image
}

fn sample() -> Vec<u8> {
    image(&[
        file("a%20b.txt", b"percent", None),
        file("docs/index.html", b"the docs", None),
        file("empty", b"", None),
        file("index.html", b"a page that is long enough", Some(b"gz")),
    ])
}

fn content<F: SiteFlash>(site: &Site<F>, content: Content) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut piece = Aligned([0; PIECE_BYTES]);
    loop {
        match site.piece(content, bytes.len() as u32, &mut piece).unwrap() {
            [] => return bytes,
            read => bytes.extend_from_slice(read),
        }
    }
}

fn text<F: SiteFlash>(site: &Site<F>, path: &str) -> Option<String> {
    match site.find(path).unwrap() {
        Found::File(file) => Some(String::from_utf8(content(site, file.plain)).unwrap()),
        Found::Folder => Some("a folder".to_owned()),
        Found::Nothing => None,
    }
}

#[test]
fn a_path_means_a_file_or_the_index_of_a_folder() {
    let image = sample();
    let site = Site::open(&image[..]).unwrap();
    for (path, expected) in [
        ("", Some("a page that is long enough")),
        ("index.html", Some("a page that is long enough")),
        ("docs/", Some("the docs")),
        ("docs", Some("a folder")),
        ("docs/index.html", Some("the docs")),
        ("a%20b.txt", Some("percent")),
        ("empty", Some("")),
        ("/", None),
        ("Index.html", None),
        ("index.htm", None),
        ("index.html/", None),
        ("zzz", None),
    ] {
        assert_eq!(text(&site, path).as_deref(), expected, "{path:?}");
    }
}

#[test]
fn an_image_without_files_has_none() {
    let image = image(&[]);
    assert_eq!((image.len(), Site::open(&image[..]).unwrap().find("").unwrap()), (32, Found::Nothing));
}

#[test]
fn a_long_content_is_read_in_pieces_from_any_byte() {
    let long: Vec<u8> = (0..3001_u32).map(|n| (n % 251) as u8).collect();
    let image = image(&[file("a", b"x", None), file("long", &long, Some(&long[1..]))]);
    let site = Site::open(&image[..]).unwrap();
    let Found::File(found) = site.find("long").unwrap() else { panic!() };
    assert_eq!(content(&site, found.plain), long);
    assert_eq!(content(&site, found.gzip.unwrap()), long[1..]);
    let mut piece = Aligned([0; PIECE_BYTES]);
    for from in 0..=long.len() {
        let read = site.piece(found.plain, from as u32, &mut piece).unwrap();
        assert!(long[from..].starts_with(read), "{from}");
        assert_eq!(read.is_empty(), from == long.len(), "{from}");
    }
    assert_eq!(site.piece(found.plain, u32::MAX, &mut piece), Err(Unreadable));
}

#[test]
fn an_image_that_was_cut_short_at_any_length_is_refused() {
    let image = sample();
    for length in 0..image.len() {
        assert!(Site::open(&image[..length]).is_err(), "{length}");
    }
}

#[test]
fn an_image_with_any_damaged_bit_is_refused() {
    let image = sample();
    for at in 0..image.len() * 8 {
        let mut damaged = image.clone();
        damaged[at / 8] ^= 1 << (at % 8);
        assert!(Site::open(&damaged[..]).is_err(), "bit {at}");
    }
}

#[test]
fn what_is_behind_an_image_does_not_matter() {
    let mut image = sample();
    image.extend_from_slice(&[7; 1000]);
    assert_eq!(Site::open(&image[..]).unwrap().files(), 4);
    assert_eq!(Site::open(&[0xFF; 4096][..]).unwrap_err(), SiteError::NoSite, "erased flash");
    assert_eq!(Site::open(&[0; 4096][..]).unwrap_err(), SiteError::NoSite, "memory of the emulator");
}

/// Damages an index whose checksum is right all the same.
fn forged(change: impl FnOnce(&mut [u8])) -> Result<u32, SiteError> {
    let mut image = sample();
    change(&mut image);
    let end = u32::from_le_bytes(image[16..20].try_into().unwrap()) as usize;
    if let Some(rest) = image.get(32..end) {
        let crc = crate::crc32(&[&image[..28], rest]);
        image[28..32].copy_from_slice(&crc.to_le_bytes());
    }
    Site::open(&image[..]).map(|site| site.files())
}

#[test]
fn an_index_that_lies_with_the_right_checksum_is_refused() {
    let number = |at: usize, value: u32| {
        move |image: &mut [u8]| image[at..at + 4].copy_from_slice(&value.to_le_bytes())
    };
    assert_eq!(forged(|_| ()), Ok(4));
    assert_eq!(forged(number(8, 2)), Err(SiteError::Version(2)));
    for (at, value) in
        [(12, u32::MAX), (12, 1000), (16, u32::MAX), (16, 33), (20, u32::MAX), (20, 4), (16, 0)]
    {
        assert_eq!(forged(number(at, value)), Err(SiteError::Sizes), "{at}: {value}");
    }
    for (at, value) in [
        (32, u32::MAX),
        (32, 0),
        (36, 0xFFFF),
        (36, 0x00FF_0001),
        (36, 0x0100_0001),
        (40, 0),
        (40, u32::MAX),
        (44, u32::MAX),
        (48, 1),
        (52, 1),
    ] {
        assert_eq!(forged(number(at, value)), Err(SiteError::Entry(0)), "{at}: {value}");
    }
    let swapped = |image: &mut [u8]| {
        let (one, other) = image[32..112].split_at_mut(40);
        one.swap_with_slice(other);
    };
    assert_eq!(forged(swapped), Err(SiteError::Entry(1)));
}

#[test]
fn paths_out_of_order_and_too_much_are_refused() {
    let mut out = [0; 200];
    let twice = [file("a", b"", None), file("a", b"", None)];
    assert_eq!(write_site(&twice, &mut out), Err(SiteWriteError::Path(1)));
    assert_eq!(write_site(&[file("", b"", None)], &mut out), Err(SiteWriteError::Path(0)));
    let long = "a".repeat(LONGEST_PATH + 1);
    assert_eq!(write_site(&[file(&long, b"", None)], &mut out), Err(SiteWriteError::Path(0)));
    let large = SiteTooLarge { needed: 276, room: 200 };
    assert_eq!(write_site(&[file("a", &[1; 200], None)], &mut out), Err(large.into()));
}

fn compressed() -> SiteFile {
    let image = sample();
    let Ok(Found::File(file)) = Site::open(&image[..]).unwrap().find("") else { panic!() };
    file
}

#[test]
fn gzip_is_for_clients_that_take_it() {
    let file = compressed();
    for (field, gzip) in [
        ("gzip", true),
        ("GZIP", true),
        ("x-gzip", true),
        ("gzip, deflate, br", true),
        ("br;q=1.0, gzip;q=0.8, *;q=0.1", true),
        ("*", true),
        ("gzip;q=0.001", true),
        ("gzip ; q=0.5", true),
        ("gzip;q=0.5, identity;q=0.5", true),
        ("identity;q=0, gzip;q=0.1", true),
        ("", false),
        ("identity", false),
        ("br", false),
        ("gzip;q=0", false),
        ("gzip;q=0.000", false),
        ("*;q=0", false),
        ("*, gzip;q=0", false),
        ("gzip;q=0.5, identity", false),
        ("gzip;q=2", false),
        ("gzip;q=0.0001", false),
        ("gzip;q=", false),
        ("gzip;quality=1", false),
        ("gzip;q=1;q=1", false),
        ("gzipped", false),
    ] {
        let coding = if gzip { Coding::Gzip } else { Coding::Identity };
        assert_eq!(file.choose(Some(field.as_bytes())).0, coding, "{field:?}");
    }
    assert_eq!(file.choose(None).0, Coding::Identity);
    let plain = SiteFile { gzip: None, ..file };
    assert_eq!(plain.choose(Some(b"gzip")), (Coding::Identity, plain.plain));
}

#[test]
fn an_etag_is_recognised_weak_or_strong_and_in_a_list() {
    let file = compressed();
    let (plain, gzip) = (file.etag(Coding::Identity), file.etag(Coding::Gzip));
    let hex = "a5".repeat(16);
    assert_eq!((plain.to_string(), gzip.to_string()), (format!("\"{hex}\""), format!("\"{hex}-gzip\"")));
    for (field, is_plain, is_gzip) in [
        (format!("\"{hex}\""), true, false),
        (format!("W/\"{hex}\""), true, false),
        (format!("\"x\",  \"{hex}-gzip\""), false, true),
        (format!("\"{hex}\", W/\"{hex}-gzip\""), true, true),
        ("*".to_owned(), true, true),
        (hex.clone(), false, false),
        (format!("\"{hex}-"), false, false),
        (format!("\"{}\"", &hex[1..]), false, false),
        ("\"".to_owned(), false, false),
        (String::new(), false, false),
    ] {
        let found = (plain.is_in(field.as_bytes()), gzip.is_in(field.as_bytes()));
        assert_eq!(found, (is_plain, is_gzip), "{field}");
    }
}

#[test]
fn media_types_come_from_the_end_of_a_name() {
    for (name, expected) in [
        ("index.html", "text/html; charset=utf-8"),
        ("A.HTM", "text/html; charset=utf-8"),
        ("a.min.js", "text/javascript; charset=utf-8"),
        ("x.png", "image/png"),
        ("html", "application/octet-stream"),
        ("a.tar.gz", "application/octet-stream"),
        ("a.", "application/octet-stream"),
    ] {
        assert_eq!(Media::of_name(name).content_type(), expected, "{name}");
    }
    for number in 0..=u8::MAX {
        assert!(Media::of_number(number).is_none_or(|media| media as u8 == number));
    }
    assert_eq!(Media::of_number(23), None);
}
