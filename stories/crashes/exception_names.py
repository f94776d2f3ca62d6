"""What minidumps call the end of a process, by the system that it ran on."""

from __future__ import annotations

from collections.abc import Sequence

# fmt: off
SIGNALS = {4: "SIGILL", 5: "SIGTRAP", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE", 11: "SIGSEGV",
           31: "SIGSYS"}
MACH = {1: "EXC_BAD_ACCESS", 2: "EXC_BAD_INSTRUCTION", 3: "EXC_ARITHMETIC", 5: "EXC_SOFTWARE",
        6: "EXC_BREAKPOINT", 10: "EXC_CRASH", 11: "EXC_RESOURCE", 12: "EXC_GUARD"}
WINDOWS = {0x80000003: "EXCEPTION_BREAKPOINT", 0xC0000005: "EXCEPTION_ACCESS_VIOLATION",
           0xC0000006: "EXCEPTION_IN_PAGE_ERROR", 0xC000001D: "EXCEPTION_ILLEGAL_INSTRUCTION",
           0xC0000094: "EXCEPTION_INT_DIVIDE_BY_ZERO", 0xC00000FD: "EXCEPTION_STACK_OVERFLOW",
           0xC0000374: "STATUS_HEAP_CORRUPTION", 0xC0000409: "STATUS_STACK_BUFFER_OVERRUN",
           0xE0000008: "OUT_OF_MEMORY", 0xE06D7363: "C++ exception"}
EXCEPTIONS = {"Linux": SIGNALS, "Android": SIGNALS, "macOS": MACH, "iOS": MACH, "Windows": WINDOWS}
# More closely, by the flags of the exception: si_code of a signal, the first code of a Mach exception.
BY_ANYBODY = {0: "SI_USER", 0x80: "SI_KERNEL", 0xFFFFFFFF: "SI_QUEUE", 0xFFFFFFFA: "SI_TKILL"}
CODES = {
    "SIGILL": {1: "ILL_ILLOPC", 2: "ILL_ILLOPN", 3: "ILL_ILLADR", 4: "ILL_ILLTRP",
               5: "ILL_PRVOPC", 6: "ILL_PRVREG", 7: "ILL_COPROC", 8: "ILL_BADSTK"},
    "SIGTRAP": {1: "TRAP_BRKPT", 2: "TRAP_TRACE", 3: "TRAP_BRANCH", 4: "TRAP_HWBKPT"},
    "SIGBUS": {1: "BUS_ADRALN", 2: "BUS_ADRERR", 3: "BUS_OBJERR", 4: "BUS_MCEERR_AR",
               5: "BUS_MCEERR_AO"},
    "SIGFPE": {1: "FPE_INTDIV", 2: "FPE_INTOVF", 3: "FPE_FLTDIV", 4: "FPE_FLTOVF",
               5: "FPE_FLTUND", 6: "FPE_FLTRES", 7: "FPE_FLTINV", 8: "FPE_FLTSUB"},
    "SIGSEGV": {1: "SEGV_MAPERR", 2: "SEGV_ACCERR", 3: "SEGV_BNDERR", 4: "SEGV_PKUERR"},
    "SIGSYS": {1: "SYS_SECCOMP"},
    "EXC_BAD_ACCESS": {1: "KERN_INVALID_ADDRESS", 2: "KERN_PROTECTION_FAILURE", 8: "KERN_NO_ACCESS",
                       9: "KERN_MEMORY_FAILURE", 10: "KERN_MEMORY_ERROR", 50: "KERN_CODESIGN_ERROR"},
}
ACCESS = {0: "READ", 1: "WRITE", 8: "EXEC"}  # of Windows: its first parameter
# fmt: on


def name_of(system: str | None, code: int) -> str:
    """Such as "SIGSEGV", or the code in hex."""
    return EXCEPTIONS.get(system or "", {}).get(code) or f"{code:#x}"


def full_name_of(system: str | None, code: int, flags: int, parameters: Sequence[int]) -> str:
    """Such as "SIGSEGV /SEGV_MAPERR" or "EXCEPTION_ACCESS_VIOLATION /WRITE"."""
    name = name_of(system, code)
    if system == "Windows":
        is_access = code in (0xC0000005, 0xC0000006) and len(parameters) > 0
        closer = ACCESS.get(parameters[0]) if is_access else None
    else:
        closer = CODES.get(name, {}).get(flags)
        if closer is None and name in SIGNALS.values():
            closer = BY_ANYBODY.get(flags)
    return f"{name} /{closer}" if closer else name
