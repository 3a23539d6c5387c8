"""Entering namespaces: what the first process of a sandbox does to itself before it starts anything. Linux only, by ctypes.

As root there is no user namespace: the sandbox gets a user of its own. As anybody else, a user namespace holds the one user.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import platform
import resource
import socket
import struct

from .contract import Spec

USER, NEW_ALL = 0x10000000, 0x00020000 | 0x04000000 | 0x08000000 | 0x20000000 | 0x40000000   # mount, uts, ipc, pid, net
_RDONLY, _NOSUID, _NODEV, _REMOUNT, _BIND, _REC, _PRIVATE = 1, 2, 4, 32, 4096, 16384, 1 << 18
_DETACH = 2
_INSIDE_UID, _INSIDE_GID = 993, 990                    # as Lambda's sbx_user1051
_SYSCALLS = {"x86_64": (56, 155, 126), "aarch64": (220, 41, 91)}      # clone, pivot_root, capset
_SET_ATTRIBUTES, _HERE, _RECURSIVE = 442, -100, 0x8000
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE = 1, 4
_DEVICES = ("null", "zero", "full", "random", "urandom")
# Of the machine's /etc, what programs need to run: linker, certificates, time zone, alternatives, Java's settings.
_ETC = ("alternatives", "ca-certificates", "java-*", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "mime.types",
        "pki", "ssl")
_ETC_FILES = {
    "passwd": f"root:x:0:0:root:/root:/sbin/nologin\nsbx_user1051:x:{_INSIDE_UID}:{_INSIDE_GID}::/tmp:/sbin/nologin\n",
    "group": f"root:x:0:\nsbx_user1051:x:{_INSIDE_GID}:\n",
    "hosts": "127.0.0.1 localhost localhost.localstack.cloud sandbox.localdomain sandbox io-1.127.0.0.1\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
    "resolv.conf": "",
}

libc = ctypes.CDLL(None, use_errno=True)
_holding = ctypes.PyDLL(None)                          # keeps the interpreter's lock: for calls that return twice


def clone(flags: int) -> int:
    """As fork, into new namespaces; 0 in the child."""
    number = _SYSCALLS[platform.machine()][0]
    pid: int = _holding.syscall(number, flags | 17, 0, 0, 0, 0)
    if pid < 0:
        raise OSError("new namespaces are not permitted here")
    return pid


def die_with_parent() -> None:
    """End when the process that started this one does."""
    if hasattr(libc, "prctl"):
        libc.prctl(_PR_SET_PDEATHSIG, 9)


def enter(spec: Spec, root: str, rootless: bool, outer: tuple[int, int]) -> list[socket.socket]:
    """Become the first process of a sandbox, in namespaces that were made already. The sockets that listen inside.

    root: an empty folder.  outer: the user and group outside."""
    if rootless:
        _write("/proc/self/setgroups", "deny")
        _write("/proc/self/uid_map", f"{_INSIDE_UID} {outer[0]} 1")
        _write("/proc/self/gid_map", f"{_INSIDE_GID} {outer[1]} 1")
    sockets = _network(spec.listen)
    socket.sethostname(spec.name)
    _files(spec, root)
    if not rootless:
        os.setgroups([])
        os.setresgid(spec.user, spec.user, spec.user)
        os.setresuid(spec.user, spec.user, spec.user)
    _drop_capabilities()
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)           # nobody inside may look into this process
    return sockets


def limit(spec: Spec) -> None:
    """Limits of each program. RLIMIT_AS would end runtimes that reserve much and use little: the data counts."""
    limits = [(resource.RLIMIT_NOFILE, spec.files), (resource.RLIMIT_CORE, 0)]
    if hasattr(resource, "RLIMIT_NPROC"):
        limits.append((resource.RLIMIT_NPROC, spec.processes))
    if spec.memory_mb:
        limits.append((resource.RLIMIT_DATA, max(spec.memory_mb, 64) << 20))
    for what, most in limits:
        hard = resource.getrlimit(what)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        with contextlib.suppress(ValueError, OSError):          # systems that know the name, but do not limit it
            resource.setrlimit(what, (most, most))


def _write(path: str, text: str) -> None:
    with open(path, "w") as f:
        f.write(text)


def _network(ports: tuple[int, ...]) -> list[socket.socket]:
    """Only the loopback interface, and sockets that listen on it."""
    with socket.socket() as s:
        fcntl.ioctl(s, 0x8914, struct.pack("16sh14x", b"lo", 0x41))
    return listening(ports, fixed=True)


def listening(ports: tuple[int, ...], fixed: bool) -> list[socket.socket]:
    """Sockets that listen on 127.0.0.1: on these ports, or on as many others."""
    found = []
    for port in ports:
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(("127.0.0.1", port if fixed else 0))
        s.listen(128)
        found.append(s)
    return found


# --- files ---


def _files(spec: Spec, root: str) -> None:
    _mount("none", "/", None, _REC | _PRIVATE)
    _mount("tmpfs", root, "tmpfs", _NOSUID | _NODEV, "size=1m,mode=755")
    _system(root)
    for folder in ("dev", "proc", "tmp", "old", "etc", "opt", "var", "root"):
        os.makedirs(f"{root}/{folder}", exist_ok=True)
    _etc(root)
    _devices(root)
    for mount in spec.mounts:
        _bind(mount.source, root + mount.target, mount.writable)
    _mount("proc", f"{root}/proc", "proc", _NOSUID | _NODEV | 8)
    _mount("tmpfs", f"{root}/tmp", "tmpfs", _NOSUID | _NODEV, f"size={spec.tmp_mb}m,nr_inodes={spec.tmp_mb * 256},mode=1777")
    _check(libc.syscall(_SYSCALLS[platform.machine()][1], root.encode(), f"{root}/old".encode()), "pivot_root")
    os.chdir("/")
    _check(libc.umount2(b"/old", _DETACH), "umount")
    os.rmdir("/old")
    if os.path.exists("/usr/bin/bash") and os.path.realpath("/bin/sh") != "/usr/bin/bash":
        _mount("/usr/bin/bash", os.path.realpath("/bin/sh"), None, _BIND)        # Lambda's sh is bash; scripts rely on it
    _mount(None, "/", None, _REMOUNT | _BIND | _RDONLY | _NOSUID | _NODEV)


def _system(root: str) -> None:
    """The machine's programs and libraries."""
    _bind("/usr", f"{root}/usr")
    for name in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
        if os.path.islink(f"/{name}"):
            os.symlink(os.readlink(f"/{name}").lstrip("/"), f"{root}/{name}")
        elif os.path.isdir(f"/{name}"):
            _bind(f"/{name}", f"{root}/{name}")


def _etc(root: str) -> None:
    for name, text in _ETC_FILES.items():
        _write(f"{root}/etc/{name}", text)
    for name in os.listdir("/etc"):
        if name in _ETC or name.startswith("java-"):
            if os.path.islink(f"/etc/{name}"):
                os.symlink(os.readlink(f"/etc/{name}"), f"{root}/etc/{name}")
            else:
                _bind(f"/etc/{name}", f"{root}/etc/{name}")


def _devices(root: str) -> None:
    for name in _DEVICES:
        _write(f"{root}/dev/{name}", "")
        _mount(f"/dev/{name}", f"{root}/dev/{name}", None, _BIND)
    for name, to in (("fd", "/proc/self/fd"), ("stdin", "fd/0"), ("stdout", "fd/1"), ("stderr", "fd/2")):
        os.symlink(to, f"{root}/dev/{name}")


def _bind(source: str, target: str, writable: bool = False) -> None:
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    elif not os.path.exists(target):
        os.makedirs(os.path.dirname(target), exist_ok=True)
        _write(target, "")
    _mount(source, target, None, _BIND | _REC)
    wanted = _NOSUID | _NODEV | (0 if writable else _RDONLY)
    if libc.syscall(_SET_ATTRIBUTES, _HERE, target.encode(), _RECURSIVE, struct.pack("QQQQ", wanted, 0, 0, 0), 32) < 0:
        # Kernels before 5.12: not for what is mounted below, and what the mount forbids already must stay forbidden.
        kept = os.statvfs(target).f_flag & (_NOSUID | _NODEV | os.ST_NOEXEC | os.ST_NOATIME | os.ST_RELATIME)
        _mount(None, target, None, _REMOUNT | _BIND | wanted | kept)


def _mount(source: str | None, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    encoded = [None if text is None else text.encode() for text in (source, target, kind, data)]
    _check(libc.mount(*encoded[:3], flags, encoded[3]), f"mount {target}")


def _drop_capabilities() -> None:
    """Nothing inside has any right beyond its user's."""
    head, none = struct.pack("Ii", 0x20080522, 0), bytes(24)
    _check(libc.syscall(_SYSCALLS[platform.machine()][2], head, none), "capset")


def _check(result: int, what: str) -> None:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{os.strerror(number)} ({what})")
