//! What is in the image of a site, for a person.

use crate::site::SiteContents;

/// In one line.
pub(super) fn words(site: &SiteContents) -> String {
    let SiteContents { files, plain_bytes, gzip_files, gzip_saves, hidden, image_bytes, .. } = site;
    let mut words = format!("{}  {files} files, {plain_bytes} bytes", site.folder.display());
    if *gzip_files > 0 {
        words += &format!("; {gzip_files} also with gzip, {gzip_saves} bytes smaller");
    }
    if *hidden > 0 {
        words += &format!("; {hidden} left out, because their names begin with a dot");
    }
    words + &format!("; the {image_bytes} bytes of the image fill {} % of the partition", site.fill_percent())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_is_told_with_its_size_and_what_was_left_out() {
        let mut site = SiteContents {
            folder: "pages".into(),
            files: 4,
            hidden: 0,
            plain_bytes: 3000,
            gzip_files: 0,
            gzip_saves: 0,
            image_bytes: 3200,
            partition_bytes: 917_504,
        };
        let end = "the 3200 bytes of the image fill 1 % of the partition";
        assert_eq!(words(&site), format!("pages  4 files, 3000 bytes; {end}"));
        (site.gzip_files, site.gzip_saves, site.hidden) = (2, 1000, 3);
        assert_eq!(
            words(&site),
            format!(
                "pages  4 files, 3000 bytes; 2 also with gzip, 1000 bytes smaller; 3 left out, because their names begin with a \
                 dot; {end}"
            )
        );
    }
}
