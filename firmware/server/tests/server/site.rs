//! A site of many pages, good ones and bad ones.

use std::future::pending;

use embassy_time::{Duration, Timer};
use esp_https_provision::Limits;
use esp_https_server::{Done, Handler, Refused, Request, Route, Routes, Senders, Status};

use crate::plain::Plain;
use crate::sim::Sim;

pub(crate) struct Site;

#[derive(Debug, Clone, Copy)]
pub(crate) enum Page {
    /// Tells what the handler sees of the request.
    Echo,
    /// So many bytes in chunks.
    Stream,
    /// So many bytes, announced.
    Sized,
    /// So many numbers, as one text.
    Text,
    /// Adds up the bytes of the body.
    Sum,
    /// Takes the body whole.
    Whole,
    /// Does not read the body.
    Unread,
    Longer,
    Shorter,
    LongHead,
    Injection,
    /// Never answers.
    Forever,
    /// Begins to answer, and never ends.
    Later,
    /// Answers a little again and again.
    Ticker,
    /// Refuses at once.
    Refuse,
    /// Refuses when it has begun to answer.
    LateRefusal,
}

impl Handler for Site {
    type Page = Page;

    const ROUTES: Routes<Page> = Routes::new(&[
        Route::get("/echo/{one}/{*rest}", Page::Echo).fields(&["X-One", "x-two"]),
        Route::post("/echo/{one}/{*rest}", Page::Echo),
        Route::get("/stream", Page::Stream),
        Route::get("/sized", Page::Sized),
        Route::get("/text", Page::Text),
        Route::post("/sum", Page::Sum).max_body(1 << 20),
        Route::post("/whole", Page::Whole),
        Route::put("/whole", Page::Whole).max_body(1 << 20),
        Route::post("/unread", Page::Unread).senders(Senders::AllPages),
        Route::put("/unread", Page::Unread).max_body(1 << 20),
        Route::get("/longer", Page::Longer),
        Route::get("/shorter", Page::Shorter),
        Route::get("/long-head", Page::LongHead),
        Route::get("/injection", Page::Injection),
        Route::get("/forever", Page::Forever),
        Route::get("/later", Page::Later),
        Route::get("/ticker", Page::Ticker).time_limit(Duration::from_secs(3)),
        Route::get("/refuse", Page::Refuse),
        Route::get("/late-refusal", Page::LateRefusal),
    ]);

    async fn handle(&self, page: Page, request: Request<'_>) -> Result<Done, Refused> {
        match page {
            Page::Echo => echo(request).await,
            Page::Stream => stream(request).await,
            Page::Sized => sized(request).await,
            Page::Text => {
                let numbers = Numbers(count(&request));
                request.answer(Status::OK).text(numbers).await
            }
            Page::Sum => sum(request).await,
            Page::Whole => whole(request).await,
            Page::Unread => request.answer(Status::NO_CONTENT).empty(),
            Page::Longer => {
                let mut body = request.answer(Status::OK).sized(1000);
                body.write(&[b'x'; 900]).await?;
                // A handler that does not care is told again at the end.
                let _ = body.write(&[b'x'; 101]).await;
                body.end()
            }
            Page::Shorter => {
                let mut body = request.answer(Status::OK).sized(1000);
                body.write(&[b'x'; 900]).await?;
                body.end()
            }
            Page::LongHead => {
                request.answer(Status::OK).field("X-Long", "x".repeat(600)).html("never seen").await
            }
            Page::Injection => {
                let target = request.query("to").map(|to| to.to_owned()).unwrap_or_default();
                request.answer(Status::SEE_OTHER).field("Location", target).empty()
            }
            Page::Forever => pending().await,
            Page::Later => {
                let mut body = request.answer(Status::OK).stream();
                body.write(b"the beginning").await?;
                pending().await
            }
            Page::Ticker => {
                let mut body = request.answer(Status::OK).stream();
                loop {
                    Timer::after_millis(40).await;
                    body.write(b"tick ").await?;
                }
            }
            Page::Refuse => Err(Refused::unavailable("the sensor is cold")),
            Page::LateRefusal => {
                let mut body = request.answer(Status::OK).stream();
                body.write(&[b'x'; 600]).await?;
                Err(Refused::NOT_FOUND)
            }
        }
    }
}

async fn echo(request: Request<'_>) -> Result<Done, Refused> {
    let field = |name| request.field(name).map(|value| String::from_utf8(value.to_vec()).unwrap());
    let query = |name| request.query(name).map(|value| value.to_owned());
    let seen = format!(
        "{} {} one={} rest={} none={} a={:?} b={:?} c={:?} x-one={:?} x-two={:?} host={:?}",
        request.method(),
        &*request.path(),
        &*request.parameter("one"),
        &*request.parameter("rest"),
        &*request.parameter("none"),
        query("a"),
        query("b"),
        query("c"),
        field("x-one"),
        field("X-Two"),
        field("host"),
    );
    request.answer(Status::OK).text(seen).await
}

async fn stream(request: Request<'_>) -> Result<Done, Refused> {
    let mut left = count(&request);
    let mut body = request.answer(Status::OK).media("text/plain").stream();
    while left > 0 {
        let piece = left.min(300);
        body.write(&vec![b's'; piece]).await?;
        left -= piece;
    }
    body.end()
}

async fn sized(request: Request<'_>) -> Result<Done, Refused> {
    let count = count(&request);
    request.answer(Status::OK).media("text/plain").bytes(&vec![b'b'; count]).await
}

async fn sum(mut request: Request<'_>) -> Result<Done, Refused> {
    let (mut sum, mut count) = (0, 0);
    while let Some(piece) = request.piece().await {
        assert!(!piece.is_empty());
        sum += piece.iter().map(|byte| u64::from(*byte)).sum::<u64>();
        count += piece.len();
    }
    assert!(request.piece().await.is_none(), "the end stays the end");
    request.answer(Status::OK).text(format_args!("{count} {sum}")).await
}

async fn whole(mut request: Request<'_>) -> Result<Done, Refused> {
    let body = String::from_utf8(request.body().await?.to_vec()).unwrap();
    request.answer(Status::CREATED).text(body).await
}

/// What the query says.
fn count(request: &Request<'_>) -> usize {
    request.query("n").and_then(|count| count.parse().ok()).unwrap_or(10_000)
}

/// The numbers up to one.
struct Numbers(usize);

impl std::fmt::Display for Numbers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        (0..self.0).try_for_each(|number| write!(f, "{number},"))
    }
}

pub(crate) fn sim() -> Sim<Plain, Site> {
    Sim::with_pages(Plain, Limits::default(), Site)
}
