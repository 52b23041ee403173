//! The site of the book: its page, its light, the server's figures, and no icon.

use core::cell::Cell;

use serde::Deserialize;

use crate::{Done, Handler, Refused, Request, Route, Routes, Status};

/// The site of the book. The light is on at the start.
pub struct Book {
    light: Cell<bool>,
}

/// The pages of [`Book`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BookPage {
    /// The page.
    Home,
    /// What the light is.
    Light,
    /// Switches the light.
    Switch,
    /// The server's figures.
    Stat,
    /// Browsers ask for it with every page; an answer spares the log a 404.
    Icon,
}

impl Book {
    /// The site, with the light on.
    #[must_use]
    pub const fn new() -> Self {
        Self { light: Cell::new(true) }
    }

    /// Tells what the light is.
    async fn light(&self, request: Request<'_>) -> Result<Done, Refused> {
        // As the book's project writes it, with the space.
        let status = self.light.get();
        request.answer(Status::OK).json(format_args!("{{\"status\": {status}}}")).await
    }

    /// Switches the light, and tells what it is.
    async fn switch(&self, mut request: Request<'_>) -> Result<Done, Refused> {
        let order = LightOrder::parse(&request.body().await?).ok_or(BAD_LIGHT)?;
        self.light.set(order.status);
        self.light(request).await
    }
}

impl Default for Book {
    fn default() -> Self {
        Self::new()
    }
}

impl Handler for Book {
    type Page = BookPage;

    const ROUTES: Routes<BookPage> = Routes::new(&[
        Route::get("/", BookPage::Home),
        Route::get("/light", BookPage::Light),
        Route::post("/light", BookPage::Switch),
        Route::get("/stat", BookPage::Stat),
        Route::get("/favicon.ico", BookPage::Icon).unlisted(),
    ]);

    async fn handle(&self, page: BookPage, request: Request<'_>) -> Result<Done, Refused> {
        match page {
            BookPage::Home => request.answer(Status::OK).html(HELLO).await,
            BookPage::Light => self.light(request).await,
            BookPage::Switch => self.switch(request).await,
            BookPage::Stat => {
                let stats = request.stats();
                request.answer(Status::OK).json(stats).await
            }
            BookPage::Icon => request.answer(Status::NO_CONTENT).empty(),
        }
    }
}

/// The body of `POST /light`.
#[derive(Deserialize)]
struct LightOrder {
    status: bool,
}

impl LightOrder {
    fn parse(body: &[u8]) -> Option<Self> {
        let (order, length) = serde_json_core::from_slice::<Self>(body).ok()?;
        body.get(length..).unwrap_or_default().trim_ascii().is_empty().then_some(order)
    }
}

/// The book's page, byte for byte.
const HELLO: &str = "<h1>Hello Secure World! </h1>";

const BAD_LIGHT: Refused =
    Refused::bad_request("the body is neither {\"status\": true} nor {\"status\": false}");
