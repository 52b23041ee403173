use super::{
    access::{MayOpen, Node, NodeKind},
    *,
};
use crate::{device::serial::ports::UsbDevice, doctor::surroundings::Host};

fn port(ids: Option<(u16, u16)>, access: PortAccess) -> Seen {
    let usb = ids.map(|(vendor_id, product_id)| UsbDevice {
        vendor_id,
        product_id,
        serial: Some("24:0A:C4:12:34:56".to_owned()),
        product: Some("A product".to_owned()),
    });
    let kind = match ids {
        None => PortKind::NotUsb,
        Some((0x303a, _)) => PortKind::ChipUsb,
        Some((0x10c4, _)) => PortKind::Bridge,
        Some(_) => PortKind::OtherUsb,
    };
    let mac = (kind == PortKind::ChipUsb).then(|| "24:0a:c4:12:34:56".parse().unwrap());
    let facts = PortFacts { path: "/dev/ttyACM0".to_owned(), usb, kind, mac, access, used_by: Vec::new() };
    let node = Node::There { may_open: MayOpen::Yes, kind: NodeKind::CharacterDevice, mode: 0o660, gid: 20 };
    Seen { facts, named: None, lock: Lock::Free, choice: Choice::Likely, node }
}

fn used_by(names: &[(u32, &str)]) -> Seen {
    let mut port = port(Some((0x10c4, 0xea60)), PortAccess::Allowed);
    port.facts.used_by =
        names.iter().map(|(pid, name)| PortUser { pid: *pid, name: (*name).to_owned() }).collect();
    port
}

fn told(port: &Seen) -> String {
    judge(port, &System::debian()).told()
}

#[test]
fn a_port_that_can_be_used_is_described() {
    let allowed = || PortAccess::Allowed;
    let other = Seen { choice: Choice::ByNameOnly, ..port(Some((0x1234, 1)), allowed()) };
    let all = told(&port(Some((0x303a, 0x1001)), allowed()))
        + &told(&port(Some((0x10c4, 0xea60)), allowed()))
        + &told(&port(None, allowed()))
        + &told(&other);
    insta::assert_snapshot!(all, @r"
    Ok: /dev/ttyACM0: the chip's own USB, MAC 24:0a:c4:12:34:56; you may open it, and it is free
    Ok: /dev/ttyACM0: CP210x bridge (10c4:ea60); you may open it, and it is free
    Ok: /dev/ttyACM0: a port that is not on USB; you may open it, and it is free
    NotNeeded: /dev/ttyACM0: A product (1234:0001), of no kind that boards come with; it is taken only when --port names it
    ");
}

#[test]
fn what_keeps_a_port_from_being_opened_is_told_with_what_mends_it() {
    let bridge = |access| port(Some((0x10c4, 0xea60)), access);
    let file = Seen {
        node: Node::There { may_open: MayOpen::Yes, kind: NodeKind::Other, mode: 0o644, gid: 0 },
        ..bridge(PortAccess::Allowed)
    };
    let by = |named| Seen { named, ..bridge(PortAccess::Absent) };
    let all = told(&bridge(PortAccess::NotInGroup("dialout".to_owned())))
        + &told(&bridge(PortAccess::NotInSession("dialout".to_owned())))
        + &told(&bridge(PortAccess::OwnerOnly))
        + &told(&port(None, PortAccess::OwnerOnly))
        + &told(&by(Some(PortNamedBy::Variable)))
        + &told(&by(Some(PortNamedBy::Flag)))
        + &told(&file);
    insta::assert_snapshot!(all, @r#"
    Problem: /dev/ttyACM0: CP210x bridge (10c4:ea60); only members of the group dialout may open it, and you are not one
      sudo usermod -aG dialout ada
      then log out and in again
    Problem: /dev/ttyACM0: CP210x bridge (10c4:ea60); you are in the group dialout, but were not yet when this session began
      newgrp dialout
      for this terminal; log out and in again for all others
    Problem: /dev/ttyACM0: CP210x bridge (10c4:ea60); only its owner may open it
      echo 'SUBSYSTEM=="tty", ATTRS{idVendor}=="10c4", MODE="0660", TAG+="uaccess"' | sudo tee /etc/udev/rules.d/70-esp-https.rules && sudo udevadm control --reload
      then connect the board again
    Problem: /dev/ttyACM0: a port that is not on USB; only its owner may open it
      sudo chmod a+rw /dev/ttyACM0
    Problem: /dev/ttyACM0: ESPFLASH_PORT names it, and there is no such port
      unset ESPFLASH_PORT
    Problem: /dev/ttyACM0: there is no such port
      esp-https doctor
      lists those that there are
    Problem: /dev/ttyACM0: it is not a serial port
      name one such as /dev/ttyACM0 or /dev/ttyUSB0
    "#);
    let in_container = System { host: Host::Container, ..System::debian() };
    let told = judge(&bridge(PortAccess::NotInGroup("dialout".to_owned())), &in_container).told();
    insta::assert_snapshot!(told, @r"
    Problem: /dev/ttyACM0: CP210x bridge (10c4:ea60); only members of the group dialout may open it
      start the container with --group-add 20
    ");
}

#[test]
fn whoever_has_a_port_open_is_named() {
    let held = Seen { lock: Lock::Held, ..used_by(&[]) };
    let all = told(&used_by(&[(123, "minicom")]))
        + &told(&used_by(&[(123, "minicom"), (124, "cat")]))
        + &told(&held);
    insta::assert_snapshot!(all, @r"
    Problem: /dev/ttyACM0: CP210x bridge (10c4:ea60); it is open in minicom (process 123)
      kill 123
      or end the program in its own window
    Problem: /dev/ttyACM0: CP210x bridge (10c4:ea60); it is open in minicom (process 123), cat (process 124)
      kill 123 124
      or end the program in its own window
    Problem: /dev/ttyACM0: CP210x bridge (10c4:ea60); another esp-https uses it
      wait until it has ended, or end it
    ");
}

#[test]
fn a_port_that_can_t_be_used_is_in_nobody_s_way_where_another_can() {
    let (usable, unusable) = (used_by(&[]), port(Some((0x10c4, 0xea60)), PortAccess::OwnerOnly));
    let blocks = |ports: &[&Seen]| -> Vec<usize> {
        let findings = ports.iter().map(|port| judge(port, &System::debian())).collect();
        in_the_way(findings).into_iter().map(|finding| CHECK.with(finding).blocks.len()).collect()
    };
    assert_eq!(blocks(&[&unusable]), [2]);
    assert_eq!(blocks(&[&unusable, &usable]), [0, 0]);
}
