//! A request, as a handler sees it.

use core::cell::Ref;

use super::answer::Answer;
use super::conversation::Conversation;
use super::kept::Kept;
use super::refused::{Reason, Refused};
use super::status::Status;
use crate::Stats;
use crate::http::{Method, Refusal};
use crate::routing::{RouteSettings, pattern, query};
use crate::shared::Shared;

/// A request that fits a route. What the server keeps of its head, and the body as far as it has come, stay in the buffer of the
/// session until the request is answered.
///
/// When the client goes away, or does not send its body in time, or breaks the rules of HTTP within it, the server drops the
/// handler's future at the `await` at which it waits for the body or for room in the answer.
pub struct Request<'a> {
    conversation: &'a Conversation,
    shared: &'a Shared,
    method: Method,
    route: &'static RouteSettings,
}

impl<'a> Request<'a> {
    pub(crate) fn new(
        conversation: &'a Conversation,
        shared: &'a Shared,
        method: Method,
        route: &'static RouteSettings,
    ) -> Self {
        Self { conversation, shared, method, route }
    }

    /// The method: that of the route, or `HEAD` on a route of `GET`. The server leaves the body out of the answer to `HEAD`.
    #[must_use]
    pub fn method(&self) -> Method {
        self.method
    }

    /// The path, percent-decoded.
    #[must_use]
    pub fn path(&self) -> Ref<'_, str> {
        self.kept(|kept, bytes| match kept.path.of(bytes) {
            [] => "/",
            path => text(path),
        })
    }

    /// What is in the path at `{name}` or `{*name}` of the route's pattern, percent-decoded. Empty when the pattern has no such
    /// parameter.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Ref<'_, str> {
        let index = pattern::parameter(self.route.name.pattern, name);
        self.kept(|kept, bytes| {
            index.and_then(|index| kept.parameters.get(index)).map_or("", |span| text(span.of(bytes)))
        })
    }

    /// The value of `name` in the query, decoded as that of a form; the first one if there are several. Empty for a name without a
    /// value, and `None` when there is no such name.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<Ref<'_, str>> {
        Ref::filter_map(self.conversation.incoming.borrow(), |incoming| {
            let mut pairs = query::pairs(incoming.kept.query.of(incoming.kept_bytes()));
            pairs.find(|(other, _)| *other == name).map(|(_, value)| value)
        })
        .ok()
    }

    /// The value of a header field that the route [wants](crate::Route::fields); the first one if there are several. `None` when it
    /// did not come, or the route does not want it.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<Ref<'_, [u8]>> {
        let index = self.route.fields.iter().position(|field| field.eq_ignore_ascii_case(name))?;
        Ref::filter_map(self.conversation.incoming.borrow(), |incoming| {
            let span = incoming.kept.fields.get(index).filter(|span| span.end > 0)?;
            Some(span.of(incoming.kept_bytes()))
        })
        .ok()
    }

    /// The next piece of the body, as it comes; `None` at its end. All that is left of the last piece is forgotten.
    pub async fn piece(&mut self) -> Option<Ref<'_, [u8]>> {
        let conversation = self.conversation;
        while !conversation.incoming.borrow_mut().next_piece() {
            if conversation.incoming.borrow().is_whole() {
                return None;
            }
            conversation.more_body().await;
        }
        Some(Ref::map(conversation.incoming.borrow(), |incoming| incoming.ready()))
    }

    /// The whole body, in the buffer of the session.
    ///
    /// # Errors
    /// It does not fit there: the server answers 413. A body within the limits of the board's settings fits unless path, query and the
    /// fields that the route wants are longer than 1.7 KB together.
    pub async fn body(&mut self) -> Result<Ref<'_, [u8]>, Refused> {
        let conversation = self.conversation;
        while !conversation.incoming.borrow().is_whole() {
            if !conversation.incoming.borrow().received.has_room() {
                let limit = conversation.incoming.borrow().ready().len();
                return Err(Refused(Reason::Refusal(Refusal::BodyTooLong { limit })));
            }
            conversation.more_body().await;
        }
        conversation.incoming.borrow_mut().next_piece();
        Ok(Ref::map(conversation.incoming.borrow(), |incoming| incoming.ready()))
    }

    /// The server's figures.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.shared.stats()
    }

    /// Starts an answer. What has not been read of the body is not read any more.
    pub fn answer(self, status: Status) -> Answer<'a> {
        let limit = self.shared.limits.max_body.into();
        let incoming = self.conversation.incoming.borrow();
        let mut outgoing = self.conversation.outgoing.borrow_mut();
        if incoming.is_awaited() || incoming.unused() > limit {
            // A client that waits for a word may send its body after a final answer or leave it out.
            outgoing.close_after();
        }
        drop((incoming, outgoing));
        Answer::new(self.conversation, status)
    }

    /// The same request, for an answer that has a part of it in its head.
    pub(crate) fn again(&self) -> Self {
        Self { ..*self }
    }

    fn kept(&self, part: impl for<'b> FnOnce(&Kept, &'b [u8]) -> &'b str) -> Ref<'_, str> {
        Ref::map(self.conversation.incoming.borrow(), |incoming| part(&incoming.kept, incoming.kept_bytes()))
    }
}

/// It was made UTF-8 when it was decoded.
fn text(bytes: &[u8]) -> &str {
    core::str::from_utf8(bytes).unwrap_or_default()
}
