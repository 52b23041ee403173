//! A `site` partition may hold anything, and so may the request for a page of it: nothing of it panics, and all that is found is in it.
#![no_main]

use esp_https_provision::{
    crc32,
    site::{Aligned, Found, PIECE_BYTES, Site},
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (Vec<u8>, String, Vec<u8>)| {
    let (mut image, path, field) = input;
    look(&image, &path, &field);
    seal(&mut image);
    look(&image, &path, &field);
});

fn look(image: &[u8], path: &str, field: &[u8]) {
    let Ok(site) = Site::open(image) else { return };
    let Ok(Found::File(file)) = site.find(path) else { return };
    let (coding, content) = file.choose(Some(field));
    let etag = file.etag(coding);
    assert!(etag.is_in(etag.to_string().as_bytes()));
    let _ = etag.is_in(field);
    let mut piece = Aligned([0; PIECE_BYTES]);
    let mut read = 0;
    while read < content.length {
        let bytes = site.piece(content, read, &mut piece).unwrap();
        assert!(!bytes.is_empty());
        read += bytes.len() as u32;
    }
    assert_eq!(read, content.length);
}

/// Puts the right magic number, version, length and checksums into an image, which no fuzzer guesses.
fn seal(image: &mut Vec<u8>) {
    image.resize(image.len().next_multiple_of(4).max(32), 0);
    let length = image.len() as u32;
    let end = u32::from_le_bytes(image[16..20].try_into().unwrap()).min(length) as usize;
    let end = end.next_multiple_of(4).max(32);
    image[..8].copy_from_slice(b"ESPSITE\n");
    image[8..12].copy_from_slice(&1_u32.to_le_bytes());
    image[16..20].copy_from_slice(&(end as u32).to_le_bytes());
    image[20..24].copy_from_slice(&length.to_le_bytes());
    let contents = crc32(&[&image[end..]]);
    image[24..28].copy_from_slice(&contents.to_le_bytes());
    let index = crc32(&[&image[..28], &image[32..end]]);
    image[28..32].copy_from_slice(&index.to_le_bytes());
}
