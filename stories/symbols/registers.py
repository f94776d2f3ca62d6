"""The registers of a thread as a minidump keeps them, by processor."""

from __future__ import annotations

from dataclasses import dataclass

from stories.crashes.minidump import Minidump


@dataclass(frozen=True)
class Processor:
    """What a walk must know of one. places: of registers in a context, under the names of STACK CFI.
    link: the register with the return address of a call, where calls leave it in one. pointer_bits:
    those of addresses; what stands above them is a signature of the pointer."""

    word: int  # bytes
    counter: str
    stack: str
    frame: str
    places: dict[str, int]
    link: str | None = None
    pointer_bits: int = 64

    @property
    def form(self) -> str:
        return "Q" if self.word == 8 else "I"

    def address(self, value: int) -> int:
        return value & ((1 << self.pointer_bits) - 1)


def _row(first: int, word: int, names: str) -> dict[str, int]:
    return {name: first + word * number for number, name in enumerate(names.split())}


_X86 = _row(0x9C, 4, "edi esi ebx edx ecx eax ebp eip") | {"esp": 0xC4}
_X86_64 = _row(0x78, 8, "rax rcx rdx rbx rsp rbp rsi rdi r8 r9 r10 r11 r12 r13 r14 r15 rip")
_ARM64 = _row(0x08, 8, " ".join(f"x{number}" for number in range(31)) + " sp pc")
PROCESSORS = {
    "x86": Processor(4, "eip", "esp", "ebp", _X86, pointer_bits=32),
    "x86_64": Processor(8, "rip", "rsp", "rbp", _X86_64),
    "arm64": Processor(8, "pc", "sp", "x29", _ARM64, link="x30", pointer_bits=47),
}
ALIASES = {"fp": "x29", "lr": "x30"}


def read_registers(
    minidump: Minidump, processor: Processor, context: tuple[int, int]
) -> dict[str, int] | None:
    """None: the context is cut, or it is of another processor."""
    registers = {}
    for name, place in processor.places.items():
        value = minidump.words(context, place, processor.form)
        if value is None:
            return None
        registers[name] = value[0]
    return registers
