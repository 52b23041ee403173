//! Just enough DER to blank out what differs from certificate to certificate, and encode the rest again.

/// The certificate again, with serial number, times, key bits, key identifiers and signature blanked out.
pub(crate) fn masked(certificate: &[u8]) -> Vec<u8> {
    let mut root = Node::parse(certificate);
    let tbs = root.child(0);
    tbs.child(1).value = vec![1; 20];
    tbs.child(4).children().iter_mut().for_each(Node::blank);
    tbs.child(6).child(1).blank();
    for extension in tbs.child(7).child(0).children() {
        let oid = extension.child(0).value.clone();
        if [SUBJECT_KEY_IDENTIFIER, AUTHORITY_KEY_IDENTIFIER].contains(&oid.as_slice()) {
            let octets = extension.children().last_mut().unwrap();
            let mut inner = Node::parse(&octets.value);
            inner.blank_leaves();
            octets.value = inner.encode();
        }
    }
    root.child(2).value = vec![0];
    root.encode()
}

/// The serial number's value bytes, as encoded.
pub(crate) fn serial(certificate: &[u8]) -> Vec<u8> {
    Node::parse(certificate).child(0).child(1).value.clone()
}

/// Both times: their tags (0x17 UTCTime, 0x18 GeneralizedTime) and digits.
pub(crate) fn times(certificate: &[u8]) -> Vec<(u8, String)> {
    let mut root = Node::parse(certificate);
    let times = root.child(0).child(4).children();
    times.iter().map(|time| (time.tag, String::from_utf8(time.value.clone()).unwrap())).collect()
}

struct Node {
    tag: u8,
    value: Vec<u8>,
    /// For constructed values, in place of `value`.
    children: Vec<Node>,
}

impl Node {
    fn parse(der: &[u8]) -> Self {
        let (node, rest) = Self::split(der);
        assert!(rest.is_empty(), "{} bytes behind the DER", rest.len());
        node
    }

    fn split(der: &[u8]) -> (Self, &[u8]) {
        let (length, header) = match der[1] {
            short @ 0..=0x7f => (usize::from(short), 2),
            0x81 => (usize::from(der[2]), 3),
            0x82 => (usize::from(der[2]) << 8 | usize::from(der[3]), 4),
            long => panic!("length byte {long:#x}"),
        };
        let (value, rest) = der[header..].split_at(length);
        let mut node = Self { tag: der[0], value: Vec::new(), children: Vec::new() };
        if node.is_constructed() {
            let mut inner = value;
            while !inner.is_empty() {
                let (child, after) = Self::split(inner);
                node.children.push(child);
                inner = after;
            }
        } else {
            node.value = value.to_vec();
        }
        (node, rest)
    }

    fn encode(&self) -> Vec<u8> {
        let value = match self.is_constructed() {
            true => self.children.iter().flat_map(Self::encode).collect(),
            false => self.value.clone(),
        };
        let length = u16::try_from(value.len()).unwrap();
        let mut der = vec![self.tag];
        match length {
            0..=0x7f => der.push(length as u8),
            0x80..=0xff => der.extend([0x81, length as u8]),
            _ => der.extend([0x82, (length >> 8) as u8, length as u8]),
        }
        der.extend(value);
        der
    }

    fn is_constructed(&self) -> bool {
        self.tag & 0x20 != 0
    }

    fn child(&mut self, index: usize) -> &mut Self {
        &mut self.children[index]
    }

    fn children(&mut self) -> &mut [Self] {
        &mut self.children
    }

    fn blank(&mut self) {
        self.value.fill(0);
    }

    fn blank_leaves(&mut self) {
        self.blank();
        self.children.iter_mut().for_each(Self::blank_leaves);
    }
}

const SUBJECT_KEY_IDENTIFIER: &[u8] = &[0x55, 0x1d, 14];
const AUTHORITY_KEY_IDENTIFIER: &[u8] = &[0x55, 0x1d, 35];

#[test]
fn masking_changes_nothing_but_what_it_blanks_out() {
    let workspace = crate::workspace::Workspace::new();
    workspace.certgen(&["--key", "p256"]);
    let certificate = workspace.certificate();
    assert_eq!(Node::parse(&certificate).encode(), certificate);
    assert_ne!(masked(&certificate), certificate);
}
