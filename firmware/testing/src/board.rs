//! A board in memory.

use esp_https_provision::Limits;
use esp_https_server::Handler;

use crate::client::{Answer, Client};
use crate::plain::Plain;
use crate::sim::Sim;

/// A board in memory that serves these pages, without encryption and with the limits that a board has by default. A test has one
/// at a time.
///
/// Time is simulated: it passes only when nothing else can happen, and at once. So a page that waits for ten seconds keeps no test
/// waiting.
///
/// ```
/// use esp_https_server::Book;
/// use esp_https_testing::Board;
///
/// let mut board = Board::new(Book::new());
/// assert_eq!(board.get("/light").body, "{\"status\": true}");
/// assert_eq!(board.post("/light", "{\"status\": false}").status, 200);
/// assert_eq!(board.get("/light").body, "{\"status\": false}");
///
/// let answer = board.ask("GET /light HTTP/1.1\r\nHost: board\r\nAccept: */*\r\n\r\n");
/// assert_eq!(answer.field("content-type"), Some("application/json"));
/// assert_eq!(board.said(), [""; 0], "no page did what it must not");
/// ```
pub struct Board<H: Handler + 'static> {
    sim: Sim<Plain, H>,
}

impl<H: Handler + 'static> Board<H> {
    /// A board with these pages.
    ///
    /// # Panics
    /// The test has a board already.
    pub fn new(pages: H) -> Self {
        Self { sim: Sim::with_pages(Plain, Limits::default(), pages) }
    }

    /// The answer to a `GET` of this path, which may have a query.
    ///
    /// # Panics
    /// There was no answer, or none that can be read.
    pub fn get(&mut self, path: &str) -> Answer {
        self.ask(&format!("GET {path} HTTP/1.1\r\nHost: board\r\n\r\n"))
    }

    /// The answer to a `POST` of `body` to this path, from a program and not from a browser.
    ///
    /// # Panics
    /// There was no answer, or none that can be read.
    pub fn post(&mut self, path: &str, body: &str) -> Answer {
        let length = body.len();
        self.ask(&format!("POST {path} HTTP/1.1\r\nHost: board\r\nContent-Length: {length}\r\n\r\n{body}"))
    }

    /// The answer to a request that is written out. It gets a connection of its own.
    ///
    /// # Panics
    /// There was no answer, or none that can be read.
    pub fn ask(&mut self, request: &str) -> Answer {
        let mut client = Client::new(self.sim.connect());
        let text = request.to_owned();
        let answer = self.sim.run(async move { client.ask(&text).await });
        answer.unwrap_or_else(|end| {
            panic!("no answer ({end:?}) to: {request}\nthe board said: {:#?}", self.said())
        })
    }

    /// What the board has printed on its serial port since this was called last: it tells of pages that do what they must not.
    #[must_use]
    pub fn said(&self) -> Vec<String> {
        self.sim.said()
    }
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use esp_https_server::{Book, Done, Refused, Request, Route, Routes, Status};

    use super::*;

    #[test]
    fn a_second_board_is_refused_while_there_is_a_first_and_not_afterwards() {
        let first = Board::new(Book::new());
        let second = catch_unwind(|| Board::new(Book::new()).get("/"));
        assert_eq!(
            second.unwrap_err().downcast_ref::<&str>().unwrap().split(':').next(),
            Some("a test has one board at a time")
        );
        drop(first);
        assert_eq!(Board::new(Book::new()).get("/").status, 200);
    }

    /// Announces more than it sends.
    struct Short;

    impl Handler for Short {
        type Page = ();

        const ROUTES: Routes<()> = Routes::new(&[Route::get("/", ())]);

        async fn handle(&self, (): (), request: Request<'_>) -> Result<Done, Refused> {
            let mut body = request.answer(Status::OK).sized(2000);
            body.write(&[b'a'; 1500]).await?;
            body.end()
        }
    }

    #[test]
    fn a_page_that_does_not_answer_fails_the_test_with_what_the_board_said() {
        let asked = catch_unwind(|| Board::new(Short).get("/"));
        let told = asked.unwrap_err().downcast_ref::<String>().unwrap().clone();
        assert!(told.contains("to: GET / HTTP/1.1") && told.contains("2000"), "{told}");
    }
}
