//! Tries the pages on this machine, by `cargo test`: a board in memory, whose time is simulated.

use esp_https_testing::Board;
use pages::Pages;

#[test]
fn the_page_shows_the_target_that_was_set() {
    let mut board = Board::new(Pages::default());
    assert!(board.get("/").body.contains("<h1>20 &deg;C</h1>"));
    let answer = board.post("/target", "target=23");
    assert_eq!((answer.status, answer.field("location")), (303, Some("/")));
    assert!(board.get("/").body.contains("<h1>23 &deg;C</h1>"));
}

#[test]
fn a_target_that_is_none_changes_nothing() {
    let mut board = Board::new(Pages::default());
    for body in ["", "target=", "target=4", "target=31", "goal=20"] {
        assert_eq!(board.post("/target", body).status, 400, "{body}");
    }
    assert!(board.get("/").body.contains("<h1>20 &deg;C</h1>"));
    // What a page did that it must not, the board would have said on its serial port.
    assert_eq!(board.said(), [""; 0]);
}
