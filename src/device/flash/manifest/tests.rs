use super::*;

const GOOD: &str = "mac,cert,key,hostname\n\
        # the first two of the batch\n\
        24:0a:c4:00:00:01, a/cacert.pem, a/prvtkey.pem, kitchen\n\
        240AC4000002,/etc/b.pem,/etc/b.key,\n";

fn parse(text: &str) -> Result<Manifest, ManifestError> {
    Manifest::parse(text.as_bytes(), Path::new("/batch"))
}

fn refused(text: &str) -> String {
    parse(text).unwrap_err().to_string()
}

#[test]
fn each_board_has_its_row_and_paths_count_from_the_manifest() {
    let manifest = parse(GOOD).unwrap();
    let rows: Vec<_> = manifest.rows().collect();
    assert_eq!(rows[0].0.to_string(), "24:0a:c4:00:00:01");
    assert_eq!(rows[0].1.certificate, Path::new("/batch/a/cacert.pem"));
    assert_eq!(rows[0].1.hostname.as_ref().map(Hostname::as_str), Some("kitchen"));
    assert_eq!((rows[1].1.key.as_path(), &rows[1].1.hostname), (Path::new("/etc/b.key"), &None));
}

#[test]
fn columns_may_come_in_any_order_and_the_host_name_may_be_left_out() {
    let manifest = parse("key,mac,cert\nk,240ac4000001,c\n").unwrap();
    assert_eq!(manifest.rows().next().unwrap().1.key, Path::new("/batch/k"));
}

#[test]
fn a_port_may_be_named_and_what_is_empty_at_the_end_of_a_row_may_be_missing() {
    let text =
        "mac,cert,key,hostname,port\n240ac4000001,c,k,,/dev/ttyUSB0\n240ac4000002,c,k\n240ac4000003,c,k,x,\n";
    let manifest = parse(text).unwrap();
    let ports: Vec<_> = manifest.rows().map(|(_, row)| row.port.as_deref()).collect();
    assert_eq!(ports, [Some("/dev/ttyUSB0"), None, None]);
    assert_eq!(refused(&text.replace(",c,k\n", ",c\n")), "line 3: it has 2 fields, and the first line has 5");
}

#[test]
fn what_spreadsheets_and_editors_write_is_read() {
    let good = parse(GOOD).unwrap();
    let semicolons = GOOD.replace(',', ";");
    let tabs = GOOD.replace(',', "\t").replace("\t ", "\t");
    let header = GOOD.replace("mac,cert,key,hostname", " MAC , Cert,\"Key\",Host Name");
    for text in [
        semicolons,
        tabs,
        header,
        format!("\u{feff}{GOOD}"),
        GOOD.replace('\n', "\r\n"),
        format!("\n{GOOD}\n"),
    ] {
        let rows = |manifest: &Manifest| {
            manifest
                .rows()
                .map(|(mac, row)| (*mac, row.key.clone(), row.hostname.clone()))
                .collect::<Vec<_>>()
        };
        assert_eq!(rows(&parse(&text).unwrap()), rows(&good), "{text}");
    }
    let utf16: Vec<u8> = format!("\u{feff}{GOOD}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(Manifest::parse(&utf16, Path::new("/batch")), Ok(good));
    let short = parse("mac,cert,key,hostname\n240ac4000001,c,k\n").unwrap();
    assert_eq!(short.rows().next().unwrap().1.hostname, None, "an empty last field may be left out");
}

#[test]
fn all_that_is_wrong_is_told_with_its_line() {
    insta::assert_snapshot!(refused("mac,cert\n240ac4000001,c\n"), @"its first line does not name key; it has mac and cert");
    insta::assert_snapshot!(refused("MAC address;certificate;key\n"), @"its first line does not name mac and cert; it has macaddress, certificate and key");
    insta::assert_snapshot!(refused("MIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n"), @"its first line does not name mac, cert and key; it has 1 of other names");
    insta::assert_snapshot!(refused("mac,cert,key\nfoo,c,k\n"), @"line 2: its mac is not a MAC address: expected six pairs of hex digits, as in 24:0a:c4:12:34:56");
    insta::assert_snapshot!(refused("mac,cert,key\n240ac4000001,,k\n"), @"line 2: no cert is named");
    insta::assert_snapshot!(refused("mac,cert,key\n240ac4000001,c,k\n240ac4000001,d,l\n"), @"line 3: 24:0a:c4:00:00:01 has a row already, in line 2");
    insta::assert_snapshot!(refused("mac,cert,key\n240ac4000001,c\n"), @"line 2: it has 2 fields, and the first line has 3");
    insta::assert_snapshot!(refused("mac,cert,key,hostname\nfoo,,k,a_b\n240ac4000001,c\n"), @"line 2: its mac is not a MAC address: expected six pairs of hex digits, as in 24:0a:c4:12:34:56; line 2: no cert is named; line 2: its host name: a host name has only letters, digits and hyphens; line 3: it has 2 fields, and the first line has 4");
    insta::assert_snapshot!(refused("mac,cert,key\n"), @"it has no rows");
    insta::assert_snapshot!(refused(""), @"its first line does not name mac, cert and key; it has nothing");
    assert_eq!(Manifest::parse(b"\xff", Path::new("")).unwrap_err().faults, [ManifestFault::NotText]);
}

#[test]
fn lines_are_counted_whatever_ends_them() {
    for end in ["\n", "\r\n"] {
        let refused = refused(&["mac,cert,key", "240ac4000001,c,k", "foo,c,k", ""].join(end));
        assert!(refused.starts_with("line 3: its mac"), "{refused}");
    }
}

#[test]
fn a_host_name_that_several_boards_have_is_found_with_its_lines() {
    let manifest = parse(
        "mac,cert,key,hostname\n240ac4000002,c,k,Kitchen\n240ac4000001,c,k,kitchen\n240ac4000003,c,k,\n240ac4000004,c,k,\n",
    );
    let manifest = manifest.unwrap();
    let default = Hostname::default().as_str().to_owned();
    assert_eq!(manifest.shared_hostnames(), [(default, vec![4, 5]), ("kitchen".to_owned(), vec![2, 3])]);
}

#[test]
fn no_truncation_upsets_it() {
    for length in 0..GOOD.len() {
        if let Ok(manifest) = parse(&GOOD[..length]) {
            assert!(manifest.rows().all(|(_, row)| row.certificate.starts_with("/")), "{length}");
        }
    }
}
