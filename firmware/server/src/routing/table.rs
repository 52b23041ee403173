//! The table of routes, a value that the compiler checks.

use core::fmt;

use embassy_time::Duration;

use super::pattern::{self, Parameters};
use crate::http::{Method, Methods, Refusal, Sender};

/// One method of the paths that fit one pattern, and the page that answers it.
///
/// A pattern is a path with literal segments, `{name}` for any one segment that is not empty, and `{*name}` at its end for all that
/// is left, which may be empty. Literal segments are compared after percent-decoding, and an escaped slash separates nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route<P> {
    pub(crate) page: P,
    pub(crate) settings: RouteSettings,
}

/// What the server knows of a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RouteSettings {
    pub(crate) name: RouteName,
    pub(crate) fields: &'static [&'static str],
    pub(crate) max_body: Option<u32>,
    pub(crate) time_limit: Duration,
    senders: Senders,
    listing: Listing,
}

/// Method and pattern of a route: what the serial port calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RouteName {
    pub(crate) method: Method,
    pub(crate) pattern: &'static str,
}

impl fmt::Display for RouteName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.pattern)
    }
}

/// Who may use a route whose method changes something. A program may always; what a browser sends is told apart by the fields that
/// no page can change (`Origin`, `Sec-Fetch-Site`). Routes of `GET` are open to all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Senders {
    /// Pages of this board; by `POST` only what is `application/json`, which no form sends.
    OwnJson,
    /// Pages of this board, forms included.
    OwnPages,
    /// Any page of any site that a user of the board happens to visit.
    AllPages,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Listing {
    Listed,
    Unlisted,
}

impl<P: Copy> Route<P> {
    /// A route of `GET`, and of `HEAD` with it.
    #[must_use]
    pub const fn get(pattern: &'static str, page: P) -> Self {
        Self::new(Method::Get, pattern, page)
    }

    /// A route of `POST`.
    #[must_use]
    pub const fn post(pattern: &'static str, page: P) -> Self {
        Self::new(Method::Post, pattern, page)
    }

    /// A route of `PUT`.
    #[must_use]
    pub const fn put(pattern: &'static str, page: P) -> Self {
        Self::new(Method::Put, pattern, page)
    }

    /// A route of `DELETE`.
    #[must_use]
    pub const fn delete(pattern: &'static str, page: P) -> Self {
        Self::new(Method::Delete, pattern, page)
    }

    /// A route of `PATCH`.
    #[must_use]
    pub const fn patch(pattern: &'static str, page: P) -> Self {
        Self::new(Method::Patch, pattern, page)
    }

    const fn new(method: Method, pattern: &'static str, page: P) -> Self {
        let settings = RouteSettings {
            name: RouteName { method, pattern },
            fields: &[],
            max_body: None,
            time_limit: TIME_LIMIT,
            senders: Senders::OwnJson,
            listing: Listing::Listed,
        };
        Self { page, settings }
    }

    /// The header fields of the request that the page wants to see, at most [`MAX_FIELDS`]. Others are not kept.
    #[must_use]
    pub const fn fields(mut self, fields: &'static [&'static str]) -> Self {
        self.settings.fields = fields;
        self
    }

    /// The longest body in bytes, for a page that takes it piece by piece. Without this it is the board's setting.
    #[must_use]
    pub const fn max_body(mut self, bytes: u32) -> Self {
        self.settings.max_body = Some(bytes);
        self
    }

    /// How long the page may wait for something of its own, in total. Without this it is 10 s.
    #[must_use]
    pub const fn time_limit(mut self, limit: Duration) -> Self {
        self.settings.time_limit = limit;
        self
    }

    /// Who may use the route. Without this it is [`Senders::OwnJson`].
    #[must_use]
    pub const fn senders(mut self, senders: Senders) -> Self {
        self.settings.senders = senders;
        self
    }

    /// Leaves the route out of what an answer with 404 lists.
    #[must_use]
    pub const fn unlisted(mut self) -> Self {
        self.settings.listing = Listing::Unlisted;
        self
    }
}

impl RouteSettings {
    fn has(&self, method: Method) -> bool {
        self.name.method == method || (self.name.method == Method::Get && method == Method::Head)
    }

    fn admits(&self, sender: Sender) -> Result<(), Refusal> {
        if self.name.method.is_safe() || self.senders == Senders::AllPages {
            return Ok(());
        }
        match sender {
            Sender::Program | Sender::OwnPage => Ok(()),
            Sender::ForeignPage => Err(Refusal::ForeignOrigin),
            // No form sends another method than GET and POST (HTML section 4.10.18.6).
            Sender::OwnForm if self.senders == Senders::OwnJson && self.name.method == Method::Post => {
                Err(Refusal::NotJson)
            }
            Sender::OwnForm => Ok(()),
        }
    }
}

/// A table of routes. The first route that fits is taken.
#[derive(Debug, PartialEq, Eq)]
pub struct Routes<P: 'static> {
    routes: &'static [Route<P>],
}

impl<P> Clone for Routes<P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P> Copy for Routes<P> {}

/// A route, and where the parameters are in the path.
pub(crate) struct Found<P: 'static> {
    pub(crate) route: &'static Route<P>,
    pub(crate) parameters: Parameters,
}

impl<P> Routes<P> {
    /// The table. To be evaluated by the compiler (`const`), which then checks it: a pattern that is none, more than [`MAX_FIELDS`]
    /// fields, and a route that is there twice fail the build.
    #[must_use]
    pub const fn new(routes: &'static [Route<P>]) -> Self {
        let mut at = 0;
        while at < routes.len() {
            pattern::check(routes[at].settings.name.pattern);
            assert!(routes[at].settings.fields.len() <= MAX_FIELDS, "a route wants at most 4 header fields");
            let mut other = 0;
            while other < at {
                assert!(
                    !is_same(&routes[at].settings.name, &routes[other].settings.name),
                    "a route is there twice"
                );
                other += 1;
            }
            at += 1;
        }
        Self { routes }
    }

    /// The route of a request, if there is one that lets this sender use it, among those whose page `is_there`.
    pub(crate) fn find(
        self,
        method: Method,
        path: &[u8],
        sender: Sender,
        is_there: impl Fn(P) -> bool,
    ) -> Result<Found<P>, Refusal>
    where
        P: Copy,
    {
        let mut others = Methods::default();
        for route in self.routes.iter().filter(|route| is_there(route.page)) {
            let settings = &route.settings;
            let Some(parameters) = pattern::matches(settings.name.pattern, path) else { continue };
            if settings.has(method) {
                return settings.admits(sender).map(|()| Found { route, parameters });
            }
            others = settings.allow(others);
        }
        if others == Methods::default() { Err(Refusal::NotFound) } else { Err(Refusal::NotAllowed(others)) }
    }

    /// What some resource here has, for `OPTIONS *` (RFC 9110 section 9.3.7).
    pub(crate) fn methods(self) -> Methods {
        self.routes
            .iter()
            .fold(Methods::default().and(Method::Options), |methods, route| route.settings.allow(methods))
    }

    /// The paths that an answer with 404 lists.
    pub(crate) fn listed(self) -> impl Iterator<Item = &'static str> {
        let listed = |settings: &&RouteSettings| {
            settings.listing == Listing::Listed
                && settings.name.method == Method::Get
                && !settings.name.pattern.contains('{')
        };
        self.routes.iter().map(|route| &route.settings).filter(listed).map(|settings| settings.name.pattern)
    }
}

impl RouteSettings {
    fn allow(&self, methods: Methods) -> Methods {
        let methods = methods.and(self.name.method);
        if self.name.method == Method::Get { methods.and(Method::Head) } else { methods }
    }
}

const fn is_same(one: &RouteName, other: &RouteName) -> bool {
    let (a, b) = (one.pattern.as_bytes(), other.pattern.as_bytes());
    if a.len() != b.len() || one.method as u8 != other.method as u8 {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if a[at] != b[at] {
            return false;
        }
        at += 1;
    }
    true
}

/// Header fields that one route may want. Each takes 4 bytes of every session.
pub const MAX_FIELDS: usize = 4;

/// How long a page may wait for something of its own, unless its route says otherwise. Somebody looks at a blank page meanwhile, and
/// the session serves nobody else.
const TIME_LIMIT: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;

    const ROUTES: Routes<u8> = Routes::new(&[
        Route::get("/", 0),
        Route::get("/light", 1),
        Route::post("/light", 2),
        Route::delete("/light", 3).unlisted(),
        Route::post("/form", 4).senders(Senders::OwnPages),
        Route::post("/open", 5).senders(Senders::AllPages),
        Route::get("/icon", 6).unlisted(),
        Route::get("/rooms/{room}", 7),
        Route::get("/rooms/{*rest}", 8),
    ]);

    fn page(method: Method, path: &str, sender: Sender) -> Result<u8, Refusal> {
        ROUTES.find(method, path.as_bytes(), sender, |_| true).map(|found| found.route.page)
    }

    #[test]
    fn the_first_route_that_fits_answers() {
        assert_eq!(page(Method::Get, "/", Sender::ForeignPage), Ok(0));
        assert_eq!(page(Method::Head, "/light", Sender::Program), Ok(1));
        assert_eq!(page(Method::Get, "/rooms/a", Sender::Program), Ok(7));
        assert_eq!(page(Method::Get, "/rooms/a/b", Sender::Program), Ok(8));
    }

    #[test]
    fn what_does_not_fit_is_404_and_405_with_the_methods_that_do() {
        assert_eq!(page(Method::Get, "/none", Sender::Program), Err(Refusal::NotFound));
        let Err(Refusal::NotAllowed(methods)) = page(Method::Put, "/light", Sender::Program) else {
            panic!()
        };
        assert_eq!(methods.to_string(), "DELETE, GET, HEAD, POST");
        assert_eq!(ROUTES.methods().to_string(), "DELETE, GET, HEAD, OPTIONS, POST");
        assert_eq!(ROUTES.listed().collect::<Vec<_>>(), ["/", "/light"]);
    }

    #[test]
    fn a_route_whose_page_is_not_there_is_passed_over() {
        let find = |method, path: &str| {
            let found = ROUTES.find(method, path.as_bytes(), Sender::Program, |page| page != 7 && page != 2);
            found.map(|found| found.route.page)
        };
        assert_eq!(find(Method::Get, "/rooms/a"), Ok(8));
        let Err(Refusal::NotAllowed(methods)) = find(Method::Post, "/light") else { panic!() };
        assert_eq!(methods.to_string(), "DELETE, GET, HEAD");
        assert!(
            ROUTES
                .find(Method::Post, b"/light", Sender::Program, |_| false)
                .is_err_and(|refusal| refusal == Refusal::NotFound)
        );
    }

    #[test]
    fn a_page_may_change_what_the_route_lets_it() {
        use Sender::{ForeignPage, OwnForm, OwnPage, Program};
        for (method, path, answers) in [
            (Method::Post, "/light", [Ok(2), Ok(2), Err(Refusal::NotJson), Err(Refusal::ForeignOrigin)]),
            (Method::Delete, "/light", [Ok(3), Ok(3), Ok(3), Err(Refusal::ForeignOrigin)]),
            (Method::Post, "/form", [Ok(4), Ok(4), Ok(4), Err(Refusal::ForeignOrigin)]),
            (Method::Post, "/open", [Ok(5), Ok(5), Ok(5), Ok(5)]),
        ] {
            let found = [Program, OwnPage, OwnForm, ForeignPage].map(|sender| page(method, path, sender));
            assert_eq!(found, answers, "{method} {path}");
        }
    }

    #[test]
    fn a_table_that_is_wrong_fails_the_build() {
        let wrong: [fn() -> Routes<u8>; 3] = [
            || Routes::new(&const { [Route::get("light", 0)] }),
            || Routes::new(&const { [Route::get("/", 0), Route::post("/", 1), Route::get("/", 2)] }),
            || Routes::new(&const { [Route::get("/", 0).fields(&["a", "b", "c", "d", "e"])] }),
        ];
        for wrong in wrong {
            assert!(std::panic::catch_unwind(wrong).is_err());
        }
    }
}
