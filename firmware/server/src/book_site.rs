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

    fn has(&self, page: BookSitePage) -> bool {
        page != BookSitePage::File || self.site.is_there()
    }

    async fn handle(&self, page: BookSitePage, request: Request<'_>) -> Result<Done, Refused> {
        let (path, page) = match page {
            BookSitePage::Home => ("", BookPage::Home),
            BookSitePage::Icon => ("favicon.ico", BookPage::Icon),
            BookSitePage::File => return self.site.answer_path(request, "path").await,
            BookSitePage::Book(page) => return self.book.handle(page, request).await,
        };
        if self.site.has(path) {
            self.site.answer(request, path).await
        } else {
            self.book.handle(page, request).await
        }
    }
}

const FIELDS: &[&str] = crate::site::FIELDS;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_pages_of_the_book_are_there() {
        let own = BookAndSite::<&[u8]>::ROUTES;
        assert_eq!(own.listed().collect::<Vec<_>>(), Book::ROUTES.listed().collect::<Vec<_>>());
        assert_eq!(own.methods(), Book::ROUTES.methods());
    }
}
