//! What to do about a finding. What names ESP-IDF's menuconfig is said only of a device that calls itself one of Espressif's.

use crate::probe::audit::Audit;

/// What to do.
#[derive(Debug, Clone, Copy)]
pub(super) struct Advice {
    /// On any device.
    pub(super) general: &'static str,
    /// Where ESP-IDF has it; `None` where there is no more to say.
    pub(super) esp_idf: Option<&'static str>,
}

/// Whose device it is, as far as that shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Platform {
    /// It calls itself a chip of Espressif's.
    EspIdf,
    /// It does not say.
    Unknown,
}

impl Advice {
    pub(super) const fn new(general: &'static str) -> Self {
        Self { general, esp_idf: None }
    }

    pub(super) const fn esp_idf(self, esp_idf: &'static str) -> Self {
        Self { esp_idf: Some(esp_idf), ..self }
    }
}

impl Platform {
    /// By the names in its certificate and what its HTTP server calls itself.
    pub(super) fn of(audit: &Audit) -> Self {
        let seen = audit.observation.as_ref();
        let certificate = seen.map(|seen| &seen.certificate);
        let subject = certificate.map(|it| it.subject.as_str());
        let names = certificate.into_iter().flat_map(|it| it.names.iter().map(String::as_str));
        let server = seen.and_then(|seen| seen.page.answer.as_ref()?.server.as_deref());
        let is_espressif = |text: &str| {
            let text = text.to_ascii_lowercase();
            ["esp32", "esp-idf", "espressif"].iter().any(|name| text.contains(name))
        };
        let mut texts = subject.into_iter().chain(names).chain(server).chain([audit.target.as_str()]);
        if texts.any(is_espressif) { Self::EspIdf } else { Self::Unknown }
    }
}
