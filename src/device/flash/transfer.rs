//! How a region is sent to the bootloader, sans I/O: compressed where that helps, in blocks, each with its command and
//! the time it may take (esptool documentation, "Serial Protocol", "Writing Data").

use std::{hint::black_box, time::Duration};

use espflash::command::{Command, CommandType};
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use zeroize::Zeroizing;

use super::{layout::Region, options::Stub};
use crate::device::chip::Chip;

/// A region that is being sent. One of them holds a private key: its bytes are borrowed or erased when dropped, and so is
/// the state of the compressor. espflash's buffer for one frame, 8 KiB on the heap, can't be erased from here.
pub(super) struct Transfer<'a> {
    region: &'a Region,
    stub: Stub,
    block_size: usize,
    packed: Option<Packed>,
}

/// A compressed region.
struct Packed {
    bytes: Zeroizing<Vec<u8>>,
    /// How many bytes of the region come out of each block.
    unpacked: Vec<u32>,
}

/// A command and how long its answer may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Request<'a> {
    pub(super) command: Command<'a>,
    pub(super) timeout: Duration,
}

impl<'a> Transfer<'a> {
    /// Compresses the region if the stub is to take it and it gets smaller by that; the ROM is sent it as it is.
    ///
    /// # Errors
    /// What the compressor says, which nothing should bring about.
    pub(super) fn new(region: &'a Region, chip: &Chip, stub: Stub) -> Result<Self, String> {
        let block_size = block_size(chip, stub);
        let packed = match stub {
            Stub::Use => Packed::smaller_than(region.bytes(), block_size)?,
            Stub::None => None,
        };
        Ok(Self { region, stub, block_size, packed })
    }

    /// The command that announces the blocks, upon which the bootloader may erase their place.
    pub(super) fn begin(&self) -> Request<'static> {
        let whole = length(self.region.bytes());
        let sectors = self.region.bytes().len().next_multiple_of(SECTOR);
        let erased = u32::try_from(sectors).unwrap_or(u32::MAX);
        let (blocks, block_size) = (size(self.chunks().len()), size(self.block_size));
        let offset = self.region.offset;
        let command = match self.packed {
            Some(_) => {
                let supports_encryption = self.stub == Stub::None;
                Command::FlashDeflBegin { size: whole, blocks, block_size, offset, supports_encryption }
            }
            None => {
                Command::FlashBegin { size: erased, blocks, block_size, offset, supports_encryption: true }
            }
        };
        Request { command, timeout: command.timeout_for_size(erased) }
    }

    /// The blocks, in their order.
    pub(super) fn blocks(&self) -> impl Iterator<Item = Request<'_>> {
        (0..).zip(self.chunks()).map(|(sequence, data)| self.block(sequence, data))
    }

    /// How many bytes of the region count as written after so many blocks.
    pub(super) fn done_after(&self, blocks: usize) -> usize {
        let all = self.chunks().len().max(1);
        self.region.bytes().len() * blocks.min(all) / all
    }

    fn block<'b>(&'b self, sequence: u32, data: &'b [u8]) -> Request<'b> {
        let index = usize::try_from(sequence).unwrap_or(usize::MAX);
        match &self.packed {
            Some(packed) => {
                let written = packed.unpacked.get(index).copied().unwrap_or_default();
                let command = Command::FlashDeflData { sequence, pad_to: 0, pad_byte: ERASED, data };
                Request { command, timeout: CommandType::FlashDeflData.timeout_for_size(written) }
            }
            None => {
                let pad_to = self.block_size;
                let command = Command::FlashData { sequence, pad_to, pad_byte: ERASED, data };
                Request { command, timeout: CommandType::FlashData.timeout_for_size(length(data)) }
            }
        }
    }

    fn chunks(&self) -> std::slice::Chunks<'_, u8> {
        let bytes = self.packed.as_ref().map_or(self.region.bytes(), |packed| packed.bytes.as_slice());
        bytes.chunks(self.block_size)
    }
}

impl Packed {
    /// `None` if it would not be smaller.
    fn smaller_than(bytes: &[u8], block: usize) -> Result<Option<Self>, String> {
        // One allocation, which is not grown: growing would leave pieces of a key behind.
        let mut packed = Zeroizing::new(Vec::with_capacity(bytes.len()));
        let mut compressor = Compress::new(Compression::best(), true);
        let ended = compressor.compress_vec(bytes, &mut packed, FlushCompress::Finish);
        // Its window and its buffers are zeroed by that, as long as the compiler believes that somebody looks.
        compressor.reset();
        black_box(&mut compressor);
        if ended.map_err(|error| error.to_string())? != Status::StreamEnd || packed.len() == bytes.len() {
            return Ok(None);
        }
        let unpacked = unpacked(&packed, block)?;
        Ok(Some(Self { bytes: packed, unpacked }))
    }
}

/// How many bytes come out of each block, which is what takes the bootloader its time.
fn unpacked(packed: &[u8], block: usize) -> Result<Vec<u32>, String> {
    let mut decompressor = Decompress::new(true);
    let mut scratch = Zeroizing::new(vec![0; SCRATCH]);
    let mut sizes = Vec::new();
    for mut rest in packed.chunks(block) {
        let before = decompressor.total_out();
        loop {
            let (taken, given) = (decompressor.total_in(), decompressor.total_out());
            let status = decompressor.decompress(rest, &mut scratch, FlushDecompress::None);
            let status = status.map_err(|error| error.to_string())?;
            let taken = usize::try_from(decompressor.total_in() - taken).unwrap_or(usize::MAX);
            rest = rest.get(taken..).unwrap_or_default();
            // A full scratch buffer may leave more to come out of what has been taken.
            let is_full = decompressor.total_out() - given == SCRATCH as u64;
            if status == Status::StreamEnd || (rest.is_empty() && !is_full) {
                break;
            }
        }
        sizes.push(u32::try_from(decompressor.total_out() - before).unwrap_or(u32::MAX));
    }
    decompressor.reset(true);
    black_box(&mut decompressor);
    Ok(sizes)
}

fn block_size(chip: &Chip, stub: Stub) -> usize {
    match stub {
        Stub::Use => chip.espflash.stub_flash_write_size(),
        Stub::None => chip.espflash.flash_write_size(),
    }
}

fn length(bytes: &[u8]) -> u32 {
    size(bytes.len())
}

/// All sizes here are at most that of the flash, a few MiB.
fn size(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// What the flash erases at once, in bytes.
const SECTOR: usize = 4096;
const ERASED: u8 = 0xFF;
const SCRATCH: usize = 32 * 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::{chip, flash::layout::RegionKind};

    fn data(command: Command<'_>) -> &[u8] {
        match command {
            Command::FlashData { data, .. } | Command::FlashDeflData { data, .. } => data,
            other => panic!("{other:?}"),
        }
    }

    /// Bytes that do not compress (Marsaglia's xorshift).
    fn noise(count: usize) -> Vec<u8> {
        let mut x = 0x9e37_79b9_7f4a_7c15_u64;
        let mut next = || {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            (x >> 32) as u8
        };
        (0..count).map(|_| next()).collect()
    }

    #[test]
    fn what_the_stub_unpacks_is_the_region() {
        for bytes in [vec![0xFF; 8192], [noise(100_000), vec![7; 900_000]].concat()] {
            let region = Region::new(RegionKind::Application, 0x10000, &bytes);
            let transfer = Transfer::new(&region, chip::DEFAULT, Stub::Use).unwrap();
            let Command::FlashDeflBegin { size, blocks, block_size, .. } = transfer.begin().command else {
                panic!("not compressed");
            };
            let sent: Vec<u8> = transfer.blocks().flat_map(|block| data(block.command).to_vec()).collect();
            assert_eq!((size as usize, blocks as usize), (bytes.len(), sent.len().div_ceil(0x4000)));
            assert_eq!(block_size, 0x4000);
            let mut decompressor = Decompress::new(true);
            let mut out = Vec::with_capacity(bytes.len() + 1);
            decompressor.decompress_vec(&sent, &mut out, FlushDecompress::Finish).unwrap();
            assert!(out == bytes);
            let written: u32 = transfer.packed.as_ref().unwrap().unpacked.iter().sum();
            assert_eq!(written as usize, bytes.len());
            assert_eq!(transfer.done_after(blocks as usize), bytes.len());
        }
    }

    #[test]
    fn what_does_not_get_smaller_and_what_the_rom_gets_goes_as_it_is() {
        let bytes = noise(20_000);
        let region = Region::new(RegionKind::Provisioning, 0xD000, &bytes);
        for (stub, block) in [(Stub::Use, 0x4000), (Stub::None, 0x400)] {
            let transfer = Transfer::new(&region, chip::DEFAULT, stub).unwrap();
            let Command::FlashBegin { size, offset, .. } = transfer.begin().command else {
                panic!("{stub:?}")
            };
            assert_eq!((size, offset), (5 * 4096, 0xD000), "whole sectors");
            let sent: Vec<&[u8]> = transfer.blocks().map(|block| data(block.command)).collect();
            assert_eq!((sent.len(), sent.concat()), (bytes.len().div_ceil(block), bytes.clone()));
        }
    }

    #[test]
    fn a_block_that_unpacks_to_much_is_given_the_time_for_it() {
        let region = Region::new(RegionKind::Application, 0x10000, &vec![0; 1_000_000]);
        let transfer = Transfer::new(&region, chip::DEFAULT, Stub::Use).unwrap();
        let timeouts: Vec<_> = transfer.blocks().map(|block| block.timeout).collect();
        assert_eq!(timeouts, [Duration::from_secs(40)]);
    }

    /// The key is masked here, so that this test is not where it is found.
    #[cfg(target_os = "linux")]
    #[test]
    fn nothing_of_a_region_stays_in_memory_once_it_was_sent() {
        // Holes in the heap: what is freed into one is kept, and not given back to the system, which would hide it.
        let blocks: Vec<_> = (0..16).map(|_| (vec![0_u8; 100_000], vec![0_u8; 100])).collect();
        let _pins: Vec<_> = blocks.into_iter().map(|(_, pin)| pin).collect();
        let mut masked = noise(64);
        let key: Zeroizing<Vec<u8>> = Zeroizing::new(masked.iter().map(|byte| byte ^ MASK).collect());
        let mut bytes = Zeroizing::new(vec![ERASED; 8192]);
        bytes[1000..1064].copy_from_slice(&key);
        let region = Region::new(RegionKind::Provisioning, 0xD000, &bytes);
        let transfer = Transfer::new(&region, chip::DEFAULT, Stub::Use).unwrap();
        assert_eq!(transfer.blocks().count(), 1);
        masked.truncate(48);
        assert!(in_memory(&masked), "the search finds what is there");
        drop(transfer);
        drop((region, bytes, key));
        assert!(!in_memory(&masked));
    }

    /// Whether a writable page of this process holds these bytes, unmasked.
    fn in_memory(masked: &[u8]) -> bool {
        use std::{fs, os::unix::fs::FileExt as _};
        let memory = fs::File::open("/proc/self/mem").unwrap();
        let maps = fs::read_to_string("/proc/self/maps").unwrap();
        maps.lines().filter(|line| line.contains(" rw")).any(|line| {
            let (start, end) = line.split_once(' ').unwrap().0.split_once('-').unwrap();
            let [start, end] = [start, end].map(|at| u64::from_str_radix(at, 16).unwrap());
            let mut page = Zeroizing::new(vec![0; usize::try_from(end - start).unwrap()]);
            let is_read = memory.read_exact_at(&mut page, start).is_ok();
            let is_it =
                |window: &[u8]| window.iter().zip(masked).all(|(byte, masked)| byte ^ MASK == *masked);
            is_read && page.windows(masked.len()).any(is_it)
        })
    }

    const MASK: u8 = 0x5A;
}
