//! An HTTP client that believes nothing: it reads answers off a byte stream and keeps what follows them.

use crate::pipe::{ClientEnd, End};

/// A byte stream, encrypted or not.
#[allow(async_fn_in_trait, reason = "tests have one thread")]
pub trait Stream {
    /// Sends all of `bytes`, as far as the server takes them.
    async fn send(&mut self, bytes: &[u8]);

    /// The next bytes from the server.
    ///
    /// # Errors
    /// How the server has ended the connection.
    async fn receive(&mut self) -> Result<Vec<u8>, End>;
}

impl Stream for ClientEnd {
    async fn send(&mut self, bytes: &[u8]) {
        ClientEnd::send(self, bytes).await;
    }

    async fn receive(&mut self) -> Result<Vec<u8>, End> {
        ClientEnd::receive(self).await
    }
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The number of its status.
    pub status: u16,
    /// The names of its header fields, in small letters, and their values.
    pub fields: Vec<(String, String)>,
    /// Its body, without the frames of chunks.
    pub body: String,
}

impl Answer {
    /// The value of a header field; the first one if there are several. `name` is in small letters.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// One connection.
pub struct Client<S> {
    /// What it talks over.
    pub stream: S,
    unread: Vec<u8>,
}

impl<S: Stream> Client<S> {
    /// A connection over `stream`.
    pub fn new(stream: S) -> Self {
        Self { stream, unread: Vec::new() }
    }

    /// Sends `request` and reads one answer.
    ///
    /// # Errors
    /// The connection has ended before.
    pub async fn ask(&mut self, request: &str) -> Result<Answer, End> {
        self.stream.send(request.as_bytes()).await;
        self.answer().await
    }

    /// Reads one answer with its body.
    ///
    /// # Errors
    /// The connection has ended before.
    pub async fn answer(&mut self) -> Result<Answer, End> {
        let mut answer = self.head().await?;
        if answer.field("transfer-encoding") == Some("chunked") {
            answer.body = self.chunks().await?;
            return Ok(answer);
        }
        let length = answer.field("content-length").map_or(0, |length| length.parse().unwrap());
        while self.unread.len() < length {
            self.fill().await?;
        }
        answer.body = String::from_utf8(self.unread.drain(..length).collect()).unwrap();
        Ok(answer)
    }

    /// Reads a chunked body, which has to follow the grammar to the byte.
    async fn chunks(&mut self) -> Result<String, End> {
        let mut body = String::new();
        loop {
            let line = self.through("\r\n").await?;
            let size = usize::from_str_radix(line.trim_end(), 16).unwrap();
            while self.unread.len() < size + 2 {
                self.fill().await?;
            }
            let data: Vec<u8> = self.unread.drain(..size).collect();
            body.push_str(str::from_utf8(&data).unwrap());
            assert_eq!(self.unread.drain(..2).collect::<Vec<u8>>(), b"\r\n");
            if size == 0 {
                return Ok(body);
            }
        }
    }

    /// Reads up to `end`, and it.
    async fn through(&mut self, end: &str) -> Result<String, End> {
        loop {
            if let Some(at) = self.unread.windows(end.len()).position(|window| window == end.as_bytes()) {
                return Ok(String::from_utf8(self.unread.drain(..at + end.len()).collect()).unwrap());
            }
            self.fill().await?;
        }
    }

    /// Reads the head of an answer, and no body.
    ///
    /// # Errors
    /// The connection has ended before.
    pub async fn head(&mut self) -> Result<Answer, End> {
        Ok(parse(&self.through("\r\n\r\n").await?))
    }

    /// Reads until the server ends the connection: what came, and how it ended.
    pub async fn rest(self) -> (String, End) {
        let (bytes, end) = self.rest_bytes().await;
        (String::from_utf8(bytes).unwrap(), end)
    }

    /// The same when it may not be text.
    pub async fn rest_bytes(mut self) -> (Vec<u8>, End) {
        loop {
            if let Err(end) = self.fill().await {
                return (self.unread, end);
            }
        }
    }

    async fn fill(&mut self) -> Result<(), End> {
        let bytes = self.stream.receive().await?;
        self.unread.extend(bytes);
        Ok(())
    }
}

fn parse(head: &str) -> Answer {
    let mut lines = head.trim_end().split("\r\n");
    let line = lines.next().unwrap();
    let status = line.strip_prefix("HTTP/1.1 ").unwrap_or_else(|| panic!("no status line: {line:?}"));
    let fields = lines.map(|line| {
        let (name, value) = line.split_once(": ").unwrap_or_else(|| panic!("no field: {line:?}"));
        (name.to_ascii_lowercase(), value.to_owned())
    });
    Answer { status: status[..3].parse().unwrap(), fields: fields.collect(), body: String::new() }
}
