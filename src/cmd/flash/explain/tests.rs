use super::*;
use crate::device::{
    chip,
    flash::{chip_facts::Revision, layout::Application},
    serial::ports::PortInfo,
};

fn told(error: FlashError) -> String {
    let port = PortInfo { path: "/dev/ttyACM0".to_owned(), usb: None };
    flash(error, &FlashedBoard::new(port, None)).told()
}

#[test]
fn a_board_that_does_not_answer_is_explained() {
    let errors = [FlashError::NoLines, FlashError::NoAnswer { said: Vec::new() }, FlashError::NoFlashChip];
    insta::assert_snapshot!(errors.map(told).concat(), @r"
    4 flash.no_lines: connecting to the board at /dev/ttyACM0: the port does not have the lines DTR and RTS, which bring a board into its bootloader
      try: hold the BOOT button, press RESET, let go of BOOT, then run this with --before no-reset
    4 flash.no_answer: connecting to the board at /dev/ttyACM0: no bootloader answered, and nothing else did
      try: hold the BOOT button, press RESET, let go of BOOT, then run this with --before no-reset
           check that it is the right port, and that the cable carries data, not only power
           to check everything that the commands need: esp-https doctor
    4 flash.no_flash_chip: identifying the chip at /dev/ttyACM0: its flash chip does not answer
      try: press the reset button and try again; if it happens again, its flash may be broken
    ");
}

#[test]
fn a_chip_that_must_not_be_written_is_explained() {
    let old = Revision { major: 0, minor: 2 };
    let reasons = [
        Unflashable::SecureBoot,
        Unflashable::FlashEncryption,
        Unflashable::SecureDownload,
        Unflashable::Unsaid,
        Unflashable::SmallFlash { size: 2 << 20, needed: 4 << 20 },
        Unflashable::OldRevision { found: old, needed: Revision { major: 0, minor: 3 } },
    ];
    insta::assert_snapshot!(reasons.map(|why| told(why.into())).concat(), @r"
    4 flash.locked: checking the chip at /dev/ttyACM0: secure boot is on: the chip starts signed firmware only
      try: take a board as it comes from the factory; nothing was written to this one
    4 flash.locked: checking the chip at /dev/ttyACM0: flash encryption is on: the chip could not read firmware that is written without encryption
      try: take a board as it comes from the factory; nothing was written to this one
    4 flash.locked: checking the chip at /dev/ttyACM0: secure download mode is on: the flash can't be read or checked
      try: take a board as it comes from the factory; nothing was written to this one
    4 flash.locked: checking the chip at /dev/ttyACM0: it can't be read whether secure boot or flash encryption is on
      try: take a board as it comes from the factory; nothing was written to this one
    4 flash.small_flash: checking the chip at /dev/ttyACM0: its flash has 2097152 bytes, and 4194304 are needed
      try: take a board with at least 4 MB of flash; nothing was written to this one
    4 flash.old_revision: checking the chip at /dev/ttyACM0: its revision 0.2 is older than 0.3, the first that the bootloader supports
      try: use --force to write it anyway; nothing was written yet
    ");
}

#[test]
fn a_file_that_no_image_can_be_made_of_is_explained() {
    let elf = Path::new("board.elf");
    let errors = [
        Application::from_elf(chip::DEFAULT, b"no ELF file").err().unwrap(),
        ElfError::NoDescriptor.into(),
        LayoutError::TooLarge { size: 5 << 20, partition: 3 << 20 },
    ];
    insta::assert_snapshot!(errors.map(|error| layout(chip::DEFAULT, elf, error).told()).concat(), @r"
    2 flash.bad_image: laying out the flash with board.elf: it can't be read as an ELF file: Invalid ELF header size or alignment
      try: name an ELF file for the ESP32-C3, or leave --image out to have one built
    2 flash.no_descriptor: laying out the flash with board.elf: it has no application descriptor, without which the board's bootloader does not start it
      try: name an ELF file for the ESP32-C3 that has esp_bootloader_esp_idf::esp_app_desc!()
    2 flash.too_large: laying out the flash with board.elf: its 5242880 bytes do not fit into the application partition of 3145728 bytes
      try: build it with cargo build --release, or with fewer features
    ");
}

#[test]
fn a_partition_table_that_can_t_be_read_is_a_bug() {
    let broken = LayoutError::Table("line 3 has no offset".to_owned());
    insta::assert_snapshot!(layout(chip::DEFAULT, Path::new("board.elf"), broken).told(), @r"
    70 flash.partition_table: laying out the flash with board.elf: the partition table: line 3 has no offset
      try: please report this
    ");
}

#[test]
fn the_only_board_of_all_is_told_with_its_reason() {
    let port = PortInfo { path: "/dev/ttyACM0".to_owned(), usb: None };
    let mut board = FlashedBoard::new(port, None);
    assert!(of_several(std::slice::from_ref(&board)).is_none());
    board.error = Some(flash(FlashError::NoAnswer { said: Vec::new() }, &board));
    insta::assert_snapshot!(of_several(&[board]).unwrap().told(), @r"
    1 flash.boards_failed: flashing several boards: the only board failed: connecting to the board at /dev/ttyACM0: no bootloader answered, and nothing else did
      try: hold the BOOT button, press RESET, let go of BOOT, then run this with --before no-reset
           check that it is the right port, and that the cable carries data, not only power
           to check everything that the commands need: esp-https doctor
    ");
}
