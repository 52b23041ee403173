//! Sends a request by reqwest, and reads the answer in bounded memory and time.

use std::{net::SocketAddr, sync::Arc};

use reqwest::{
    Body as SentBody, Client, Method, Response, Url,
    header::{HeaderName, HeaderValue},
    redirect::Policy,
};
use rustls::{ClientConfig, ClientConnection, pki_types::ServerName};
use tokio::time::{Instant, timeout};

use super::{
    Answered, Extent, MOST_READ, OPENING_SIZE, Received, ReceivedBody, Server,
    fault::{NoAnswer, Unanswered, is_bare_end},
};
use crate::client::{
    connect::connect,
    connection::{Link, PeerSide},
    page::{Page, fetch},
    request::{Afterwards, Header, Repetition, Request, concealed},
    trusting::{Factory, Resume, Settings},
};

/// Sends requests to one server.
pub(super) struct Sender<'a> {
    server: &'a Server,
    addresses: Vec<SocketAddr>,
    config: Arc<ClientConfig>,
    client: Client,
    /// The host of the URL: the name that is sent as SNI.
    host: String,
}

impl<'a> Sender<'a> {
    pub(super) fn new(server: &'a Server, addresses: Vec<SocketAddr>) -> Result<Self, Unanswered> {
        let setup = |error: &dyn std::fmt::Display| Unanswered::Setup(error.to_string());
        let mut config = tls_config(server)?;
        let host = match &server.server_name {
            ServerName::DnsName(name) => name.as_ref().to_ascii_lowercase(),
            // An address in the URL would be taken as it is, without its zone, and is not sent as SNI.
            _ => {
                config.enable_sni = false;
                STAND_IN.to_owned()
            }
        };
        let client = Client::builder()
            .tls_backend_preconfigured(config.clone())
            .no_proxy()
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .resolve_to_addrs(&host, &addresses)
            .connect_timeout(server.timeout)
            .pool_max_idle_per_host(0)
            .http1_only()
            .http1_title_case_headers()
            .http1_ignore_invalid_headers_in_responses(true)
            .http1_allow_obsolete_multiline_headers_in_responses(true)
            .http1_allow_spaces_after_header_name_in_responses(true)
            .http1_max_headers(MOST_HEADERS)
            .build()
            .map_err(|error| setup(&error))?;
        Ok(Self { server, addresses, config: Arc::new(config), client, host })
    }

    /// Sends it once, on a connection of its own.
    pub(super) async fn send(&self, request: &Request, attempts: u32) -> Result<Answered, Unanswered> {
        let limit = self.server.timeout;
        let address = self.addresses.first().copied().unwrap_or_else(|| SocketAddr::from(([0, 0, 0, 0], 0)));
        let start = Instant::now();
        let whole = async {
            let prepared = self.prepared(request)?;
            let response = self.client.execute(prepared).await.map_err(|error| {
                if error.is_connect() {
                    Unanswered::before(&error, address, limit, attempts)
                } else {
                    Unanswered::after(&error, address, limit)
                }
            })?;
            let (header, reached) = (start.elapsed(), response.remote_addr());
            let answer = self.received(request, response, reached.unwrap_or(address)).await?;
            Ok(Answered { answer, address: reached, header })
        };
        let in_time = timeout(limit * 2, whole).await;
        let late = Unanswered::NoAnswer { reason: NoAnswer::TimedOut(limit * 2), address };
        match in_time.unwrap_or(Err(late)) {
            Err(Unanswered::Unreadable { said, address, .. }) => {
                let page = self.looked_at(request).await.map(Box::new);
                Err(Unanswered::Unreadable { said, page, address })
            }
            ended => ended,
        }
    }

    fn prepared(&self, request: &Request) -> Result<reqwest::Request, Unanswered> {
        let setup = |what: &str| Unanswered::Setup(format!("{what} can't be sent"));
        let method =
            Method::from_bytes(request.method.as_str().as_bytes()).map_err(|_| setup("the method"))?;
        let url = format!("https://{}:{}{}", self.host, self.server.target.port(), request.path);
        let url = Url::parse(&url).map_err(|_| setup("the path"))?;
        let mut prepared = reqwest::Request::new(method, url);
        let authority = self.server.target.authority();
        for (name, value) in request.fields(&authority, Afterwards::Close) {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| setup("a header"))?;
            let mut value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| setup("a header"))?;
            value.set_sensitive(true);
            prepared.headers_mut().insert(name, value);
        }
        *prepared.body_mut() = request.body.as_ref().map(|body| SentBody::from(body.0.clone()));
        Ok(prepared)
    }

    async fn received(
        &self,
        request: &Request,
        mut response: Response,
        address: SocketAddr,
    ) -> Result<Received, Unanswered> {
        let status = response.status().as_u16();
        let fields = response.headers().iter();
        let headers: Vec<_> = fields
            .map(|(name, value)| Header::received(name.as_str(), value.as_bytes(), &request.headers))
            .collect();
        let is_framed =
            headers.iter().any(|header| header.is("content-length") || header.is("transfer-encoding"));
        let mut content = Vec::new();
        while content.len() < MOST_READ {
            match response.chunk().await {
                Ok(Some(chunk)) => content.extend_from_slice(&chunk),
                Ok(None) => {
                    return Ok(Received { status, headers, body: body(request, content, Extent::Whole) });
                }
                Err(error) if !is_framed && is_bare_end(&error) => {
                    return Ok(Received { status, headers, body: body(request, content, Extent::Whole) });
                }
                Err(error) => return Err(Unanswered::after(&error, address, self.server.timeout)),
            }
        }
        content.truncate(MOST_READ);
        Ok(Received { status, headers, body: body(request, content, Extent::Beginning) })
    }

    /// What our own reader makes of the answer to the same request; nothing when that may not be sent twice.
    async fn looked_at(&self, request: &Request) -> Option<Page> {
        if request.method.repetition() == Repetition::Harmful {
            return None;
        }
        let limit = self.server.timeout;
        let (stream, _) = connect(&self.addresses, limit).await.ok()?;
        let tls = ClientConnection::new(Arc::clone(&self.config), self.server.server_name.clone()).ok()?;
        let mut link = Link::new(stream, tls, None);
        let handshake = async {
            link.flush().await.ok()?;
            while link.tls().is_handshaking() {
                if link.peer() != PeerSide::Open {
                    return None;
                }
                link.receive().await.ok()?;
            }
            Some(())
        };
        timeout(limit, handshake).await.ok()??;
        Some(fetch(&mut link, &self.server.target.authority(), request, limit).await.page)
    }
}

/// The path as it would go over the wire: a URL has no `/../`, for example.
#[must_use]
pub fn path_as_sent(path: &str) -> Option<String> {
    let url = Url::parse(&format!("https://{STAND_IN}{path}")).ok()?;
    Some(match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    })
}

fn tls_config(server: &Server) -> Result<ClientConfig, Unanswered> {
    let settings = Settings {
        trust: server.trust.clone(),
        identity: server.identity.clone(),
        resume: Resume::Never,
        version: None,
        suite: None,
        group: None,
    };
    let factory = Factory::new(settings).map_err(|error| Unanswered::Setup(error.to_string()))?;
    let factory = factory.for_name(server.server_name.clone());
    let slot = factory.slot().map_err(|error| Unanswered::Setup(error.to_string()))?;
    Ok(Arc::unwrap_or_clone(slot.config))
}

fn body(request: &Request, content: Vec<u8>, extent: Extent) -> ReceivedBody {
    // Before it is cut: half a secret is one, too.
    let mut opening = concealed(&request.headers, &String::from_utf8_lossy(&content));
    opening.truncate(opening.floor_char_boundary(OPENING_SIZE));
    ReceivedBody { bytes: content.len(), extent, opening, content }
}

/// Stands for the host in a URL whose server is named by an address (RFC 6761, section 6.4).
const STAND_IN: &str = "device.invalid";
/// As many as curl takes.
const MOST_HEADERS: usize = 5000;
