//! Interrupts as alarm bells: they end the idle wait. The only one that is ever taken as a trap is the timer's (`watch.rs`).

use core::ptr;

use riscv::register::mie;

/// Lets the timer and the virtio devices end [`wait`]. Interrupts are disabled as such (`mstatus.MIE` is 0) except in `watch.rs`.
pub(crate) fn enable() {
    // SAFETY: registers of the PLIC for the virtio lines and hart 0's machine mode; no handler can run.
    unsafe {
        for line in VIRTIO_LINES {
            ptr::write_volatile(PLIC.wrapping_add(line), 1);
        }
        ptr::write_volatile(PLIC_ENABLE, VIRTIO_LINES.map(|line| 1_u32 << line).sum());
        ptr::write_volatile(PLIC_THRESHOLD, 0);
        mie::set_mtimer();
        mie::set_mext();
    }
}

/// Sleeps until the alarm or a device rings. `wfi` returns for a pending interrupt that is enabled in `mie`, also with
/// `mstatus.MIE` clear (RISC-V privileged architecture, section 3.3.3).
pub(crate) fn wait() {
    riscv::asm::wfi();
}

/// Quiets every device that rang, so that it can ring again; tells whether any had.
pub(crate) fn acknowledge() -> bool {
    let mut rang = false;
    // SAFETY: the claim register of hart 0's machine mode, and the interrupt registers of the virtio device on the
    // claimed line (virtio 1.2, section 4.2.2), which nothing else here uses.
    unsafe {
        loop {
            let line = ptr::read_volatile(PLIC_CLAIM);
            if !VIRTIO_LINES.contains(&(line as usize)) {
                return rang;
            }
            let device = VIRTIO.wrapping_byte_add(line as usize * VIRTIO_BYTES);
            let status = ptr::read_volatile(device.wrapping_byte_add(INTERRUPT_STATUS));
            ptr::write_volatile(device.wrapping_byte_add(INTERRUPT_ACK), status);
            ptr::write_volatile(PLIC_CLAIM, line);
            rang = true;
        }
    }
}

/// QEMU `hw/riscv/virt.c`: VIRTIO_IRQ 1 to 8, VIRT_PLIC at 0xC000000; the register map is the PLIC specification's.
const VIRTIO_LINES: core::ops::RangeInclusive<usize> = 1..=8;
const PLIC: *mut u32 = 0x0C00_0000 as *mut u32;
const PLIC_ENABLE: *mut u32 = 0x0C00_2000 as *mut u32;
const PLIC_THRESHOLD: *mut u32 = 0x0C20_0000 as *mut u32;
const PLIC_CLAIM: *mut u32 = 0x0C20_0004 as *mut u32;

/// One page below the first device, whose line is 1.
const VIRTIO: *mut u32 = 0x1000_0000 as *mut u32;
const VIRTIO_BYTES: usize = 0x1000;
const INTERRUPT_STATUS: usize = 0x60;
const INTERRUPT_ACK: usize = 0x64;
