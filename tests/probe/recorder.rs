//! A server that keeps the requests which reach it.

use std::{
    io::Write as _,
    sync::{Arc, Mutex},
};

use crate::{
    bench::{Run, probe},
    page::serve_requests,
};

/// A server that gives the same answer to each request, and the requests that reached it.
pub(crate) struct Recorder {
    pub(crate) address: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Recorder {
    pub(crate) fn new(answer: impl Fn(&str) -> Vec<u8> + Send + Sync + Clone + 'static) -> Self {
        let requests = Arc::new(Mutex::new(Vec::new()));
        let taken = Arc::clone(&requests);
        let address = serve_requests(move |request, mut tls| {
            if !request.is_empty() {
                taken.lock().unwrap().push(request.to_owned());
                let _ = tls.write_all(&answer(request));
            }
            tls.conn.send_close_notify();
            let _ = tls.flush();
        });
        Self { address, requests }
    }

    pub(crate) fn with(answer: &'static str) -> Self {
        Self::new(|_| answer.as_bytes().to_vec())
    }

    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    pub(crate) fn probe(&self, args: &[&str]) -> Run {
        probe(&[&[self.address.as_str()][..], args].concat())
    }
}

pub(crate) const JSON: &str =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n{\"status\": true}";
