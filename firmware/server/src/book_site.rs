//! The site of the book with the files of a folder beside it.

use esp_https_provision::site::SiteFlash;

use crate::{Book, BookPage, Done, Handler, Refused, Request, Route, Routes, SitePages};

/// The pages of [`Book`], and the files of the `site` partition for all other paths. An `index.html` there takes the place of the
/// book's page; the light and the figures stay.
pub struct BookAndSite<F> {
    book: Book,
    site: SitePages<F>,
}

/// The pages of [`BookAndSite`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BookSitePage {
    /// The site's `index.html`, or the book's page.
    Home,
    /// What the book answers.
    Book(BookPage),
    /// The site's icon, or none.
    Icon,
    /// A file.
    File,
}

impl<F: SiteFlash> BookAndSite<F> {
    /// With the files that are there.
    #[must_use]
    pub fn new(site: SitePages<F>) -> Self {
        Self { book: Book::new(), site }
    }

    /// A file if there is one of this path, and the book's page if not.
    async fn file_or(&self, path: &str, page: BookPage, request: Request<'_>) -> Result<Done, Refused> {
        if self.site.has(path) {
            self.site.answer(request, path).await
        } else {
            self.book.handle(page, request).await
        }
    }
}

impl<F: SiteFlash> Handler for BookAndSite<F> {
    type Page = BookSitePage;

    const ROUTES: Routes<BookSitePage> = Routes::new(&[
        Route::get("/", BookSitePage::Home).fields(FIELDS),
        Route::get("/light", BookSitePage::Book(BookPage::Light)),
        Route::post("/light", BookSitePage::Book(BookPage::Switch)),
        Route::get("/stat", BookSitePage::Book(BookPage::Stat)),
        Route::get("/favicon.ico", BookSitePage::Icon).fields(FIELDS).unlisted(),
        Route::get("/{*path}", BookSitePage::File).fields(FIELDS).unlisted(),
    ]);

    async fn handle(&self, page: BookSitePage, request: Request<'_>) -> Result<Done, Refused> {
        match page {
            BookSitePage::Home => self.file_or("", BookPage::Home, request).await,
            BookSitePage::Icon => self.file_or("favicon.ico", BookPage::Icon, request).await,
            BookSitePage::Book(page) => self.book.handle(page, request).await,
            BookSitePage::File => self.site.answer_path(request, "path").await,
        }
    }
}

const FIELDS: &[&str] = crate::site::FIELDS;
