//! The errors for a folder that does not become a site, as a conversion that `?` applies.

use crate::{
    error::{Code, Error, Fault},
    site::SiteError,
};

impl From<SiteError> for Error {
    fn from(source: SiteError) -> Self {
        let code = match source {
            SiteError::Link { .. } => Code::SITE_LINK,
            SiteError::Name { .. } => Code::SITE_NAME,
            SiteError::TooLarge { .. } => Code::SITE_TOO_LARGE,
            _ => Code::SITE_FILE,
        };
        Self::new(Fault::Usage, code, "packing the folder of --site", source.to_string())
            .advised()
            .source(source)
    }
}
