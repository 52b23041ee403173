//! What is in the image of a site, for a person.

use crate::site::SiteContents;

/// In one line.
pub(super) fn words(site: &SiteContents) -> String {
    let SiteContents { files, plain_bytes, gzip_files, gzip_saves, image_bytes, .. } = site;
    let gzip = match gzip_files {
        0 => String::new(),
        _ => format!(", {gzip_files} of them with gzip, which spares {gzip_saves}"),
    };
    let fill = site.fill_percent();
    format!(
        "{}  {files} files, {plain_bytes} bytes{gzip}; {image_bytes} bytes fill {fill} %",
        site.folder.display()
    )
}
