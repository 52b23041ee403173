//! Media types of files, by the ends of their names.

/// What a file is. The number is the one in the image, and never changes its meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
#[non_exhaustive]
pub enum Media {
    /// Bytes of any kind: a name that tells nothing.
    Bytes = 0,
    /// HTML
    Html = 1,
    /// CSS
    Css = 2,
    /// JavaScript
    Script = 3,
    /// JSON
    Json = 4,
    /// Plain text
    Text = 5,
    /// SVG
    Svg = 6,
    /// PNG
    Png = 7,
    /// JPEG
    Jpeg = 8,
    /// GIF
    Gif = 9,
    /// WebP
    Webp = 10,
    /// An icon
    Icon = 11,
    /// XML
    Xml = 12,
    /// WOFF 2
    Woff2 = 13,
    /// WOFF
    Woff = 14,
    /// WebAssembly
    Wasm = 15,
    /// PDF
    Pdf = 16,
    /// Markdown
    Markdown = 17,
    /// CSV
    Csv = 18,
    /// The manifest of a web application
    Manifest = 19,
    /// MP3
    Mp3 = 20,
    /// MP4
    Mp4 = 21,
    /// AVIF
    Avif = 22,
}

impl Media {
    /// The one of a file with this name; upper case counts as lower case.
    #[must_use]
    pub fn of_name(name: &str) -> Self {
        let Some((_, end)) = name.rsplit_once('.') else { return Self::Bytes };
        let known = ENDS.iter().find(|(known, _)| known.eq_ignore_ascii_case(end));
        known.map_or(Self::Bytes, |(_, media)| *media)
    }

    /// The one with this number in an image.
    #[must_use]
    pub fn of_number(number: u8) -> Option<Self> {
        TYPES.iter().map(|(media, _)| *media).find(|media| *media as u8 == number)
    }

    /// What the field Content-Type says; text is UTF-8 (RFC 9110 section 8.3).
    #[must_use]
    pub fn content_type(self) -> &'static str {
        TYPES.iter().find(|(media, _)| *media == self).map_or("application/octet-stream", |(_, text)| *text)
    }
}

const ENDS: [(&str, Media); 27] = [
    ("html", Media::Html),
    ("htm", Media::Html),
    ("css", Media::Css),
    ("js", Media::Script),
    ("mjs", Media::Script),
    ("json", Media::Json),
    ("map", Media::Json),
    ("txt", Media::Text),
    ("svg", Media::Svg),
    ("png", Media::Png),
    ("jpg", Media::Jpeg),
    ("jpeg", Media::Jpeg),
    ("gif", Media::Gif),
    ("webp", Media::Webp),
    ("ico", Media::Icon),
    ("xml", Media::Xml),
    ("woff2", Media::Woff2),
    ("woff", Media::Woff),
    ("wasm", Media::Wasm),
    ("pdf", Media::Pdf),
    ("md", Media::Markdown),
    ("csv", Media::Csv),
    ("webmanifest", Media::Manifest),
    ("mp3", Media::Mp3),
    ("mp4", Media::Mp4),
    ("avif", Media::Avif),
    ("log", Media::Text),
];

/// The names of IANA's registry.
const TYPES: [(Media, &str); 23] = [
    (Media::Bytes, "application/octet-stream"),
    (Media::Html, "text/html; charset=utf-8"),
    (Media::Css, "text/css; charset=utf-8"),
    (Media::Script, "text/javascript; charset=utf-8"),
    (Media::Json, "application/json"),
    (Media::Text, "text/plain; charset=utf-8"),
    (Media::Svg, "image/svg+xml"),
    (Media::Png, "image/png"),
    (Media::Jpeg, "image/jpeg"),
    (Media::Gif, "image/gif"),
    (Media::Webp, "image/webp"),
    (Media::Icon, "image/vnd.microsoft.icon"),
    (Media::Xml, "application/xml"),
    (Media::Woff2, "font/woff2"),
    (Media::Woff, "font/woff"),
    (Media::Wasm, "application/wasm"),
    (Media::Pdf, "application/pdf"),
    (Media::Markdown, "text/markdown; charset=utf-8"),
    (Media::Csv, "text/csv; charset=utf-8"),
    (Media::Manifest, "application/manifest+json"),
    (Media::Mp3, "audio/mpeg"),
    (Media::Mp4, "video/mp4"),
    (Media::Avif, "image/avif"),
];
