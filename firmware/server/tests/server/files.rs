//! The files of a site, served beside the pages of the book.

use std::cell::Cell;
use std::rc::Rc;

use esp_https_provision::Limits;
use esp_https_provision::site::{
    Media, PackedFile, SiteError, SiteFlash, Unreadable, image_bytes, write_site,
};
use esp_https_server::{BookAndSite, SitePages};

use crate::client::{Answer, Client};
use crate::pipe::End;
use crate::plain::Plain;
use crate::sim::Sim;

/// A partition that can be read so many times more.
struct Flash {
    bytes: Vec<u8>,
    reads_left: Rc<Cell<u32>>,
}

impl SiteFlash for Flash {
    fn size(&self) -> u32 {
        self.bytes.len() as u32
    }

    fn read(&self, at: u32, out: &mut [u8]) -> Result<(), Unreadable> {
        assert!(at.is_multiple_of(4) && out.len().is_multiple_of(4) && out.as_ptr().addr().is_multiple_of(4));
        self.reads_left.set(self.reads_left.get().checked_sub(1).ok_or(Unreadable)?);
        let at = at as usize;
        out.copy_from_slice(self.bytes.get(at..at + out.len()).ok_or(Unreadable)?);
        Ok(())
    }
}

/// A server, and how often its partition can still be read.
struct Site {
    sim: Sim<Plain, BookAndSite<Flash>>,
    reads_left: Rc<Cell<u32>>,
}

impl Site {
    fn new(files: &[PackedFile<'_>]) -> Self {
        let mut bytes = vec![0; image_bytes(files)];
        write_site(files, &mut bytes).unwrap();
        Self::of_partition(bytes)
    }

    fn of_partition(bytes: Vec<u8>) -> Self {
        let reads_left = Rc::new(Cell::new(u32::MAX));
        let site = SitePages::open(Flash { bytes, reads_left: reads_left.clone() });
        Self { sim: Sim::with_pages(Plain, Limits::default(), BookAndSite::new(site)), reads_left }
    }

    fn ask(&mut self, method: &str, path: &str, fields: &str) -> Answer {
        let request = format!("{method} {path} HTTP/1.1\r\nHost: b\r\n{fields}\r\n");
        let mut client = Client::new(self.sim.connect());
        let is_head = method == "HEAD";
        self.sim.run(async move {
            client.stream.send(request.as_bytes()).await;
            if is_head { client.head().await.unwrap() } else { client.answer().await.unwrap() }
        })
    }
}

fn file<'a>(path: &'a str, plain: &'a str) -> PackedFile<'a> {
    PackedFile { path, media: Media::of_name(path), plain: plain.as_bytes(), gzip: None, hash: [0xA5; 16] }
}

#[test]
fn files_take_all_paths_that_the_book_leaves_and_its_home() {
    let long = "0123456789".repeat(10_000);
    let mut site = Site::new(&[
        file("a b%c.txt", "odd"),
        file("docs/index.html", "the docs"),
        file("empty.css", ""),
        file("favicon.ico", "an icon"),
        file("index.html", "my page"),
        file("light", "never seen"),
        file("long.txt", &long),
    ]);
    for (path, body, media) in [
        ("/", "my page", "text/html; charset=utf-8"),
        ("/index.html", "my page", "text/html; charset=utf-8"),
        ("/docs/", "the docs", "text/html; charset=utf-8"),
        ("/d%6Fcs/index.html?query=1", "the docs", "text/html; charset=utf-8"),
        ("/a%20b%25c.txt", "odd", "text/plain; charset=utf-8"),
        ("/empty.css", "", "text/css; charset=utf-8"),
        ("/favicon.ico", "an icon", "image/vnd.microsoft.icon"),
        ("/long.txt", &long, "text/plain; charset=utf-8"),
        ("/light", "{\"status\": true}", "application/json"),
    ] {
        let answer = site.ask("GET", path, "");
        assert!(answer.status == 200 && answer.body == body, "{path}: {}", answer.status);
        assert_eq!(answer.field("content-type"), Some(media), "{path}");
        assert_eq!(answer.field("x-content-type-options"), Some("nosniff"), "{path}");
    }
    let head = site.ask("HEAD", "/long.txt", "");
    assert_eq!((head.status, head.field("content-length")), (200, Some("100000")));
    let folder = site.ask("GET", "/docs", "");
    assert_eq!((folder.status, folder.field("location")), (308, Some("/docs/")));
    for path in ["/none", "/docs/none", "/index.html/", "//", "/../index.html", "/a%00", "/Index.html"] {
        assert_eq!(site.ask("GET", path, "").status, 404, "{path}");
    }
    let posted = site.ask("POST", "/docs/", "Content-Length: 0\r\n");
    assert_eq!((posted.status, posted.field("allow")), (405, Some("GET, HEAD")));
    assert_eq!(site.sim.said(), [""; 0]);
}

#[test]
fn gzip_and_304_are_for_clients_that_ask_for_them() {
    let both = PackedFile { gzip: Some(b"packed"), ..file("a.html", "not packed") };
    let mut site = Site::new(&[both, file("b.txt", "b")]);
    let plain = site.ask("GET", "/a.html", "");
    let packed = site.ask("GET", "/a.html", "Accept-Encoding: gzip, br\r\n");
    assert_eq!((plain.body.as_str(), packed.body.as_str()), ("not packed", "packed"));
    assert_eq!((plain.field("content-encoding"), packed.field("content-encoding")), (None, Some("gzip")));
    for answer in [&plain, &packed] {
        assert_eq!(
            (answer.field("vary"), answer.field("cache-control")),
            (Some("Accept-Encoding"), Some("no-cache"))
        );
    }
    assert_eq!(site.ask("GET", "/b.txt", "Accept-Encoding: gzip\r\n").field("vary"), None);
    let tags = [plain, packed].map(|answer| answer.field("etag").unwrap().to_owned());
    assert_ne!(tags[0], tags[1]);
    for (accepted, sent, status) in [("", 0, 304), ("", 1, 200), ("Accept-Encoding: gzip\r\n", 1, 304)] {
        let answer = site.ask("GET", "/a.html", &format!("{accepted}If-None-Match: {}\r\n", tags[sent]));
        assert_eq!(answer.status, status, "{accepted} {sent}");
        assert_eq!(answer.field("content-length").is_some(), status == 200);
        assert_eq!(answer.field("vary"), Some("Accept-Encoding"));
    }
}

#[test]
fn without_a_site_there_is_the_book_and_nothing_else() {
    for bytes in [vec![], vec![0; 4096], vec![0xFF; 4096], b"ESPSITE\n".repeat(10)] {
        let mut site = Site::of_partition(bytes);
        assert_eq!(site.ask("GET", "/", "").body, "<h1>Hello Secure World! </h1>");
        assert_eq!(site.ask("GET", "/favicon.ico", "").status, 204);
        let missing = site.ask("GET", "/index.html", "");
        assert_eq!(missing.status, 404);
        assert!(missing.body.ends_with("This server has /, /light and /stat.\n"), "{}", missing.body);
        let posted = site.ask("POST", "/unknown", "Content-Length: 0\r\n");
        assert_eq!((posted.status, posted.field("allow")), (404, None));
    }
}

#[test]
fn only_a_site_that_is_there_and_bad_is_trouble() {
    let trouble =
        |bytes| SitePages::open(Flash { bytes, reads_left: Rc::new(Cell::new(u32::MAX)) }).trouble();
    let files = [file("a", "a")];
    let mut bytes = vec![0; image_bytes(&files)];
    write_site(&files, &mut bytes).unwrap();
    assert_eq!(trouble(bytes.clone()), None);
    assert_eq!(trouble(vec![0xFF; 4096]), None);
    *bytes.last_mut().unwrap() ^= 1;
    assert_eq!(trouble(bytes), Some(SiteError::Checksum));
}

#[test]
fn a_flash_that_stops_answering_is_503_or_the_end_of_the_connection_and_said() {
    let long = "0123456789".repeat(10_000);
    let (mut refused, mut cut) = (0, 0);
    for reads in 0..12 {
        let mut site = Site::new(&[file("long.txt", &long)]);
        site.reads_left.set(reads);
        let mut client = Client::new(site.sim.connect());
        let (text, end) = site.sim.run(async move {
            client.stream.send(b"GET /long.txt HTTP/1.1\r\nHost: b\r\n\r\n").await;
            client.stream.fin();
            client.rest().await
        });
        assert_eq!(end, End::Fin, "{reads}");
        if text.starts_with("HTTP/1.1 503") {
            refused += 1;
            continue;
        }
        // What has not been sent yet can still be 500.
        let is_unsent = text.starts_with("HTTP/1.1 500");
        assert!(is_unsent || text.starts_with("HTTP/1.1 200") && text.len() < long.len(), "{reads}: {text}");
        cut += 1;
        let said = r#"ESP-HTTPS ROUTE {"route":"GET /{*path}","trouble":"what it answers can't be read from the flash","unsaid":0}"#;
        assert_eq!(site.sim.said(), [said], "{reads}");
    }
    assert!(refused > 0 && cut > 0, "{refused} {cut}");
}

#[test]
fn a_client_that_stops_in_the_middle_of_a_file_is_reset_and_said_and_others_are_served() {
    let long = "0123456789".repeat(10_000);
    let mut site = Site::new(&[file("long.txt", &long)]);
    let mut stopped = Client::new(site.sim.connect_with_window(1000));
    let requests = "GET /long.txt HTTP/1.1\r\nHost: b\r\n\r\n".repeat(50);
    let stopped = site.sim.run(async move {
        stopped.stream.send(&requests.as_bytes()[..900]).await;
        stopped
    });
    assert!(site.ask("GET", "/long.txt", "").body == long);
    site.sim.pass(60_000);
    let said = site.sim.said();
    assert!(
        said.len() == 1
            && said[0].contains(r#""route":"GET /{*path}","trouble":"the client stopped reading after "#),
        "{said:?}"
    );
    assert_eq!(site.sim.server.stats().sessions, 0);
    drop(stopped);
}
