//! A folder of pages on the emulated board: `emulate --site`.

use std::{fs, io::Read as _, time::Instant};

use reqwest::{Client, Response, header::HeaderMap};
use tempfile::TempDir;

use crate::board::{Board, client};

/// 100 KB that gzip can't make smaller by a fifth, and a page that it can.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut state = 1_u32;
    let noise: Vec<u8> = (0..100 * 1024)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .collect();
    fs::write(folder.path().join("noise.png"), noise).unwrap();
    fs::write(folder.path().join("index.html"), "<p>A line.</p>\n".repeat(7000)).unwrap();
    fs::create_dir(folder.path().join("docs")).unwrap();
    fs::write(folder.path().join("docs/index.html"), "the docs").unwrap();
    fs::write(folder.path().join("docs/a b%c.txt"), "odd").unwrap();
    folder
}

fn field<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().unwrap())
}

async fn get(client: &Client, url: String, fields: &[(&str, &str)]) -> Response {
    let mut request = client.get(url);
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

#[tokio::test]
async fn files_arrive_byte_for_byte_with_gzip_and_without_and_304_spares_them() {
    let site = folder();
    let Some(board) = Board::new(&["--site", site.path().to_str().unwrap()]) else { return };
    let (client, url) = (client(&board), board.url());
    let page = fs::read(site.path().join("index.html")).unwrap();

    let plain = get(&client, url.to_owned(), &[]).await;
    assert_eq!(field(plain.headers(), "content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(field(plain.headers(), "vary"), Some("Accept-Encoding"));
    assert_eq!(field(plain.headers(), "content-encoding"), None);
    let etag = field(plain.headers(), "etag").unwrap().to_owned();
    assert!(plain.bytes().await.unwrap() == page);

    let packed = get(&client, url.to_owned(), &[("Accept-Encoding", "br, gzip;q=0.8")]).await;
    assert_eq!(field(packed.headers(), "content-encoding"), Some("gzip"));
    assert_ne!(field(packed.headers(), "etag"), Some(etag.as_str()));
    let (packed, mut unpacked) = (packed.bytes().await.unwrap(), Vec::new());
    flate2::read::GzDecoder::new(&packed[..]).read_to_end(&mut unpacked).unwrap();
    assert!(packed.len() * 5 < page.len() * 4 && unpacked == page);

    let same = get(&client, url.to_owned(), &[("If-None-Match", &etag)]).await;
    assert_eq!((same.status().as_u16(), field(same.headers(), "etag")), (304, Some(etag.as_str())));
    let head = client.head(url).send().await.unwrap();
    assert_eq!(field(head.headers(), "content-length"), Some(page.len().to_string().as_str()));

    for (path, status, body) in [
        ("docs/", 200, "the docs"),
        ("docs", 200, "the docs"),
        ("docs/a%20b%25c.txt", 200, "odd"),
        ("light", 200, "{\"status\": true}"),
    ] {
        let answer = get(&client, format!("{url}{path}"), &[]).await;
        assert_eq!(
            (answer.status().as_u16(), answer.text().await.unwrap().as_str()),
            (status, body),
            "{path}"
        );
    }
    assert_eq!(get(&client, format!("{url}none"), &[]).await.status(), 404);
    let posted = client.post(format!("{url}docs/")).send().await.unwrap();
    assert_eq!((posted.status().as_u16(), field(posted.headers(), "allow")), (405, Some("GET, HEAD")));
}

#[tokio::test]
async fn four_sessions_fetch_100_kb_at_once_and_give_their_memory_back() {
    let site = folder();
    let Some(board) = Board::new(&["--site", site.path().to_str().unwrap()]) else { return };
    let noise = fs::read(site.path().join("noise.png")).unwrap();
    let before = board.stat(&client(&board)).await;
    let since = Instant::now();
    let fetches = (0..4).map(|_| {
        let (client, url, noise) = (client(&board), format!("{}noise.png", board.url()), noise.clone());
        tokio::spawn(async move {
            for _ in 0..3 {
                assert!(get(&client, url.clone(), &[]).await.bytes().await.unwrap() == noise);
            }
        })
    });
    for fetch in fetches.collect::<Vec<_>>() {
        fetch.await.unwrap();
    }
    let (lasted, after) = (since.elapsed(), board.stat(&client(&board)).await);
    println!(
        "{} bytes/s over four sessions, {before:?} -> {after:?}",
        12 * noise.len() as u128 * 1000 / lasted.as_millis()
    );
}
