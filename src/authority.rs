//! How a host and its port are written together: an IPv6 address is in brackets (RFC 3986, section 3.2.2; RFC 5952, section 6).

/// `HOST:PORT`. `host` is a name or an address without brackets, with its zone where it has one.
#[must_use]
pub(crate) fn host_and_port(host: &str, port: u16) -> String {
    format!("{}:{port}", bracketed(host))
}

/// The same as in a URL: without the port where it is the one of `https`.
#[must_use]
pub(crate) fn authority(host: &str, port: u16) -> String {
    if port == HTTPS_PORT { bracketed(host) } else { host_and_port(host, port) }
}

/// The URL of the root page at `HOST[:PORT]`. The percent sign before a zone is one that was escaped (RFC 6874, section 2).
#[must_use]
pub(crate) fn root_url(authority: &str) -> String {
    format!("https://{}/", authority.replace('%', "%25"))
}

/// No name has a colon in it.
fn bracketed(host: &str) -> String {
    if host.contains(':') { format!("[{host}]") } else { host.to_owned() }
}

/// The port of `https` (RFC 9110, section 4.2.2).
pub(crate) const HTTPS_PORT: u16 = 443;

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    #[test]
    fn an_ipv6_address_is_in_brackets_and_the_port_of_https_is_left_out_of_a_url() {
        for (host, port, both, in_url) in [
            ("board.local", 443, "board.local:443", "board.local"),
            ("192.168.1.7", 8443, "192.168.1.7:8443", "192.168.1.7:8443"),
            ("::1", 443, "[::1]:443", "[::1]"),
            ("fe80::1%eth0", 8443, "[fe80::1%eth0]:8443", "[fe80::1%eth0]:8443"),
        ] {
            assert_eq!((host_and_port(host, port).as_str(), authority(host, port).as_str()), (both, in_url));
        }
        assert_eq!(root_url("[fe80::1%eth0]:8443"), "https://[fe80::1%25eth0]:8443/");
        assert_eq!(root_url("board.local"), "https://board.local/");
    }

    #[test]
    fn no_other_file_writes_the_brackets() {
        let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
        let mut files = 0;
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                files += 1;
                let is_own = path.ends_with("src/authority.rs");
                let writes = |line: &&str| line.contains("\"[{") && !line.contains("assert");
                let text = fs::read_to_string(&path).unwrap();
                assert_eq!(text.lines().find(writes).filter(|_| !is_own), None, "{}", path.display());
            }
        }
        assert!(files > 200, "{files}");
    }
}
