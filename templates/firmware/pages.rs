//! The pages of the board. This is the file to edit; its tests are in `tests/pages.rs`.
#![no_std]
#![forbid(unsafe_code)]

use core::cell::Cell;

use esp_https_server::{Done, Handler, Refused, Request, Route, Routes, Senders, Status};

/// What the pages share. All of them run on one processor, in one thread, so that a `Cell` or a `RefCell` holds what changes.
pub struct Pages {
    /// The temperature that somebody wishes, in degrees Celsius.
    target: Cell<u8>,
}

/// What the board starts with.
impl Default for Pages {
    fn default() -> Self {
        Self {
            target: Cell::new(20),
        }
    }
}

/// What tells the routes of the table apart.
#[derive(Clone, Copy)]
pub enum Page {
    Home,
    SetTarget,
}

impl Handler for Pages {
    type Page = Page;

    const ROUTES: Routes<Page> = Routes::new(&[
        Route::get("/", Page::Home),
        // Of browsers, those that show a page of this board; without this, none of their forms.
        Route::post("/target", Page::SetTarget).senders(Senders::OwnPages),
    ]);

    async fn handle(&self, page: Page, request: Request<'_>) -> Result<Done, Refused> {
        match page {
            Page::Home => self.home(request).await,
            Page::SetTarget => self.set_target(request).await,
        }
    }
}

impl Pages {
    /// Reads: a page with the temperature, and a form.
    async fn home(&self, request: Request<'_>) -> Result<Done, Refused> {
        let target = self.target.get();
        let page = request.answer(Status::OK).media("text/html; charset=utf-8");
        page.display(format_args!(
            "<!doctype html>
<title>Heating</title>
<h1>{target} &deg;C</h1>
<form method=\"post\" action=\"/target\">
<input type=\"number\" name=\"target\" min=\"{MIN}\" max=\"{MAX}\" value=\"{target}\">
<button>Set</button>
</form>
"
        ))
        .await
    }

    /// Acts: takes the temperature that the form sends, and shows the page again.
    async fn set_target(&self, mut request: Request<'_>) -> Result<Done, Refused> {
        let target = target_in(&request.body().await?).ok_or(BAD_TARGET)?;
        self.target.set(target);
        request
            .answer(Status::SEE_OTHER)
            .field("Location", "/")
            .empty()
    }
}

/// The temperature in the body of a form, such as `target=21`.
fn target_in(form: &[u8]) -> Option<u8> {
    let target = core::str::from_utf8(form).ok()?.strip_prefix("target=")?;
    target
        .parse()
        .ok()
        .filter(|target| (MIN..=MAX).contains(target))
}

const MIN: u8 = 5;
const MAX: u8 = 30;
const BAD_TARGET: Refused = Refused::bad_request("the body is not target=5 to target=30");
