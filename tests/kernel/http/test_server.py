"""Listening and ending: addresses, UNIX sockets, TLS for every name, graceful stop."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
import stat
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from cumulet.kernel.http import tls
from cumulet.kernel.http.limits import Limits
from cumulet.kernel.http.message import FileSlice, Request, Respond, Response
from cumulet.kernel.http.server import ServerThread, TlsSettings
from cumulet.kernel.http.tls import Authority

GET = b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
MIB = 1_048_576


def echo(request: Request, respond: Respond) -> None:
    respond(Response(200, [], f"{request.scheme} {request.client}".encode()))


def read(s: Any) -> bytes:
    out = []
    with contextlib.suppress(ConnectionResetError):
        while data := s.recv(MIB):
            out.append(data)
    return b"".join(out)


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=10)


def secure(port: int, folder: Path, name: str | None) -> ssl.SSLSocket:
    authority = folder / "tls" / "ca.pem"
    context = ssl.create_default_context(cafile=str(authority))
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    context.check_hostname = name is not None
    return context.wrap_socket(connect(port), server_hostname=name)


def until(true: Any) -> bool:
    end = time.monotonic() + 5
    while not true() and time.monotonic() < end:
        time.sleep(0.005)
    return bool(true())


# --- addresses --------------------------------------------------------------------------------------------------------


def test_several_ports_and_names() -> None:
    with ServerThread(echo, [("localhost", 0), ("127.0.0.1", 0)]) as server:
        addresses = server.server.addresses
        assert len({port for _, port in addresses}) == 2
        for host, port in addresses:
            with socket.create_connection((host, port), timeout=5) as s:
                s.sendall(GET)
                assert read(s).endswith(f"http {host}".encode())


def test_an_address_that_is_taken_is_told_and_nothing_is_left_behind(tmp_path: Path) -> None:
    with ServerThread(echo) as server:
        path = tmp_path / "s"
        with pytest.raises(OSError, match="in use"):
            ServerThread(echo, [("127.0.0.1", 0), ("127.0.0.1", server.port)], sockets=[str(path)]).start()
        assert not path.exists()
        with connect(server.port) as s:
            s.sendall(GET)
            assert read(s).endswith(b"http 127.0.0.1")


def test_small_answers_are_sent_at_once(tmp_path: Path) -> None:
    for settings in (None, TlsSettings(str(tmp_path))):
        options: list[int] = []

        def handle(request: Request, respond: Respond, options: list[int] = options) -> None:
            respond(Response(200, []))

        with ServerThread(handle, tls=settings) as server, connect(server.port) as s:
            s.sendall(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
            assert s.recv(1000).startswith(b"HTTP/1.1 200")
            members = list(server.server._connections._members)  # type: ignore[union-attr]
            (accepted,) = [m.transport.get_extra_info("socket") for m in members]
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_unix_socket_is_made_and_taken_away(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with ServerThread(echo, (), sockets=[str(path)]), socket.socket(socket.AF_UNIX) as s:
        s.connect(str(path))
        s.sendall(GET)
        assert read(s).endswith(b"http ")
        with pytest.raises(OSError, match="in use"):
            ServerThread(echo, (), sockets=[str(path)]).start()
        assert stat.S_ISSOCK(path.stat().st_mode)
    assert not path.exists()


def test_a_unix_socket_of_a_dead_process_is_replaced_and_a_file_is_not(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    with ServerThread(echo, (), sockets=[str(path)]), socket.socket(socket.AF_UNIX) as s:
        s.connect(str(path))
    path.write_text("precious")
    with pytest.raises(OSError, match="in use"):
        ServerThread(echo, (), sockets=[str(path)]).start()
    assert path.read_text() == "precious"


# --- TLS --------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With an authority in it."""
    made = tmp_path_factory.mktemp("authority")
    Authority(str(made)).open()
    return made


def test_every_name_has_a_certificate_that_strict_clients_take(folder: Path) -> None:
    with ServerThread(echo, tls=TlsSettings(str(folder))) as server:
        for name in ("localhost", "127.0.0.1", "my_bucket.s3.us-east-1.localhost", "S3.Amazonaws.com", "a" * 60 + ".b" * 60):
            with secure(server.port, folder, name) as s:
                s.sendall(GET)
                assert read(s).endswith(b"https 127.0.0.1"), name
        with connect(server.port) as s:
            s.sendall(GET)
            assert read(s).endswith(b"http 127.0.0.1")


def test_a_client_that_names_nothing_gets_the_names_of_this_machine(folder: Path) -> None:
    with ServerThread(echo, tls=TlsSettings(str(folder))) as server, secure(server.port, folder, None) as s:
        der = s.getpeercert(binary_form=True)
        assert der is not None
        names = x509.load_der_x509_certificate(der).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert "*.localhost" in names.get_values_for_type(x509.DNSName)
        assert [str(ip) for ip in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1", "::1"]


def test_tls_needs_its_authority(folder: Path) -> None:
    context = ssl.create_default_context()
    with ServerThread(echo, tls=TlsSettings(str(folder))) as server, connect(server.port) as raw, \
            pytest.raises(ssl.SSLCertVerificationError):
        context.wrap_socket(raw, server_hostname="localhost")
    with ServerThread(echo) as server, connect(server.port) as raw, pytest.raises((ssl.SSLError, ConnectionError)):
        context.wrap_socket(raw, server_hostname="localhost")


def test_the_authority_outlives_the_process_and_only_its_owner_reads_it(folder: Path) -> None:
    before = (folder / "tls" / "ca.pem").read_bytes()
    (folder / "tls" / "ca.pem").unlink()
    again = Authority(str(folder))
    again.open()
    assert Path(again.file).read_bytes() == before
    assert b"PRIVATE" not in before
    assert stat.S_IMODE((folder / "tls" / "authority.pem").stat().st_mode) == 0o600
    assert sorted(p.name for p in (folder / "tls").iterdir()) == ["authority.pem", "ca.pem"]


def test_processes_that_begin_together_share_one_authority(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: Authority(str(tmp_path)).open(), range(8)))
    whole = (tmp_path / "tls" / "authority.pem").read_bytes()
    assert whole.endswith((tmp_path / "tls" / "ca.pem").read_bytes())
    assert len(list((tmp_path / "tls").iterdir())) == 2


def test_certificates_of_names_are_kept_and_bounded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tls, "_KEPT", 3)
    authority = Authority(str(folder))
    authority.open()
    first = authority.context_of("a")
    assert authority.context_of("a") is first
    for name in ("b", "c"):
        authority.context_of(name)
    assert authority.context_of("a") is first
    authority.context_of("d")
    assert authority.context_of("a") is first            # b was asked for the longest ago
    assert len(authority._contexts) == 3


def test_much_passes_through_tls(folder: Path, tmp_path: Path) -> None:
    content = os.urandom(MIB) * 8
    (tmp_path / "f").write_bytes(content)
    fd = os.open(tmp_path / "f", os.O_RDONLY)
    tasks = set()

    async def send_back(request: Request, respond: Respond) -> None:
        assert request.stream is not None
        got = b"".join([chunk async for chunk in request.stream])
        respond(Response(200, [], [b"1" if got == content else b"0", FileSlice(fd, 0, len(content))]))

    def handle(request: Request, respond: Respond) -> None:
        tasks.add(asyncio.get_running_loop().create_task(send_back(request, respond)))

    with ServerThread(handle, tls=TlsSettings(str(folder))) as server, secure(server.port, folder, "localhost") as s:
        head = b"PUT / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(content)
        s.sendall(head + content)
        assert read(s).partition(b"\r\n\r\n")[2] == b"1" + content
    os.close(fd)


def test_a_silent_connection_and_a_broken_handshake_are_ended(folder: Path) -> None:
    limits = Limits(idle_seconds=0.2, header_seconds=0.3, tick=0.05)
    with ServerThread(echo, tls=TlsSettings(str(folder)), limits=limits) as server:
        with connect(server.port) as silent, connect(server.port) as half:
            half.sendall(b"\x16\x03\x01\x02\x00\x01")
            assert read(silent) == b""
            assert b"HTTP" not in read(half)
        assert until(lambda: server.server.connected == 0)


def test_a_client_that_vanishes_over_tls_is_lost(folder: Path) -> None:
    lost: list[int] = []
    seen: list[Request] = []

    def handle(request: Request, respond: Respond) -> None:
        request.on_lost = lambda: lost.append(1)
        seen.append(request)

    with ServerThread(handle, tls=TlsSettings(str(folder))) as server:
        with secure(server.port, folder, "localhost") as s:
            s.sendall(GET)
            assert until(lambda: seen)
        assert until(lambda: lost == [1])


# --- ending -----------------------------------------------------------------------------------------------------------


def test_a_stop_answers_what_runs_and_loses_what_waits(tmp_path: Path) -> None:
    lost: list[str] = []
    seen: list[str] = []

    def handle(request: Request, respond: Respond) -> None:
        seen.append(request.path)
        if request.path == "/wait":
            request.on_lost = lambda: lost.append("/wait")
        else:
            asyncio.get_running_loop().call_later(0.2, respond, Response(200, [], b"done"))

    server = ServerThread(handle).start()
    server.grace = 0.5
    with connect(server.port) as idle, connect(server.port) as poll, connect(server.port) as work:
        poll.sendall(b"GET /wait HTTP/1.1\r\nHost: h\r\n\r\n")
        work.sendall(b"GET /work HTTP/1.1\r\nHost: h\r\n\r\n" * 2)
        assert until(lambda: sorted(seen) == ["/wait", "/work"])
        stopping = threading.Thread(target=server.stop)
        stopping.start()
        assert read(idle) == b""
        answer = read(work)
        assert answer.startswith(b"HTTP/1.1 200 OK")
        assert b"Connection: close" in answer
        assert read(poll) == b""
        stopping.join()
    assert lost == ["/wait"]
    with pytest.raises(OSError, match="refused"):
        connect(server.port)


def test_a_stop_waits_for_a_download(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(bytes(16 * MIB))
    fd = os.open(tmp_path / "f", os.O_RDONLY)
    begun = threading.Event()

    def handle(request: Request, respond: Respond) -> None:
        respond(Response(200, [], [FileSlice(fd, 0, 16 * MIB, lambda: os.close(fd))]))
        begun.set()

    server = ServerThread(handle).start()
    server.grace = 5.0
    with connect(server.port) as s:
        s.sendall(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        assert begun.wait(5)
        stopping = threading.Thread(target=server.stop)
        began = time.monotonic()
        stopping.start()
        assert len(read(s)) > 16 * MIB
        stopping.join()
    assert time.monotonic() - began < 4                  # it ends with the last download, not with its patience
