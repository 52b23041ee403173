// What EMBED_TXTFILES makes of a file: its bytes, a zero, and a symbol before and after them.
.macro embed name, file
    .global _binary_\name\()_start
    .global _binary_\name\()_end
_binary_\name\()_start:
    .incbin "\file"
    .byte 0
_binary_\name\()_end:
.endm

    .section .rodata
    embed cacert_pem, "cacert.pem"
    embed prvtkey_pem, "prvtkey.pem"
    .section .note.GNU-stack, "", %progbits
