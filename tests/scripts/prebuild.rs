//! `scripts/prebuild`, with a program in the place of cargo. `scripts/test-all` runs the real builds.

use std::{
    env, fs,
    process::{Command, Output},
};

use support::{board::write_program, from_root, names, stderr, stdout};
use tempfile::TempDir;

/// A source tree with the scripts, and a cargo that makes a program out of the package's name and `MORE`, which it expands.
struct Tree(TempDir);

const CARGO: &str = r#"
    [ "$1" = build ] || exit 0
    while [ $# -gt 0 ]; do
        [ "$1" != --target-dir ] || target=$2
        [ "$1" != -p ] || package=$2
        shift
    done
    release=$target/riscv32imc-unknown-none-elf/release
    mkdir -p "$release"
    eval "printf %s \"$package $MORE\"" >"$release/$package""#;

impl Tree {
    fn new() -> Self {
        let tree = Self(tempfile::tempdir().unwrap());
        for folder in ["scripts/lib", "firmware/target", "firmware/.cargo", "bin", "sysroot", "tmp"] {
            fs::create_dir_all(tree.0.path().join(folder)).unwrap();
        }
        for file in [
            "scripts/prebuild",
            "scripts/lib/setup",
            "scripts/lib/firmware",
            "scripts/lib/prebuild",
            "Cargo.toml",
        ] {
            fs::copy(from_root(file), tree.0.path().join(file)).unwrap();
        }
        for file in ["firmware/lib.rs", "firmware/target/product", "firmware/.cargo/config.toml"] {
            fs::write(tree.0.path().join(file), file).unwrap();
        }
        fs::create_dir_all(tree.0.path().join("sysroot/lib/rustlib/riscv32imc-unknown-none-elf/lib"))
            .unwrap();
        let rustc = format!(
            "case $1 in --print) echo '{}' ;; *) echo 'rustc 1.95.0'; [ $# = 1 ] || echo 'commit-hash: abc' ;; esac",
            tree.0.path().join("sysroot").display()
        );
        write_program(&tree.0.path().join("bin/rustc"), &rustc);
        write_program(&tree.0.path().join("bin/cargo"), CARGO);
        tree
    }

    fn run(&self, argument: &str, more: &str) -> Output {
        let path = format!("{}:{}", self.0.path().join("bin").display(), env::var("PATH").unwrap());
        let mut command = Command::new(self.0.path().join("scripts/prebuild"));
        command.arg(argument).env("PATH", path).env("MORE", more).env("TMPDIR", self.0.path().join("tmp"));
        command.env("CARGO_HOME", self.0.path().join("home")).env("ESP_LOG", "trace");
        command.output().unwrap()
    }
}

#[test]
fn the_images_are_packed_with_a_list_of_them() {
    let tree = Tree::new();
    fs::create_dir(tree.0.path().join("home")).unwrap();
    let output = tree.run("--no-setup", "${ESP_LOG:-no} $SOURCE_DATE_EPOCH");
    assert!(output.status.success(), "{output:?}");
    let folder = tree.0.path().join("prebuilt");
    assert_eq!(names(&folder), ["esp32c3.elf.gz", "images", "qemu-virt.elf.gz"]);
    let elf = "esp-https-qemu-virt no 1";
    let unpacked = Command::new("gzip").args(["-dc"]).arg(folder.join("qemu-virt.elf.gz")).output().unwrap();
    assert_eq!(stdout(&unpacked), elf, "variables that configure the firmware are left out");
    let list = fs::read_to_string(folder.join("images")).unwrap();
    let lines: Vec<&str> = list.lines().collect();
    // sha256sum .cargo/config.toml lib.rs | sha256sum: the folder target is left out.
    assert_eq!(lines[0], "sources 72d6c0ed14571f2fa3d6f5a78a4d1ea8a70f0d53b2d1fa27dfcac8f2a21c1a89");
    assert_eq!(lines[1], "rustc rustc 1.95.0");
    assert!(
        lines[3].starts_with("image qemu-virt ") && lines[3].ends_with(&format!(" {}", elf.len())),
        "{list}"
    );
}

#[test]
fn two_builds_are_compared_and_leave_nothing() {
    let tree = Tree::new();
    fs::create_dir(tree.0.path().join("home")).unwrap();
    let same = tree.run("--compare", "");
    assert!(same.status.success(), "{same:?}");
    let said = "two builds in two folders gave the same bytes of esp32c3 qemu-virt";
    assert_eq!(stdout(&same).lines().last(), Some(said));
    let differing = tree.run("--compare", "$PWD");
    assert_eq!(differing.status.code(), Some(4), "{differing:?}");
    assert!(stderr(&differing).contains("two builds of the same sources differ"), "{differing:?}");
    assert_eq!(names(tree.0.path().join("tmp")), Vec::<String>::new());
    assert!(!tree.0.path().join("prebuilt").exists());
}

/// A folder inside another one would keep the name of that one, if it were replaced first.
#[test]
fn a_cargo_home_inside_the_sources_is_replaced_as_one_outside() {
    let tree = Tree::new();
    fs::create_dir(tree.0.path().join("home")).unwrap();
    let output = tree.run("--no-setup", "$CARGO_ENCODED_RUSTFLAGS");
    assert!(output.status.success(), "{output:?}");
    let packed = tree.0.path().join("prebuilt/esp32c3.elf.gz");
    let unpacked = Command::new("gzip").args(["-dc"]).arg(packed).output().unwrap();
    let text = stdout(&unpacked);
    let flags: Vec<&str> = text.split_once(' ').unwrap().1.split('\x1f').collect();
    let lengths: Vec<usize> = flags.iter().map(|flag| flag.len()).collect();
    assert!(flags.len() == 5 && lengths.is_sorted(), "{flags:?}");
    assert!(flags[0].ends_with("=/esp-https") && flags[1].ends_with("home=/cargo"), "{flags:?}");
}

#[test]
fn a_firmware_that_cannot_be_built_leaves_no_list_of_images_not_even_an_earlier_one() {
    let tree = Tree::new();
    fs::create_dir(tree.0.path().join("home")).unwrap();
    assert!(tree.run("--no-setup", "").status.success());
    // The program of the build before it is still there.
    write_program(&tree.0.path().join("bin/cargo"), "echo 'error: no such crate' >&2; exit 101");
    let output = tree.run("--no-setup", "");
    assert_eq!(output.status.code(), Some(4), "{output:?}");
    assert!(stderr(&output).contains("the firmware of esp32c3 can't be built"), "{output:?}");
    assert!(!tree.0.path().join("prebuilt/images").exists());
}

#[test]
fn images_of_sources_that_changed_during_the_build_are_not_listed() {
    let tree = Tree::new();
    fs::create_dir(tree.0.path().join("home")).unwrap();
    let changing = format!("echo changed >>lib.rs\n{CARGO}");
    write_program(&tree.0.path().join("bin/cargo"), &changing);
    let output = tree.run("--no-setup", "");
    assert_eq!(output.status.code(), Some(4), "{output:?}");
    assert!(stderr(&output).contains("have changed during the build"), "{output:?}");
    assert!(!tree.0.path().join("prebuilt/images").exists());
}
