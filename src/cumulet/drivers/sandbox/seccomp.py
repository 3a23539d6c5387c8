"""What programs in a sandbox may not ask of the kernel: a list of system calls that are refused, as a filter (BPF).

The list follows what container runtimes refuse: everything that changes the machine, reaches into other processes, or makes
new namespaces.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct

_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCH, _FIRST_ARGUMENT = 0, 4, 16
_NAMESPACES = 0x7E020080               # CLONE_NEW*: time, mount, cgroup, uts, ipc, user, pid, net
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _FILTER = 38, 22, 2
_X32 = 0x40000000                      # the other numbering of x86_64
_CLONE3 = 435

_NEW = (425, 426, 427, 428, 429, 430, 431, 432, 433, 442, 443, 304)      # the same everywhere but the last: io_uring, mounts
_X86_64 = (101, 169, 246, 320, 165, 166, 155, 175, 313, 176, 321, 323, 303, 310, 311, 167, 168, 163, 308, 272, 248, 249, 250,
           298, 170, 171, 103, 172, 173, 179, 212, 153, 164, 227, 305, 159, 161, 133, 259, 312, 300, 180, 156, 174, 177, 178,
           134, 136, 139, 154, 279)
_AARCH64 = (117, 142, 104, 294, 40, 39, 41, 105, 273, 106, 280, 282, 265, 264, 270, 271, 224, 225, 89, 268, 97, 217, 218, 219,
            241, 161, 162, 116, 60, 18, 58, 170, 112, 266, 171, 51, 33, 272, 262, 239)

# machine → (the kernel's name of it, clone, refused calls)
_MACHINES = {"x86_64": (0xC000003E, 56, _X86_64 + _NEW), "aarch64": (0xC00000B7, 220, _AARCH64 + _NEW[:-1])}


def program() -> bytes | None:
    """The filter for this machine; None for one whose numbers are not known here."""
    known = _MACHINES.get(platform.machine())
    if known is None:
        return None
    arch, clone, refused = known
    steps = [(_LOAD, 0, 0, _ARCH), (_EQUAL, 1, 0, arch), (_RETURN, 0, 0, _KILL), (_LOAD, 0, 0, _NUMBER),
             (_AT_LEAST, 0, 1, _X32), (_RETURN, 0, 0, _ERRNO | errno.EPERM),
             # What clone3 is asked lies in memory, where a filter cannot look: without it, libraries take clone.
             (_EQUAL, 0, 1, _CLONE3), (_RETURN, 0, 0, _ERRNO | errno.ENOSYS),
             (_EQUAL, 0, 4, clone), (_LOAD, 0, 0, _FIRST_ARGUMENT), (_ANY_BIT, 0, 1, _NAMESPACES),
             (_RETURN, 0, 0, _ERRNO | errno.EPERM), (_RETURN, 0, 0, _ALLOW)]
    steps += [(_EQUAL, len(refused) - i, 0, number) for i, number in enumerate(refused)]
    steps += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _ERRNO | errno.EPERM)]
    return b"".join(struct.pack("HBBI", *step) for step in steps)


def enter(libc: ctypes.CDLL, filter_: bytes | None) -> bool:
    """Refuse these calls to this process and all that it starts; False where the kernel has no filters."""
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if filter_ is None:
        return False
    held = ctypes.create_string_buffer(filter_, len(filter_))
    head = struct.pack("HxxxxxxP", len(filter_) // 8, ctypes.addressof(held))
    return bool(libc.prctl(_PR_SET_SECCOMP, _FILTER, ctypes.create_string_buffer(head, len(head)), 0, 0) == 0)
