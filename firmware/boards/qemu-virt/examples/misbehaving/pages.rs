//! Pages that misbehave.

use core::future::pending;

use esp_https_server::{Done, Handler, Refused, Request, Route, Routes, Status};

/// All of them.
#[derive(Default)]
pub(crate) struct Misbehaving;

/// The pages.
#[derive(Clone, Copy)]
pub(crate) enum Page {
    /// 100 KB, announced.
    Big,
    /// So many bytes, in chunks.
    Stream,
    /// Never answers.
    Forever,
    /// Answers more than it announced.
    Longer,
    /// Computes for ever.
    Spin,
    Panic,
}

impl Handler for Misbehaving {
    type Page = Page;

    const ROUTES: Routes<Page> = Routes::new(&[
        Route::get("/big", Page::Big),
        Route::get("/stream/{bytes}", Page::Stream),
        Route::get("/forever", Page::Forever),
        Route::get("/longer", Page::Longer),
        Route::get("/spin/{unit}", Page::Spin),
        Route::get("/panic/{unit}", Page::Panic),
    ]);

    async fn handle(&self, page: Page, request: Request<'_>) -> Result<Done, Refused> {
        match page {
            Page::Big => {
                let mut body = request.answer(Status::OK).media("text/plain").sized(100 * 1024);
                for _ in 0..100 {
                    body.write(&KIB).await?;
                }
                body.end()
            }
            Page::Stream => {
                let bytes = request.parameter("bytes").parse().map_err(|_| NO_NUMBER)?;
                let mut body = request.answer(Status::OK).media("text/plain").stream();
                for _ in 0_usize..bytes {
                    body.write(b"s").await?;
                }
                body.end()
            }
            Page::Forever => pending().await,
            Page::Longer => {
                let mut body = request.answer(Status::OK).sized(3);
                body.write(b"four").await?;
                body.end()
            }
            Page::Spin => loop {
                core::hint::spin_loop();
            },
            #[allow(clippy::panic, reason = "this is what it is for")]
            Page::Panic => panic!("a page's own bug"),
        }
    }
}

static KIB: [u8; 1024] = [b'b'; 1024];

const NO_NUMBER: Refused = Refused::bad_request("the path has no number");
