use super::*;
use crate::device::flash::manifest::Manifest;

fn faults(text: &str) -> String {
    Fleet::parse(text.as_bytes()).err().unwrap().to_string()
}

#[test]
fn gaps_are_filled_and_all_else_stays_as_it_is() {
    let text = "# our boards\nMAC;Room;Host name;names\n\n# ground floor\n24:0a:c4:00:00:01;\"Kitchen; left\";kitchen;192.168.1.7 kitchen.lan\n\
                240AC4000002;Hall\n# the end\n";
    let fleet = Fleet::parse(text.as_bytes()).unwrap();
    let filled = fleet.filled().unwrap();
    assert_eq!(
        filled,
        "# our boards\nMAC;Room;Host name;names;cert;key\n\n# ground floor\n\
         24:0a:c4:00:00:01;\"Kitchen; left\";kitchen;192.168.1.7 kitchen.lan;kitchen/cacert.pem;kitchen/prvtkey.pem\n\
         240AC4000002;Hall;esp-https-000002;;esp-https-000002/cacert.pem;esp-https-000002/prvtkey.pem\n# the end\n"
    );
    let names: Vec<_> = fleet.boards().next().unwrap().all_names().iter().map(San::to_string).collect();
    assert_eq!(names, ["dns:kitchen.local", "ip:192.168.1.7", "dns:kitchen.lan"]);
    assert_eq!(Fleet::parse(filled.as_bytes()).unwrap().filled(), None, "nothing is missing any more");
    assert_eq!(Manifest::parse(filled.as_bytes(), Path::new("")).unwrap().rows().count(), 2);
}

#[test]
fn what_two_boards_would_share_is_told_with_both_lines() {
    assert_eq!(
        faults(
            "mac,hostname,cert,key,names\n24:0a:c4:00:00:01,a,a.pem,,x.lan\n24:0a:c4:00:00:02,A,b.pem,,\n\
             24:0a:c4:00:00:03,c,./a.pem,,X.LAN\n24:0a:c4:00:00:01,d,,,\n24:0a:c4:00:00:05,e,e.pem,e.pem,\n"
        ),
        "line 3: its host name, or another of its names, is that of line 2, too; \
         line 4: its host name, or another of its names, is that of line 2, too; \
         line 4: its certificate's file is that of line 2, too; line 4: its key's file is that of line 2, too; \
         line 5: 24:0a:c4:00:00:01 has a row already, in line 2; line 6: its key's file is that of line 6, too"
    );
}

#[test]
fn what_is_wrong_is_told_with_its_line_and_without_the_text() {
    assert_eq!(faults(""), "its first line does not name mac; it has nothing");
    assert_eq!(faults("mac\n"), "it has no rows");
    assert_eq!(
        faults(
            "mac,hostname,key,names\nx,,,\n24:0a:c4:00:00:01,a.b,k.pem,ok my_board\n24:0a:c4:00:00:02,,,,,\n"
        ),
        "line 2: its mac is not a MAC address: expected six pairs of hex digits, as in 24:0a:c4:12:34:56; \
         line 3: its host name: a host name has only letters, digits and hyphens; \
         line 3: the name 2 of its names: '_' can't be in a host name: letters, digits, hyphens and dots only \
         (punycode for other scripts); line 3: no cert is named; \
         line 4: it has 6 fields, and the first line has 4"
    );
}

proptest::proptest! {
    /// Quotation marks, comments and blanks in any place: what is filled in is complete, and stays as it is when read again.
    #[test]
    fn whatever_is_read_is_complete_once_it_is_filled_in(
        cells in proptest::collection::vec("[#\"a-c ./\n-]{0,6}", 0..12),
        order in 0..3usize,
    ) {
        let header = ["mac,hostname,room,cert", "room,mac,cert", "hostname,key,cert,mac"][order];
        let mut text = header.to_owned();
        for (index, cell) in cells.iter().enumerate() {
            let quoted = format!("\"{}\"", cell.replace('"', "\"\""));
            let mac = format!("24:0a:c4:00:00:{index:02x}");
            text.push_str(&match order {
                0 => format!("\n{mac},,{quoted},"),
                1 => format!("\n{quoted},{mac}"),
                _ => format!("\n{},,,{mac}", cell.trim().replace(['#', '"', '\n', '.', '/', ' '], "")),
            });
        }
        if let Ok(fleet) = Fleet::parse(text.as_bytes()) {
            let filled = fleet.filled().unwrap();
            let manifest = Manifest::parse(filled.as_bytes(), Path::new("")).unwrap();
            proptest::prop_assert_eq!(manifest.rows().count(), fleet.boards().count());
            let again = Fleet::parse(filled.as_bytes()).unwrap();
            proptest::prop_assert!(again.filled().is_none());
            proptest::prop_assert!(again.boards().map(|it| &it.certificate).eq(fleet.boards().map(|it| &it.certificate)));
        }
    }
}

#[test]
fn a_file_that_is_cut_off_anywhere_is_read_or_refused() {
    let text = "mac,hostname,names\n24:0a:c4:00:00:01,\"kitchen\",\"a.lan b.lan\"\n24:0a:c4:00:00:02,,\n";
    for length in 0..text.len() {
        if let Ok(fleet) = Fleet::parse(&text.as_bytes()[..length]) {
            let filled = fleet.filled().unwrap();
            assert!(Manifest::parse(filled.as_bytes(), Path::new("")).is_ok(), "{length}: {filled}");
        }
    }
}
