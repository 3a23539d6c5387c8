"""Ports: is one free, and who holds it when it is not."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path


def holder(port: int) -> str:
    """`pid 991 (docker-proxy)` of whoever listens at a port; "" when that cannot be told."""
    sockets = _listening(port)
    if not sockets:
        return ""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            for descriptor in (process / "fd").iterdir():
                if os.readlink(descriptor) in sockets:
                    return f"pid {process.name} ({(process / 'comm').read_text().strip()})"
        except OSError:
            continue                  # gone meanwhile, or another user's
    return ""


def _listening(port: int) -> set[str]:
    """The inodes of the sockets that listen at a port, as /proc/*/fd names them."""
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            rows = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for row in rows:
            fields = row.split()
            if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port:
                found.add(f"socket:[{fields[9]}]")
    return found


def is_free(host: str, port: int) -> bool:
    """Could a server listen here now?"""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as s:
        if sys.platform != "win32":
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            s.bind((host, port))
        except OSError:
            return False
        return True
