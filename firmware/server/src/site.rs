//! The files of a site, as pages: what the firmware serves from its `site` partition.

use core::future::{Future, Ready, ready};
use core::pin::Pin;
use core::task::{Context, Poll};

use esp_https_provision::site::{
    Aligned, Coding, Content, ETag, Found, PIECE_BYTES, Site, SiteError, SiteFile, SiteFlash, Unreadable,
};

use crate::handler::outgoing::{Flaw, Outgoing};
use crate::handler::sending::{Added, Source};
use crate::{Answer, Done, Refused, Request, SendingAll, Status};

/// The files of a site, or none where the partition has none.
///
/// A route that answers with them wants [`SITE_FIELDS`](crate::SITE_FIELDS).
#[derive(Debug)]
pub struct SitePages<F> {
    site: Result<Site<F>, SiteError>,
}

impl<F: SiteFlash> SitePages<F> {
    /// Reads and checks the partition.
    #[must_use]
    pub fn open(flash: F) -> Self {
        Self { site: Site::open(flash) }
    }

    /// Why there is none, for the serial port; `None` where there is one, or where nothing was ever written.
    #[must_use]
    pub fn trouble(&self) -> Option<SiteError> {
        self.site.as_ref().err().copied().filter(|error| *error != SiteError::NoSite)
    }

    /// Whether there is a site, even one without files.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.site.is_ok()
    }

    /// Whether the path means a file or a folder of the site.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        self.find(path).is_ok_and(|found| found != Found::Nothing)
    }

    /// Answers with the file that `path`, without its first slash, means; with 304 if the client has it.
    ///
    /// # Errors
    /// There is none, which is 404, or the flash can't be read.
    pub fn answer<'a>(&'a self, request: Request<'a>, path: &str) -> FileAnswer<'a, F> {
        match self.find(path) {
            Ok(Found::File(file)) => self.send(request, file),
            Ok(Found::Folder) => FileAnswer::ready(moved(request, path)),
            Ok(Found::Nothing) => FileAnswer::ready(Err(Refused::NOT_FOUND)),
            Err(refused) => FileAnswer::ready(Err(refused)),
        }
    }

    /// The same for the path that is the parameter `name` of the route.
    ///
    /// # Errors
    /// The same.
    pub fn answer_path<'a>(&'a self, request: Request<'a>, name: &str) -> FileAnswer<'a, F> {
        let same = request.again();
        let path = same.parameter(name);
        self.answer(request, &path)
    }

    fn find(&self, path: &str) -> Result<Found, Refused> {
        let Ok(site) = &self.site else { return Ok(Found::Nothing) };
        site.find(path).map_err(|Unreadable| UNREADABLE)
    }

    fn send<'a>(&'a self, request: Request<'a>, file: SiteFile) -> FileAnswer<'a, F> {
        let Ok(site) = &self.site else { return FileAnswer::ready(Err(Refused::NOT_FOUND)) };
        let (etag, content, head) = choose(&request, &file);
        let has_it = request.field("If-None-Match").is_some_and(|field| etag.is_in(&field));
        if has_it {
            return FileAnswer::ready(head.fields(request.answer(Status::NOT_MODIFIED)).empty());
        }
        let answer = head.fields(request.answer(Status::OK)).media(file.media.content_type());
        FileAnswer(Sent::File(answer.source(content.length.into(), FileSource { site, content })))
    }
}

/// Sends a file, or what there is to say instead. Written by hand, as what is sent is (`handler/sending.rs`): each connection has room
/// for one.
#[must_use = "nothing is sent until it is awaited"]
pub struct FileAnswer<'a, F>(Sent<'a, F>);

enum Sent<'a, F> {
    File(SendingAll<'a, FileSource<'a, F>>),
    Ready(Ready<Result<Done, Refused>>),
}

impl<F> FileAnswer<'_, F> {
    fn ready(answered: Result<Done, Refused>) -> Self {
        Self(Sent::Ready(ready(answered)))
    }
}

impl<F: SiteFlash> Future for FileAnswer<'_, F> {
    type Output = Result<Done, Refused>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            Sent::File(sending) => Pin::new(sending).poll(context),
            Sent::Ready(ready) => Pin::new(ready).poll(context),
        }
    }
}

fn moved(request: Request<'_>, path: &str) -> Result<Done, Refused> {
    request.answer(Status::PERMANENT_REDIRECT).field("Location", Location(path)).empty()
}

/// The representation for this client, and the fields that go with it.
fn choose(request: &Request<'_>, file: &SiteFile) -> (ETag, Content, HeadFields) {
    let accepted = request.field("Accept-Encoding");
    let (coding, content) = file.choose(accepted.as_deref());
    let etag = file.etag(coding);
    (etag, content, HeadFields { etag, coding, varies: file.gzip.is_some() })
}

/// The fields that an answer with 200 has, and one with 304 too (RFC 9110 section 15.4.5).
struct HeadFields {
    etag: ETag,
    coding: Coding,
    varies: bool,
}

impl HeadFields {
    fn fields<'a>(&self, answer: Answer<'a>) -> Answer<'a> {
        // The page of tomorrow has the same URL: a browser has to ask each time, and gets 304.
        let mut answer = answer.field("ETag", self.etag).field("Cache-Control", "no-cache");
        if self.varies {
            answer = answer.field("Vary", "Accept-Encoding");
        }
        if self.coding == Coding::Gzip {
            answer = answer.field("Content-Encoding", "gzip");
        }
        answer
    }
}

/// The content of a file. It is read from the flash when there is room in the answer, through a piece on the stack: no session keeps
/// a buffer for it.
struct FileSource<'s, F> {
    site: &'s Site<F>,
    content: Content,
}

impl<F: SiteFlash> Source for FileSource<'_, F> {
    fn add(&self, outgoing: &mut Outgoing, written: &mut usize) -> Result<Added, Flaw> {
        let mut piece = Aligned([0; PIECE_BYTES]);
        while *written < self.content.length as usize {
            let from = u32::try_from(*written).map_err(|_| Flaw::Source)?;
            let read = self.site.piece(self.content, from, &mut piece).map_err(|_| Flaw::Source)?;
            let taken = outgoing.push(read)?;
            *written += taken;
            if taken < read.len() {
                return Ok(Added::Part);
            }
        }
        Ok(Added::All)
    }
}

/// The path of a folder with the slash that it lacked, as a URL has it (RFC 3986 section 3.3).
struct Location<'a>(&'a str);

impl core::fmt::Display for Location<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("/")?;
        for byte in self.0.bytes() {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                    write!(f, "{}", char::from(byte))?;
                }
                byte => write!(f, "%{byte:02X}")?,
            }
        }
        f.write_str("/")
    }
}

/// The fields of a request that decide on the answer.
pub const FIELDS: &[&str] = &["Accept-Encoding", "If-None-Match"];

const UNREADABLE: Refused = Refused::unavailable("the site can't be read from the flash");
