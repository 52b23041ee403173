use std::{env, fs};

use super::*;
use crate::hil::{
    fault::ScenarioFault, grammar::fields_of, kind::StepKind, read, scenario::Scenario, schema::schema,
};

fn reading(text: &str) -> Result<Scenario, Vec<ScenarioFault>> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("here.toml"), "[negotiated]\nversions = [\"TLS 1.3\"]\n").unwrap();
    read(text, &ClapGrammar::new(folder.path()), folder.path(), "test")
}

/// The faults of a text as `LINE: ABOUT: SAYS`.
fn faults(text: &str) -> Vec<String> {
    let faults = reading(text).expect_err("something is wrong");
    faults.iter().map(|fault| format!("{}: {}: {}", fault.line, fault.about, fault.says)).collect()
}

/// The schema is for editors, and what it says comes from the same definitions as what the reader takes.
#[test]
fn the_schema_of_scenarios_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema/hil-scenario.json");
    let made = format!("{:#}\n", schema(&ClapGrammar::new(Path::new("."))));
    if env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &made).unwrap();
    }
    let is = fs::read_to_string(&path).unwrap_or_default();
    assert!(is == made, "docs/schema/hil-scenario.json is not what the flags say; UPDATE_DOCS=1 writes it");
}

/// A new flag of a command is a field without more.
#[test]
fn every_flag_of_a_command_is_a_field_or_left_out_on_purpose() {
    let grammar = ClapGrammar::new(Path::new("."));
    for kind in StepKind::ALL {
        let Some(verb) = kind.verb() else { continue };
        let fields = fields_of(kind, &grammar);
        let all = grammar.flags(verb);
        for flag in &all {
            let is_hidden = kind.hidden_flags().contains(&flag.name.as_str());
            assert!(
                is_hidden
                    || fields.contains(flag)
                    || kind.own_fields().iter().any(|own| own.name == flag.name),
                "{}",
                flag.name
            );
        }
        for hidden in kind.hidden_flags() {
            assert!(
                all.iter().any(|flag| flag.name == *hidden),
                "{}: there is no --{hidden} to leave out",
                verb.word()
            );
        }
    }
}

#[test]
fn a_scenario_with_everything_in_it_is_read() {
    let scenario = reading(
        r#"
            name = "all"
            default-target = "desk"
            max-time = "5m"
            [target.desk]
            board = "/dev/ttyACM0"
            ssid = "lab"
            [target.emulator]
            emulated = true
            deterministic = true
            [target.far]
            address = "192.168.1.7"
            [lab]
            recover = "true"
            [[step]]
            certgen = { key = "p256", days = 30 }
            [[step]]
            flash = true
            [[step]]
            name = "handshake"
            retry = 2
            probe = { expect-version = "1.3", policy = "here.toml", audit = true, cert = "${certgen.cert}" }
            [[step]]
            http = { path = "/light", data = "{}", expect-status = 200 }
            [[step]]
            load = { requests = 5, fail-if = "error_rate>0.01" }
            [[step]]
            serial = "READY"
            [[step]]
            wait = 1
            [[step]]
            run = "true ${HOME} ${target.address}"
            always = true
            "#,
    );
    let scenario = scenario.unwrap();
    assert_eq!((scenario.steps.len(), scenario.lab.retries, scenario.steps[2].retry), (8, 1, Some(2)));
    assert_eq!(
        scenario.steps[2].fields.iter().map(|field| field.name.as_str()).collect::<Vec<_>>(),
        ["expect-version", "policy", "audit", "cert"]
    );
}

#[test]
fn every_kind_of_mistake_is_told_with_its_line_and_all_at_once() {
    let told = faults(
        "defualt-target = \"x\"\n\
             [[step]]\n\
             probe = { expect-version = \"9.9\", expect-grup = \"x\", audit = 1 }\n\
             [[step]]\n\
             frobnicate = {}\n\
             [[step]]\n\
             load = { fail-if = [\"error_rate>1\", \"foo>1\"], requests = 0, rate = 5, ramp = \"1:2\", cert = \"${later.cert}\" }\n\
             [[step]]\n\
             name = \"later\"\n\
             certgen = { days = \"${later.cert}\" }\n\
             [[step]]\n\
             serial = { expect = \"(\", reject = \"\" }\n\
             [[step]]\n\
             name = \"p\"\n\
             probe = { policy = \"missing.toml\", pcap = \"../x\", server-name = \"${nobody.x} ${later.cart}\" }\n\
             timeout = \"0s\"\n\
             always = \"yes\"\n\
             [[step]]\n\
             load = {}\n\
             probe = {}\n",
    );
    let has = |line: usize, about: &str, says: &str| {
        let beginning = format!("{line}: {about}: ");
        assert!(
            told.iter().any(|fault| fault.starts_with(&beginning) && fault.contains(says)),
            "{beginning}{says} is not in {told:#?}"
        );
    };
    has(1, "", "did you mean \"default-target\"?");
    has(3, "step 1, expect-version", "is not a known protocol version");
    has(3, "step 1", "did you mean \"expect-group\"?");
    has(3, "step 1, audit", "expected true or false");
    has(5, "step 2", "there is no key \"frobnicate\"");
    has(7, "step 3, fail-if", "so this is never true");
    has(7, "step 3, fail-if", "there is no figure `foo`");
    has(7, "step 3, requests", "expected a whole number, 1 or more");
    has(7, "step 3, rate", "can't be used together with ramp");
    has(7, "step \"load\", cert", "that step comes later, in line 8");
    has(10, "step \"later\", days", "a step can't refer to itself");
    has(12, "step 5, expect", "it is not a regular expression");
    has(12, "step 5, reject", "it matches every line");
    has(15, "step \"p\", policy", "there is no such file");
    has(15, "step \"p\", pcap", "in the folder of the run");
    has(15, "step \"p\", server-name", "${nobody.x}: there is no step of this name");
    has(15, "step \"p\", server-name", "${later.cart}: a step of the kind certgen has cert");
    has(16, "step \"p\", timeout", "must be more than 0");
    has(17, "step \"p\", always", "expected true or false");
    has(18, "step 7", "it can't be all of probe, load");
    assert_eq!(told.len(), 20, "{told:#?}");
}

/// What a run would find out only when the step begins.
#[test]
fn what_the_commands_would_refuse_is_told_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("empty.pem", "nothing");
    write("key.json", "{\"key\": \"-----BEGIN PRIVATE KEY-----\\nMIIEv\"}");
    write("audit.toml", "[items]\n\"hello.largest\" = \"yes\"\n");
    write("broken.toml", "[negotiated]\nversions = 1\n");
    write("boards.csv", "mac,cert,key,hostname\n240ac4000001,a.pem,empty.pem,-x\nx,empty.pem,empty.pem,y\n");
    write("absent.csv", "mac,cert,key\n240ac4000001,a.pem,empty.pem\n");
    let text = "[target.a]\nboards = \"boards.csv\"\n[target.b]\nboards = \"absent.csv\"\nhostname = \"no_name\"\n\
        [target.c]\nemulated = true\nmax-header = 9\n\
        [[step]]\ncertgen = { san = [\"dns:board.local\", \"no name\"], cn = \"\", days = 0 }\n\
        [[step]]\nflash = { hostname = \"-x\", max-header = 1 }\n\
        [[step]]\nprobe = { policy = \"broken.toml\", baseline = \"audit.toml\", cacert = \"empty.pem\" }\n\
        [[step]]\nname = \"p\"\nprobe = { policy = \"audit.toml\" }\n\
        [[step]]\nhttp = { data = \"@none.json\", expect-body = \"\", expect-body-regex = \"x*\", header = \"no colon\" }\n\
        [[step]]\nname = \"h\"\nhttp = { data = \"@-\", expect-body-exactly = \"@key.json\" }\n\
        [[step]]\nload = { fail-if = \"device.leak<0\", no-stat = true }\n";
    let faults = read(text, &ClapGrammar::new(folder.path()), folder.path(), "test").unwrap_err();
    let told: Vec<String> =
        faults.iter().map(|it| format!("{}: {}: {}", it.line, it.about, it.says)).collect();
    insta::assert_snapshot!(told.join("\n").replace(folder.path().to_str().unwrap(), "DIR"), @r#"
    2: target "a", boards: line 2: its host name: a host name can't begin or end with a hyphen
    2: target "a", boards: line 3: its mac is not a MAC address: expected six pairs of hex digits, as in 24:0a:c4:12:34:56
    4: target "b", boards: line 2: there is no file DIR/a.pem
    5: target "b", hostname: a host name has only letters, digits and hyphens
    8: target "c", max-header: that is beyond what the server's memory is laid out for
    10: step 1, san: ' ' can't be in a host name: letters, digits, hyphens and dots only (punycode for other scripts)
    10: step 1, cn: it is empty
    10: step 1, days: a certificate is valid for 1 to 36500 days
    12: step 2, hostname: a host name can't begin or end with a hyphen
    12: step 2, max-header: that is beyond what the server's memory is laid out for
    14: step 3, policy: it is not a valid policy: line 2, column 12: invalid type: integer `1`, expected a sequence
    14: step 3, baseline: it is not JSON: expected value at line 1 column 2
    14: step 3, cacert: there is no PEM certificate in it; it is something else
    17: step "p", policy: it has rules for [items], [at_least] or [findings], which only an audit can check
    19: step 5, data: there is no such file, seen from the folder of the scenario
    19: step 5, expect-body: it can't fail: an empty text is in every body
    19: step 5, expect-body-regex: it can't fail: it matches every body
    19: step 5, header: a header is written NAME: VALUE, without line breaks
    22: step "h", data: a step has no standard input: name a file
    22: step "h", expect-body-exactly: there is a private key in it, which stays private only as long as nobody gets it
    24: step 7, fail-if: with --no-stat the device is not asked for its figures
    "#);
}

#[test]
fn a_gate_that_can_t_fail_or_can_t_pass_is_a_mistake() {
    for (gate, says) in [
        ("error_rate>1", "so this is never true"),
        ("rps<0", "it can't fail"),
        ("tls.p99<0ms", "it can't fail"),
        ("error_rate>=0", "it always fails"),
        ("rps>=0", "it always fails"),
    ] {
        let told = faults(&format!("[[step]]\nload = {{ fail-if = \"{gate}\" }}\n"));
        assert!(told[0].contains(says), "{gate}: {told:?}");
    }
    for gate in ["error_rate>0", "rps<=0", "device.leak<0", "error_rate>=1", "errors>0"] {
        reading(&format!("[[step]]\nload = {{ fail-if = \"{gate}\" }}\n")).expect(gate);
    }
}

#[test]
fn a_key_that_is_named_by_mistake_is_not_repeated() {
    let key = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQ = 1\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7=\n";
    for text in [key.to_owned(), key.replacen('-', "", 100), key.lines().nth(1).unwrap().to_owned()] {
        assert!(!faults(&text).concat().contains("MIIEv"), "{text}");
    }
}

/// The seeds of the fuzz target, and each of them without one of its lines, or with one of its lines twice.
#[test]
fn the_seeds_of_fuzzing_are_read_or_refused_with_any_line_missing_or_twice() {
    let seed = |name: &str| {
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds/scenario").join(name))
            .unwrap()
    };
    let (good, bad) = (seed("every-kind"), seed("mistakes"));
    assert_eq!(reading(&good).map(|scenario| scenario.steps.len()), Ok(StepKind::ALL.len()));
    assert!(faults(&bad).len() > 12);
    for text in [&good, &bad] {
        let lines: Vec<&str> = text.lines().collect();
        for at in 0..lines.len() {
            let (before, behind) = lines.split_at(at);
            let missing = [before, &behind[1..]].concat().join("\n");
            let twice = [before, &behind[..1], behind].concat().join("\n");
            for text in [missing, twice] {
                let faults = reading(&text).err().unwrap_or_default();
                assert!(faults.iter().all(|fault| (1..=lines.len() + 1).contains(&fault.line)), "{text}");
            }
        }
    }
}

#[test]
fn a_scenario_that_is_cut_short_anywhere_is_read_or_refused() {
    let text = "name = \"a\"\n[lab]\nretries = 2\n[[step]]\nname = \"x\"\nprobe = { expect-version = \"1.3\", audit = true }\n[[step]]\nserial = { expect = [\"a\", \"b\"] }\n";
    for end in 0..text.len() {
        let _ = reading(&text[..end]);
    }
    reading(text).unwrap();
}
