//! The server's own answers, each of which fits the buffer.

use core::fmt::{self, Display};

use super::outgoing::{Extent, Outgoing};
use super::sending::{Source as _, Text, length};
use super::status::Status;
use crate::Routes;
use crate::http::{Methods, Refusal};

/// Writes the answer that refuses a request.
pub(crate) fn render<P>(outgoing: &mut Outgoing, refusal: Refusal, routes: Routes<P>) {
    outgoing.status(Status::of_refusal(refusal.status()));
    outgoing.field("Content-Type", &"text/plain; charset=utf-8");
    outgoing.field("X-Content-Type-Options", &"nosniff");
    if let Refusal::NotAllowed(methods) = refusal {
        outgoing.field("Allow", &methods);
    }
    match refusal {
        Refusal::NotFound => render_body(outgoing, format_args!("{refusal}{}", Listed(routes))),
        _ => render_body(outgoing, refusal),
    }
}

/// Writes the answer that lists all methods.
pub(crate) fn render_methods(outgoing: &mut Outgoing, methods: Methods) {
    outgoing.status(Status::NO_CONTENT);
    outgoing.field("Allow", &methods);
    outgoing.end_head(Extent::Length(0));
}

fn render_body(outgoing: &mut Outgoing, text: impl Display) {
    outgoing.end_head(Extent::Length(length(&text)));
    // An answer of the server's own has room: the test below writes the longest ones.
    let _ = Text(text).add(outgoing, &mut 0);
}

/// The pages that there are, as far as there is room.
struct Listed<P: 'static>(Routes<P>);

impl<P> Display for Listed<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut paths = self.0.listed().peekable();
        let Some(first) = paths.next() else { return f.write_str("\n") };
        write!(f, " This server has {first}")?;
        let mut length = first.len();
        while let Some(path) = paths.next() {
            length += path.len() + 2;
            if length > MAX_LISTED {
                return f.write_str(" and more.\n");
            }
            write!(f, "{}{path}", if paths.peek().is_some() { ", " } else { " and " })?;
        }
        f.write_str(".\n")
    }
}

/// Bytes of paths that an answer with 404 lists.
const MAX_LISTED: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::handler::outgoing::{BodyPart, Delivery, Last};
    use crate::handler::refused::Reason;
    use crate::http::{Method, Persistence, Version};
    use crate::{Refused, Route};

    const ROUTES: Routes<u8> = Routes::new(&[
        Route::get("/", 0),
        Route::get("/first_path_that_leaves_no_room_for_a_fourth_one_in_the_list_of", 1),
        Route::get("/second_path_that_leaves_no_room_for_a_fourth_one_in_the_list_o", 2),
        Route::get("/third_path_that_leaves_no_room_for_a_fourth_one_in_the_list_of", 3),
        Route::get("/fourth", 4),
    ]);

    #[test]
    fn the_longest_answers_fit_the_buffer() {
        let all = [
            Method::Delete,
            Method::Get,
            Method::Head,
            Method::Options,
            Method::Patch,
            Method::Post,
            Method::Put,
        ];
        let Refused(Reason::Refusal(reason)) = Refused::bad_request(str_of_200()) else { panic!() };
        for refusal in [
            reason,
            Refusal::NotFound,
            Refusal::HeaderTooLong { limit: usize::from(u16::MAX) },
            Refusal::NotAllowed(all.into_iter().fold(Methods::default(), Methods::and)),
            Refusal::TooSlow { limit_ms: u32::MAX },
        ] {
            let mut outgoing = Outgoing::new();
            let (version, persistence) = (Version::Http10, Persistence::KeepAlive);
            outgoing.prepare(Delivery { version, persistence, part: BodyPart::Send });
            render(&mut outgoing, refusal, ROUTES);
            assert_eq!(outgoing.end_body(), Ok(()), "{refusal:?}");
            outgoing.seal(Last::Yes);
            assert!(outgoing.sealed().ends_with(b"\n"), "{refusal:?}");
        }
    }

    #[test]
    fn a_404_lists_what_there_is_room_for() {
        assert_eq!(Listed(ROUTES).to_string().matches(" and more.").count(), 1);
        const TWO: Routes<u8> =
            Routes::new(&[Route::get("/", 0), Route::get("/{room}", 1), Route::get("/a", 2)]);
        assert_eq!(Listed(TWO).to_string(), " This server has / and /a.\n");
    }

    fn str_of_200() -> &'static str {
        let text: &'static [u8; 200] = &[b'x'; 200];
        core::str::from_utf8(text).unwrap()
    }
}
