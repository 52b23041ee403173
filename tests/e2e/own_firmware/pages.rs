//! The pages of the template `firmware`, and beside them those that the tests of the firmware ask for. `tests/e2e/own_firmware.rs`
//! puts this in the place of the template's `src/lib.rs`, which becomes `src/own.rs`.
#![no_std]

#[path = "../esp-https/boards/qemu-virt/examples/misbehaving/pages.rs"]
mod misbehaving;
mod own;

use esp_https_server::{Book, BookPage, Done, Handler, Refused, Request, Route, Routes, Senders};

use crate::misbehaving::{Misbehaving, Page as Bad};

#[derive(Default)]
pub struct Pages {
    own: own::Pages,
    book: Book,
    misbehaving: Misbehaving,
}

#[derive(Clone, Copy)]
#[allow(private_interfaces, reason = "nobody outside names them")]
pub enum Page {
    Own(own::Page),
    Book(BookPage),
    Bad(Bad),
}

impl Handler for Pages {
    type Page = Page;

    const ROUTES: Routes<Page> = Routes::new(&[
        Route::get("/", Page::Book(BookPage::Home)),
        Route::get("/light", Page::Book(BookPage::Light)),
        Route::post("/light", Page::Book(BookPage::Switch)),
        Route::get("/stat", Page::Book(BookPage::Stat)),
        Route::get("/favicon.ico", Page::Book(BookPage::Icon)).unlisted(),
        Route::get("/own", Page::Own(own::Page::Home)).unlisted(),
        Route::post("/target", Page::Own(own::Page::SetTarget)).senders(Senders::OwnPages),
        Route::get("/big", Page::Bad(Bad::Big)).unlisted(),
        Route::get("/stream/{bytes}", Page::Bad(Bad::Stream)),
        Route::get("/forever", Page::Bad(Bad::Forever)).unlisted(),
        Route::get("/longer", Page::Bad(Bad::Longer)).unlisted(),
        Route::get("/spin/{unit}", Page::Bad(Bad::Spin)),
        Route::get("/panic/{unit}", Page::Bad(Bad::Panic)),
    ]);

    async fn handle(&self, page: Page, request: Request<'_>) -> Result<Done, Refused> {
        match page {
            Page::Own(page) => self.own.handle(page, request).await,
            Page::Book(page) => self.book.handle(page, request).await,
            Page::Bad(page) => self.misbehaving.handle(page, request).await,
        }
    }
}
