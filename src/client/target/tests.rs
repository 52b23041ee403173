//! What is a target, and what is none.

use proptest::prelude::*;

use super::*;

fn parsed(text: &str) -> String {
    match text.parse::<Target>() {
        Ok(target) => format!("{target} {}", target.path()),
        Err(error) => format!("error: {error}"),
    }
}

#[test]
fn hosts_addresses_and_pasted_urls_are_understood() {
    for (text, target) in [
        ("192.168.1.7", "192.168.1.7:443 /"),
        ("Board.local:8443", "board.local:8443 /"),
        ("::1", "[::1]:443 /"),
        ("[::1]:8443", "[::1]:8443 /"),
        ("[fe80::1%eth0]", "[fe80::1%eth0]:443 /"),
        ("fe80::1%2", "[fe80::1%2]:443 /"),
        ("fe80::1", "[fe80::1]:443 /"),
        ("::8443", "[::8443]:443 /"),
        ("fe80::12ab", "[fe80::12ab]:443 /"),
        ("fe80::1:beef", "[fe80::1:beef]:443 /"),
        ("fe80::1:0", "[fe80::1:0]:443 /"),
        ("1:2:3:4:5:6:7:8", "[1:2:3:4:5:6:7:8]:443 /"),
        ("::ffff:192.168.1.7", "[::ffff:192.168.1.7]:443 /"),
        ("[fe80::1:443]", "[fe80::1:443]:443 /"),
        ("[fe80::1]:443", "[fe80::1]:443 /"),
        ("https://[fe80::1%25eth0]:1/x", "[fe80::1%eth0]:1 /x"),
        ("https://host/light?on=1#top", "host:443 /light?on=1"),
        ("HTTPS://host:8443", "host:8443 /"),
        ("host?x", "host:443 /?x"),
        (" esp_32.local. ", "esp_32.local.:443 /"),
        ("host/?to=http://x", "host:443 /?to=http://x"),
    ] {
        assert_eq!(parsed(text), target, "{text}");
    }
}

#[test]
fn what_names_no_target_is_refused_with_its_reason() {
    for (text, error) in [
        ("", "no host is named"),
        (":443", "no host is named"),
        ("https:///x", "no host is named"),
        ("http://host/", "`http://` is not HTTPS"),
        ("https://me:secret@host", "there is a user name or a password in front of the host"),
        ("host:", "`` is not a port: it is a number from 1 to 65535"),
        ("host:0", "`0` is not a port: it is a number from 1 to 65535"),
        ("host:70000", "`70000` is not a port: it is a number from 1 to 65535"),
        ("host:+443", "`+443` is not a port: it is a number from 1 to 65535"),
        ("host:1:2", "`1:2` is not a port: it is a number from 1 to 65535"),
        ("fe80::zz", "`fe80::zz` is not an IPv6 address in brackets"),
        ("fe80::1:443", "`fe80::1:443` may be an IPv6 address, or port 443 of fe80::1"),
        ("2001:db8::8:80/x", "`2001:db8::8:80` may be an IPv6 address, or port 80 of 2001:db8::8"),
        ("https://fe80::1:443", "`fe80::1:443` may be an IPv6 address, or port 443 of fe80::1"),
        (
            "fe80::1%eth0:443",
            "`fe80::1%eth0` is an IPv6 address with the port 443 behind it, and has no brackets",
        ),
        ("fe80::1:65535", "`fe80::1` is an IPv6 address with the port 65535 behind it, and has no brackets"),
        (
            "1:2:3:4:5:6:7:8:443",
            "`1:2:3:4:5:6:7:8` is an IPv6 address with the port 443 behind it, and has no brackets",
        ),
        ("[::1", "`[::1` is not an IPv6 address in brackets"),
        ("[::1]x", "`[::1]x` is not an IPv6 address in brackets"),
        ("[board]", "`[board]` is not an IPv6 address in brackets"),
        ("bücher.local", "`bücher.local` has letters outside ASCII, which a DNS name can't have"),
        ("256.1.1.1", "`256.1.1.1` is neither an IP address nor a host name"),
        ("two words", "`two words` is neither an IP address nor a host name"),
        ("a\u{1b}[31m", "`a\\u{1b}[31m` is neither an IP address nor a host name"),
        ("host/a b", "the path `/a b` has characters that can't be in an HTTP request"),
    ] {
        assert_eq!(parsed(text), format!("error: {error}"), "{text}");
    }
}

#[test]
fn the_host_header_leaves_out_the_default_port_and_the_zone() {
    for (text, authority) in [
        ("host", "host"),
        ("host:8443", "host:8443"),
        ("[fe80::1%eth0]:8443", "[fe80::1]:8443"),
        ("::1", "[::1]"),
    ] {
        assert_eq!(text.parse::<Target>().unwrap().authority(), authority);
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic_and_what_is_shown_of_a_target_names_it(text in "\\PC*|[a-f0-9:.%/?#@\\[\\]]{0,40}") {
        match text.parse::<Target>() {
            Ok(target) => {
                let again: Target = format!("{target}{}", target.path()).parse().unwrap();
                prop_assert_eq!(again, target);
            }
            Err(error) => prop_assert!(!error.to_string().chars().any(char::is_control)),
        }
    }
}
