"""Codes and names that systems give to their errors."""

from __future__ import annotations

# Alternatives of a pattern.
ERRNO = "|".join(
    (
        "E(?:NOENT|ACCES|PERM|EXIST|ISDIR|NOTDIR|MFILE|NFILE|NOSPC|ROFS|BUSY|TIMEDOUT|CONNREFUSED"
        "|CONNRESET|CONNABORTED|PIPE|HOSTUNREACH|HOSTDOWN|NETUNREACH|NETDOWN|NOTFOUND|AI_AGAIN|AI_FAIL"
        "|ADDRINUSE|ADDRNOTAVAIL|INVAL|IO|NOMEM|LOOP|NAMETOOLONG|BADF|NOTEMPTY|XDEV|AGAIN|SRCH|NOSYS"
        "|NODEV|NXIO|PROTO|NOTCONN|FAULT|FBIG|DQUOT|NOBUFS|NOTSUP|OPNOTSUPP|TXTBSY|INTR|CANCELED|CHILD"
        "|DEADLK|OVERFLOW|MSGSIZE|ALREADY|ISCONN|UNKNOWN|AFNOSUPPORT|SERVFAIL|NODATA|REFUSED|SPIPE"
        "|TIMEOUT|SOCKETTIMEDOUT|RR_[A-Z0-9_]{3,40})",
        "CERT_[A-Z_]{3,40}|SQLITE_[A-Z_]{3,30}|ORA-[0-9]{5}|UND_ERR_[A-Z_]{3,30}|UNABLE_TO_[A-Z_]{5,40}",
        "DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN",
    )
)
# What Python prints of them on Linux, macOS and Windows.
_NUMBERS = {
    "EACCES": "Errno 13, WinError 5, WinError 10013",
    "EADDRINUSE": "Errno 48, Errno 98, WinError 10048",
    "EAI_AGAIN": "Errno -3",
    "EBUSY": "WinError 32, WinError 33",
    "ECONNABORTED": "WinError 10053",
    "ECONNREFUSED": "Errno 61, Errno 111, WinError 10061",
    "ECONNRESET": "Errno 54, Errno 104, WinError 10054",
    "EEXIST": "Errno 17, WinError 80, WinError 183",
    "EHOSTUNREACH": "Errno 65, Errno 113, WinError 10065",
    "EISDIR": "Errno 21",
    "EMFILE": "Errno 24",
    "ENAMETOOLONG": "Errno 36, Errno 63, WinError 206",
    "ENETUNREACH": "Errno 51, Errno 101, WinError 10051",
    "ENOENT": "Errno 2, WinError 2, WinError 3",
    "ENOMEM": "Errno 12",
    "ENOSPC": "Errno 28, WinError 112",
    "ENOTDIR": "Errno 20, WinError 267",
    "ENOTEMPTY": "WinError 145",
    "ENOTFOUND": "Errno -2, Errno 11001, WinError 11001",
    "EPERM": "Errno 1",
    "EPIPE": "Errno 32",
    "EROFS": "Errno 30",
    "ETIMEDOUT": "Errno 60, Errno 110, WinError 10060",
    "EXDEV": "WinError 17",
}
CODE_OF_NUMBER = {
    number: code for code, numbers in _NUMBERS.items() for number in numbers.split(", ")
}
# Why a system ended a process: a name, and alternatives of a pattern.
FAULTS = (
    (
        "memory",
        "SIGSEGV|SIGBUS|(?:EXCEPTION_|STATUS_)?ACCESS_VIOLATION(?:_READ|_WRITE|_EXEC)?"
        "|EXC_BAD_ACCESS|[Ss]egmentation fault|0x[cC]0000005",
    ),
    ("abort", "SIGABRT|EXC_CRASH|0x[cC]0000409|STATUS_STACK_BUFFER_OVERRUN"),
    (
        "trap",
        "SIGILL|SIGTRAP|EXC_BAD_INSTRUCTION|EXC_BREAKPOINT|EXCEPTION_BREAKPOINT"
        "|(?:EXCEPTION_|STATUS_)?ILLEGAL_INSTRUCTION",
    ),
    ("arithmetic", "SIGFPE|EXC_ARITHMETIC|(?:EXCEPTION_)?INT_DIVIDE_BY_ZERO"),
)
