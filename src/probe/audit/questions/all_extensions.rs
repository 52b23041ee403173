//! The one offer of TLS 1.2 with all extensions that are asked about, so that one hello answers many questions.

use crate::probe::audit::machinery::offer::Offer;
use crate::tls::{Extension, ExtensionType};

/// The offer that asks for all of them at once.
pub(super) fn with_all(offer: Offer) -> Offer {
    Offer { compression: vec![DEFLATE, 0], more: extras(), ..offer }
}

fn extras() -> Vec<Extension> {
    let mut extras = vec![
        Extension::empty(ExtensionType::SESSION_TICKET),
        Extension::heartbeat(),
        Extension::max_fragment_length(SMALLEST_FRAGMENT_CODE),
    ];
    extras.extend(Extension::alpn(&["h2", "http/1.1"]));
    extras
}

pub(super) const DEFLATE: u8 = 1;
/// The code of [`LARGEST_RECORD_ASKED`] (RFC 6066, section 4).
pub(super) const SMALLEST_FRAGMENT_CODE: u8 = 1;
