"""The stack of a minidump's thread that crashed, the newest call first.

How a caller is looked for, the surest way first: by the unwinding rules of the module, by the frame
pointer, and by looking through the stack for what may be a return address, which is a guess.

A dump is a stranger's: the stack must rise with every call, there are at most MAX_CALLS, and MAX_LOOKS
words are looked at in all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from struct import error, unpack_from

from stories.crashes.minidump import Minidump, Module, Ranges
from stories.symbols.cfi import CFA, RETURN, Cfi, NoValue, Rules, evaluate
from stories.symbols.registers import PROCESSORS, Processor, read_registers

MAX_CALLS = 100
MAX_LOOKS = 4_096
FIRST_LOOKS, LOOKS = 160, 40  # words of the stack, of the newest call and of others
HEADERS = 0x1000  # of a module, in which no code stands
NO_CODE = frozenset({"linux-vdso.so.1", "linux-gate.so", "linux-gate.so.1"})

RuleSource = Callable[[str], bytes | None]


@dataclass(frozen=True)
class Call:
    """One call of a stack. offset: from the start of the module; of a caller, of the instruction to
    which the call returns. module: None outside of all, such as in code that was made at run time.
    is_guess: a word of the stack that may be left from another call."""

    module: Module | None
    offset: int
    is_guess: bool


def walk_stack(minidump: Minidump, rules_of: RuleSource) -> list[Call]:
    """rules_of: the text of a module's unwinding rules, by its debug id. Of a processor that is not
    known only the newest call is given."""
    processor = PROCESSORS.get(minidump.cpu or "")
    context = _context(minidump)
    registers = context and processor and read_registers(minidump, processor, context)
    if processor is None or not registers:
        counter = minidump.counter
        return [] if counter is None else [_call(minidump, counter, 0, is_guess=False)]
    return _Walk(minidump, processor, rules_of).calls(registers)


def _context(minidump: Minidump) -> tuple[int, int] | None:
    """Of the thread that crashed; of a dump without a fault, of the first."""
    if minidump.fault is not None and minidump.fault.context[1]:
        return minidump.fault.context
    number = minidump.fault and minidump.fault.thread
    for thread in minidump.threads:
        if number is None or thread.number == number:
            return thread.context
    return None


def _call(minidump: Minidump, address: int, back: int, is_guess: bool) -> Call:
    """back: 1 of a caller, as a call may be the last instruction of its module."""
    module = minidump.module_at(address - back)
    return Call(module, address - (module.base if module else 0), is_guess)


class _Outermost(Exception):
    """The call is the first of its thread."""


class _Walk:
    def __init__(self, minidump: Minidump, processor: Processor, rules_of: RuleSource) -> None:
        self._minidump, self._processor, self._rules_of = minidump, processor, rules_of
        self._memory = Ranges((start, size, (start, at)) for start, size, at in minidump.ranges)
        self._cfi: dict[str, Cfi | None] = {}
        self._looks = MAX_LOOKS
        # Compilers for 64-bit Windows use the frame pointer for other things.
        self._has_frame_pointers = (minidump.system, minidump.cpu) != ("Windows", "x86_64")

    def calls(self, registers: dict[str, int]) -> list[Call]:
        processor = self._processor
        calls: list[Call] = []
        is_guess = False
        while True:
            address = processor.address(registers[processor.counter])
            calls.append(_call(self._minidump, address, 1 if calls else 0, is_guess))
            if len(calls) == MAX_CALLS:
                return calls
            try:
                caller, is_guess = self._caller(registers, calls)
            except _Outermost:
                return calls
            if caller is None:
                return calls
            below, above = registers[processor.stack], caller[processor.stack]
            # A function without a frame of its own leaves the stack pointer where it was.
            if above < below or (above == below and len(calls) > 1):
                return calls
            registers = caller

    def _caller(
        self, registers: dict[str, int], calls: list[Call]
    ) -> tuple[dict[str, int] | None, bool]:
        """The registers in the caller, and whether they are a guess. Raises _Outermost."""
        is_newest = len(calls) == 1
        caller = self._by_rules(registers, calls[-1], is_newest)
        if caller is None and is_newest:
            caller = self._by_bare_call(registers, calls[-1])
        if caller is not None:
            return caller, False
        caller = self._by_frame_pointer(registers, is_newest)
        if caller is not None:
            return caller, not self._has_frame_pointers
        return self._by_looking(registers, FIRST_LOOKS if is_newest else LOOKS), True

    def _by_rules(
        self, registers: dict[str, int], call: Call, is_newest: bool
    ) -> dict[str, int] | None:
        """Raises _Outermost."""
        rules = self._rules(call, 0 if is_newest else 1)
        if rules is None or CFA not in rules:
            return None
        processor, bits = self._processor, 8 * self._processor.word

        def value(name: str, cfa: int | None) -> int:
            return evaluate(rules[name], registers, cfa, self._word, bits)

        caller = dict(registers)
        try:
            cfa = value(CFA, None)
            if RETURN in rules:
                address = value(RETURN, cfa)
            else:
                address = registers[processor.link] if processor.link else 0
        except NoValue:
            return None
        if address == 0:
            raise _Outermost
        for name in rules.keys() & processor.places.keys():
            try:
                caller[name] = value(name, cfa)
            except NoValue:
                caller.pop(name, None)  # such as of a register that the call does not keep
        caller.setdefault(processor.frame, 0)
        if processor.link is not None:
            caller.setdefault(processor.link, 0)
        return self._at(address, cfa, caller)

    def _rules(self, call: Call, back: int) -> Rules | None:
        build = call.module and call.module.build
        if not build:
            return None
        if build not in self._cfi:
            text = self._rules_of(build)
            self._cfi[build] = Cfi(text) if text else None
        cfi = self._cfi[build]
        return None if cfi is None else cfi.rules(call.offset - back)

    def _by_bare_call(self, registers: dict[str, int], call: Call) -> dict[str, int] | None:
        """Of a function that has no frame yet, and of a call of what is no code, such as of a null
        pointer: the return address is where the call has just put it."""
        processor = self._processor
        stack = registers[processor.stack]
        if processor.link is not None:
            link = processor.address(registers[processor.link])
            saved = self._word(registers[processor.frame] + processor.word)
            is_saved = saved is not None and processor.address(saved) == link
            return None if is_saved else self._at(link, stack, registers)
        address = self._word(stack) if call.module is None else None
        return None if address is None else self._at(address, stack + processor.word, registers)

    def _by_frame_pointer(
        self, registers: dict[str, int], is_newest: bool
    ) -> dict[str, int] | None:
        """Raises _Outermost."""
        processor = self._processor
        frame, word = registers[processor.frame], processor.word
        if frame == 0 and not is_newest and self._has_frame_pointers:
            raise _Outermost
        if frame < registers[processor.stack] or frame % word:
            return None
        outer, address = self._word(frame), self._word(frame + word)
        if outer is None or address is None or 0 < outer <= frame:
            return None
        caller = {**registers, processor.frame: outer}
        if processor.link is not None:
            caller[processor.link] = address
        return self._at(address, frame + 2 * word, caller)

    def _by_looking(self, registers: dict[str, int], most: int) -> dict[str, int] | None:
        processor = self._processor
        stack = registers[processor.stack]
        for at in range(stack, stack + processor.word * most, processor.word):
            value = self._word(at) if self._looks else None
            if value is None:
                return None
            self._looks -= 1
            caller = self._at(value, at + processor.word, registers)
            if caller is not None:
                return caller
        return None

    def _at(self, address: int, stack: int, caller: dict[str, int]) -> dict[str, int] | None:
        """The caller's registers, if the address can be one to which a call returns."""
        address = self._processor.address(address)
        module = self._minidump.module_at(address - 1)
        if module is None or address - module.base <= HEADERS or module.name in NO_CODE:
            return None
        return {**caller, self._processor.counter: address, self._processor.stack: stack}

    def _word(self, address: int) -> int | None:
        """A word of the process's memory, if it was kept."""
        kept = self._memory.find(address)
        if kept is None or self._memory.find(address + self._processor.word - 1) != kept:
            return None
        start, at = kept
        try:
            word: int = unpack_from(
                "<" + self._processor.form, self._minidump.dump, at + address - start
            )[0]
        except error:
            return None
        return word
