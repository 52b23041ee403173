//! The seam between the server and the pages that it serves: a table of routes, and one function that answers them.

mod answer;
pub(crate) mod conversation;
mod incoming;
mod kept;
pub(crate) mod outgoing;
pub(crate) mod refusal_answer;
pub(crate) mod refused;
mod request;
pub(crate) mod sending;
pub(crate) mod status;

use core::future::Future;

pub use answer::{Answer, Body, Done};
pub use refused::Refused;
pub use request::Request;
pub use sending::{Sending, SendingAll};
pub use status::Status;

use crate::Routes;

/// The pages of a board, and what they share.
///
/// The table of routes is a constant: the compiler checks it, and the type [`Page`](Handler::Page) tells its routes apart. The pages
/// share `&self`; whatever they change in there is in a `Cell` or a `RefCell`. All runs on one processor, in one thread.
///
/// ```
/// use core::cell::Cell;
///
/// use esp_https_server::{Done, Handler, Refused, Request, Route, Routes, Status};
///
/// struct Heating {
///     target: Cell<i32>,
/// }
///
/// #[derive(Clone, Copy)]
/// enum Page {
///     Home,
///     Target,
///     SetTarget,
///     Log,
/// }
///
/// impl Handler for Heating {
///     type Page = Page;
///
///     const ROUTES: Routes<Page> = Routes::new(&[
///         Route::get("/", Page::Home),
///         Route::get("/rooms/{room}/target", Page::Target),
///         Route::post("/rooms/{room}/target", Page::SetTarget),
///         Route::get("/log", Page::Log).fields(&["Accept-Language"]),
///     ]);
///
///     async fn handle(&self, page: Page, request: Request<'_>) -> Result<Done, Refused> {
///         match page {
///             Page::Home => request.answer(Status::OK).html("<h1>Heating</h1>").await,
///             Page::Target => {
///                 if &*request.parameter("room") != "kitchen" {
///                     return Err(Refused::NOT_FOUND);
///                 }
///                 request.answer(Status::OK).json(self.target.get()).await
///             }
///             Page::SetTarget => self.set_target(request).await,
///             Page::Log => self.log(request).await,
///         }
///     }
/// }
///
/// impl Heating {
///     /// Reads the body, and acts.
///     async fn set_target(&self, mut request: Request<'_>) -> Result<Done, Refused> {
///         let body = request.body().await?;
///         let target = core::str::from_utf8(&body).ok().and_then(|text| text.parse().ok());
///         drop(body);
///         self.target.set(target.ok_or(Refused::bad_request("the body is no number"))?);
///         request.answer(Status::NO_CONTENT).empty()
///     }
///
///     /// Streams an answer whose length is not known.
///     async fn log(&self, request: Request<'_>) -> Result<Done, Refused> {
///         let lines = request.query("lines").and_then(|lines| lines.parse().ok()).unwrap_or(3);
///         let mut body = request.answer(Status::OK).media("text/plain").stream();
///         for line in 0..lines {
///             body.display(format_args!("{line}: {}\n", self.target.get())).await?;
///         }
///         body.end()
///     }
/// }
/// ```
///
/// A table that is wrong does not compile:
///
/// ```compile_fail
/// use esp_https_server::{Route, Routes};
///
/// const ROUTES: Routes<u8> = Routes::new(&[Route::get("/rooms/{room", 1)]);
/// # let _ = ROUTES;
/// ```
///
/// # What it costs
///
/// What a handler keeps across an `await` is in the task of each connection, of which there are
/// [`SOCKETS`](crate::budget::SOCKETS): a local buffer of 100 bytes takes 1,000. Nothing is allocated.
///
/// # What is limited
///
/// A handler may wait for something of its own for 10 s in total ([`Route::time_limit`](crate::Route::time_limit)); then its future is dropped, and the client gets
/// 503. It may compute for 5 s without an `await`; then the board is reset. The client's part has the limits of the board's settings.
/// Whatever goes wrong in a handler is said on the serial port, with its route.
pub trait Handler {
    /// What tells the routes of the table apart.
    type Page: Copy + 'static;

    /// The table.
    const ROUTES: Routes<Self::Page>;

    /// Whether this board has the page. A route whose page it has not is passed over, as if the table lacked it: then its path is 404
    /// for every method. Asked for every request, so it has to be quick.
    fn has(&self, page: Self::Page) -> bool {
        let _ = page;
        true
    }

    /// Answers a request for this page.
    fn handle(&self, page: Self::Page, request: Request<'_>) -> impl Future<Output = Result<Done, Refused>>;
}

impl<H: Handler> Handler for &H {
    type Page = H::Page;

    const ROUTES: Routes<H::Page> = H::ROUTES;

    fn has(&self, page: H::Page) -> bool {
        H::has(self, page)
    }

    async fn handle(&self, page: H::Page, request: Request<'_>) -> Result<Done, Refused> {
        H::handle(self, page, request).await
    }
}
