"""The stack of a minidump: each way to a caller, and that hostile dumps end soon."""

from __future__ import annotations

import struct
from random import Random

import pytest

from stories.crashes.minidump import Minidump, NoMinidump
from stories.symbols.cfi import Cfi, NoValue, evaluate, in_order
from stories.symbols.walking import MAX_CALLS, walk_stack
from tools.fuzz.mutate import mutate
from tools.minidumps import ARM64, BASE, STACK, WINDOWS, X86, Dump

BUILD = "03020100-0504-0706-0809-0a0b0c0d0e0f"
FIRST, SECOND, THIRD = 0x5000, 0x6000, 0x7000  # offsets of calls in the program


def words(*values: int, form: str = "Q") -> bytes:
    return struct.pack(f"<{len(values)}{form}", *values)


def walk(dump: Dump, cfi: bytes | None = None):
    calls = walk_stack(Minidump(dump.pack()), lambda build: cfi if build == BUILD else None)
    return [(call.offset, "guess" if call.is_guess else "sure") for call in calls]


def test_frame_pointers_lead_from_call_to_call():
    stack = words(STACK + 32, BASE + SECOND, 0, 0, 0, BASE + THIRD, 0, 0)
    dump = Dump(offset=FIRST, registers={"rsp": STACK, "rbp": STACK}, stack=stack)
    assert walk(dump) == [(FIRST, "sure"), (SECOND, "sure"), (THIRD, "sure")]


def test_unwinding_rules_are_believed_before_frame_pointers():
    cfi = in_order(b"STACK CFI INIT 5000 10 .cfa: $rsp 16 + .ra: .cfa -8 + ^\n")
    stack = words(0, BASE + SECOND, 0, 0, STACK + 48, BASE + THIRD, 0, 0)
    dump = Dump(offset=FIRST, registers={"rsp": STACK, "rbp": STACK + 32}, stack=stack)
    assert walk(dump, cfi)[:2] == [(FIRST, "sure"), (SECOND, "sure")]
    assert walk(dump)[:2] == [(FIRST, "sure"), (THIRD, "sure")]


def test_rules_change_within_a_function_and_restore_registers():
    cfi = in_order(
        b"STACK CFI INIT 6000 100 .cfa: $rsp 8 + .ra: .cfa -8 + ^\n"
        b"STACK CFI INIT 5000 100 .cfa: $rsp 8 + .ra: .cfa -8 + ^\n"
        b"STACK CFI 5004 .cfa: $rsp 16 + $rbp: .cfa -16 + ^\n"
        b"STACK CFI 5010 .cfa: $rsp 0 +\n"
    )
    # At 5008 rbp was pushed: the caller at 6001 has it back, and goes on by it where no rule is known.
    stack = words(STACK + 24, BASE + 0x6200, BASE + 0x6300, STACK + 40, BASE + THIRD, 0, 0)
    dump = Dump(offset=0x5008, registers={"rsp": STACK}, stack=stack)
    assert [offset for offset, _ in walk(dump, cfi)] == [0x5008, 0x6200, THIRD]


def test_the_outermost_call_by_the_rules_ends_the_walk():
    cfi = in_order(
        b"STACK CFI INIT 5000 10 .cfa: $rsp 8 + .ra: .cfa -8 + ^\n"
        b"STACK CFI INIT 6000 10 .cfa: $rsp 8 +\n"
    )
    stack = words(BASE + 0x6001, BASE + THIRD, BASE + THIRD)
    dump = Dump(offset=FIRST, registers={"rsp": STACK, "rbp": 1}, stack=stack)
    assert walk(dump, cfi) == [(FIRST, "sure"), (0x6001, "sure")]


def test_what_only_looks_like_a_return_address_is_a_guess():
    stack = words(5, 0, BASE + SECOND, 9, BASE + 0x10, BASE + THIRD)
    dump = Dump(offset=FIRST, registers={"rsp": STACK, "rbp": 1}, stack=stack)
    assert walk(dump) == [(FIRST, "sure"), (SECOND, "guess"), (THIRD, "guess")]


def test_a_call_of_a_null_pointer_returns_to_who_called():
    stack = words(BASE + SECOND, BASE + THIRD)
    dump = Dump(offset=None, registers={"rsp": STACK, "rbp": 1, "rip": 0}, stack=stack)
    assert walk(dump)[:2] == [(0, "sure"), (SECOND, "sure")]


def test_on_windows_a_frame_pointer_is_a_guess():
    stack = words(0, BASE + SECOND, 0)
    registers = {"rsp": STACK, "rbp": STACK}
    dump = Dump(offset=FIRST, system=WINDOWS, registers=registers, stack=stack)
    assert walk(dump)[:2] == [(FIRST, "sure"), (SECOND, "guess")]


def test_on_arm_a_function_without_a_frame_returns_by_the_link_register():
    signed = 0x0042_0000_0000_0000  # of a pointer with its signature
    stack = words(0, BASE + THIRD | signed, 0)
    registers = {"sp": STACK, "x29": STACK, "x30": BASE + SECOND | signed}
    dump = Dump(architecture=ARM64, offset=FIRST, registers=registers, stack=stack)
    assert walk(dump) == [(FIRST, "sure"), (SECOND, "sure"), (THIRD, "sure")]


def test_stacks_of_32_bits_are_walked_too():
    base, stack_at = 0x40_0000, STACK & 0xFFFF_FFFF
    stack = words(0, base + SECOND, 0, form="I")
    registers = {"esp": stack_at, "ebp": stack_at}
    dump = Dump(architecture=X86, base=base, offset=FIRST, registers=registers, stack=stack)
    place = dump.pack().index(stack, 300)
    dump.ranges = [(stack_at, len(stack), place + 12)]  # a stream more moves what is behind
    dump.ranges = [(stack_at, len(stack), dump.pack().index(stack, 300))]
    assert walk(dump) == [(FIRST, "sure"), (SECOND, "sure")]


def test_of_an_unknown_processor_only_the_newest_call_is_told():
    dump = Dump(architecture=5, offset=None, registers={"rip": BASE + FIRST})
    calls = walk_stack(Minidump(dump.pack()), lambda _: None)
    assert [call.is_guess for call in calls] == [False]


def test_a_chain_of_frame_pointers_that_turns_back_ends():
    stack = words(STACK + 16, BASE + SECOND, STACK, BASE + THIRD)
    dump = Dump(offset=FIRST, registers={"rsp": STACK, "rbp": STACK}, stack=stack)
    assert len(walk(dump)) <= 5


def test_a_stack_of_nothing_but_return_addresses_ends_at_the_limit():
    stack = words(*[BASE + SECOND] * 50_000)
    dump = Dump(offset=FIRST, registers={"rsp": STACK, "rbp": 1}, stack=stack)
    assert len(walk(dump)) == MAX_CALLS


def test_memory_in_65536_ranges_that_overlap_is_searched_not_gone_through():
    stack = words(STACK + 16, BASE + SECOND, 0, BASE + THIRD)
    hostile = [(STACK + 3 * number, 0xFFFF_FFFF, 8) for number in range(65_536)]
    dump = Dump(offset=FIRST, registers={"rsp": STACK, "rbp": STACK}, stack=stack, ranges=hostile)
    assert walk(dump)[0] == (FIRST, "sure")


def test_rules_that_are_no_rules_are_left_out():
    registers = {"rsp": STACK}
    for rule in ("+", "1 +", "^", "$rbx", "a", "1 2", "8 0 @", ".undef", "9" * 40, "1 " * 40):
        with pytest.raises(NoValue):
            evaluate(rule.split(), registers, None, lambda _: None, 64)
    largest = str(2**64 - 1)
    assert evaluate([largest, largest, "*"], registers, None, lambda _: None, 64) == 1
    for text in (b"", b"STACK CFI INIT ", b"STACK CFI INIT zz 1 .cfa:\n" * 50, b"\xff" * 100):
        for offset in (0, 5, 2**64):
            assert Cfi(in_order(text)).rules(offset) is None
            assert Cfi(text).rules(offset) in (None, {".cfa": []})


def test_registers_that_no_call_keeps_are_unknown_from_there_on():
    cfi = in_order(
        b"STACK CFI INIT 5000 2000 .cfa: $rsp 8 + .ra: .cfa -8 + ^ $rbx: .undef $r12: $rbx\n"
    )
    stack = words(BASE + 0x5100, BASE + 0x5200, BASE + THIRD)
    dump = Dump(offset=FIRST, registers={"rsp": STACK, "rbp": 1}, stack=stack)
    assert [offset for offset, _ in walk(dump, cfi)] == [FIRST, 0x5100, 0x5200, THIRD]


def test_of_a_record_without_end_the_beginning_is_read():
    cfi = Cfi(
        in_order(
            b"STACK CFI INIT 5000 ffff .cfa: $rsp 8 +\n"
            + b"STACK CFI 5001 $rbx: 1\n" * 100_000
            + b"STACK CFI INIT 100 1 .cfa: $rsp 1 +\n"
        )
    )
    assert cfi.rules(0x5000) == {".cfa": ["$rsp", "8", "+"]}
    assert cfi.rules(0x100) == {".cfa": ["$rsp", "1", "+"]}


def test_records_are_found_whatever_their_order_was():
    random = Random(5)
    starts = random.sample(range(1, 1 << 20), 2_000)
    lines = [b"STACK CFI INIT %x 1 .cfa: $rsp %d +\n" % (16 * at, at) for at in starts]
    cfi = Cfi(in_order(b"STACK CFI VERSION 1\n" + b"".join(lines)))
    for at in random.sample(starts, 200):
        assert cfi.rules(16 * at) == {".cfa": ["$rsp", str(at), "+"]}
        assert cfi.rules(16 * at + 1) is None
    assert cfi.rules(0) is None


def test_hostile_dumps_are_walked_to_some_end():
    stack = words(STACK + 32, BASE + SECOND, 0, 0, 0, BASE + THIRD, 0, 0)
    whole = Dump(offset=FIRST, registers={"rsp": STACK, "rbp": STACK}, stack=stack).pack()
    cfi = in_order(b"STACK CFI INIT 5000 3000 .cfa: $rsp 16 + .ra: .cfa -8 + ^\n")
    random = Random(3)
    for _ in range(2000):
        hostile = mutate(whole, random, whole)
        try:
            minidump = Minidump(hostile)
        except NoMinidump:
            continue
        assert len(walk_stack(minidump, lambda _: cfi)) <= MAX_CALLS
