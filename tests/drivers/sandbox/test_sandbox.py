"""Sandboxes of both kinds: programs start, tell, freeze and end in them; those in namespaces are shut in."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from cumulet.drivers.sandbox.contract import Kind, Mount, Spec
from cumulet.drivers.sandbox.driver import Sandboxes
from cumulet.drivers.sandbox.unit import SandboxUnit
from cumulet.faces.cli.checks import sandboxes

ENV = {"PATH": "/usr/local/bin:/usr/bin:/bin"}
BOTH = pytest.mark.parametrize("kind", ["namespace", "process"])


def sandboxed(work: Callable[[Sandboxes], Awaitable[Any]]) -> Any:
    """Do this with a driver of its own; nothing of it is left afterwards."""

    async def run() -> Any:
        driver = Sandboxes()
        try:
            return await asyncio.wait_for(work(driver), 30)
        finally:
            await driver.close()

    return asyncio.run(run())


async def ran(unit: SandboxUnit, script: str) -> tuple[int, str]:
    """A shell script's exit status and what it wrote."""
    ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    unit.on_exit = lambda _, status: None if ended.done() else ended.set_result(status)
    await unit.start(["/bin/bash", "-c", script], ENV, "/")
    status = await ended
    return status, unit.logs().decode()


def once(script: str, **spec: Any) -> tuple[int, str]:
    """The same in a new sandbox."""

    async def work(driver: Sandboxes) -> tuple[int, str]:
        return await ran(await driver.create(Spec(**{"kind": "namespace", "user": driver.user(), **spec})), script)

    found: tuple[int, str] = sandboxed(work)
    return found


def alive(marker: str) -> int:
    """How many processes have this in their command line."""
    found = 0
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                found += marker.encode() in (entry / "cmdline").read_bytes()
            except OSError:
                continue
    return found


def until(what: Callable[[], object], seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end
        time.sleep(0.01)


@BOTH
def test_a_program_tells_how_it_ended_and_what_it_wrote(kind: Kind) -> None:
    assert once("echo out; echo err >&2; exit 3", kind=kind) == (3, "out\nerr\n")
    assert once("kill -9 $$", kind=kind)[0] == 128 + signal.SIGKILL
    assert once("/none", kind=kind)[0] == 127


@BOTH
def test_its_sockets_answer_where_its_programs_ask(kind: Kind) -> None:
    async def work(driver: Sandboxes) -> bytes:
        unit = await driver.create(Spec(kind, user=driver.user(), listen=(9001, 4566)))
        assert len(unit.sockets) == 2
        port = unit.sockets[1].getsockname()[1]
        assert (port == 4566) == (kind == "namespace")
        await unit.start(["/bin/bash", "-c", f"echo hello > /dev/tcp/127.0.0.1/{port}"], ENV, "/")
        loop = asyncio.get_running_loop()
        client, _ = await loop.sock_accept(unit.sockets[1])
        with client:
            client.setblocking(False)
            return await loop.sock_recv(client, 100)

    assert sandboxed(work) == b"hello\n"


@BOTH
def test_what_a_program_listens_at_inside_is_reached_and_its_output_may_go_its_own_way(kind: Kind) -> None:
    listener = """
import socket
s = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
c, _ = s.accept()
print(c.recv(100).decode(), flush=True)
"""
    python = os.path.realpath(sys.executable)

    async def work(driver: Sandboxes) -> tuple[list[str], bytes]:
        unit = await driver.create(Spec(kind, user=driver.user(), mounts=(Mount(sys.base_prefix, sys.base_prefix),)))
        said: asyncio.Queue[str] = asyncio.Queue()
        await unit.start([python, "-c", listener], ENV, "/",
                         lambda data: said.put_nowait(data.decode().strip()))
        port = await said.get()
        with await unit.socket() as client:
            await asyncio.get_running_loop().sock_connect(client, ("127.0.0.1", int(port)))
            client.send(b"hello")
            return [port, await said.get()], unit.logs()

    found, others = sandboxed(work)
    assert (found[1], others) == ("hello", b"")


@BOTH
def test_a_frozen_sandbox_stands_still(kind: Kind) -> None:
    async def work(driver: Sandboxes) -> None:
        unit = await driver.create(Spec(kind, user=driver.user()))
        await unit.start(["/bin/bash", "-c", "(while true; do echo x; sleep 0.01; done) & wait"], ENV, "/")
        await asyncio.sleep(0.2)
        unit.freeze()
        assert (await unit.stats()).processes >= 2
        await asyncio.sleep(0.05)
        assert unit.logs()
        await asyncio.sleep(0.2)
        assert unit.logs() == b""
        unit.thaw()
        await asyncio.sleep(0.2)
        assert unit.logs()

    sandboxed(work)


@BOTH
def test_stopping_asks_first_and_killing_does_not(kind: Kind) -> None:
    async def work(driver: Sandboxes) -> None:
        polite = await driver.create(Spec(kind, user=driver.user()))
        said: list[bytes] = []
        on = asyncio.Event()
        polite.on_output = lambda data: (said.append(data), on.set())
        script = "trap 'echo bye; exit' TERM; echo on; while true; do sleep 0.01; done"
        await polite.start(["/bin/bash", "-c", script], ENV, "/")
        await on.wait()
        began = time.monotonic()
        await polite.stop(5)
        assert time.monotonic() - began < 3
        assert b"".join(said).endswith(b"bye\n")
        stubborn = await driver.create(Spec(kind, user=driver.user()))
        await stubborn.start(["/bin/bash", "-c", "trap '' TERM; while true; do sleep 0.01; done"], ENV, "/")
        await asyncio.sleep(0.1)
        began = time.monotonic()
        await stubborn.stop(0.3)
        assert 0.3 <= time.monotonic() - began < 3
        assert driver.list_owned() == []

    sandboxed(work)


def test_nothing_that_a_busy_spawner_is_told_is_lost() -> None:
    async def work(driver: Sandboxes) -> None:
        first = await driver.create(Spec("process", user=driver.user()))
        second = await driver.create(Spec("process", user=driver.user()))
        spawner = driver._process
        assert spawner is not None
        spawner.send_signal(signal.SIGSTOP)
        try:
            for _ in range(3000):                        # more than a socket holds
                first.kill()
            second.kill()
        finally:
            spawner.send_signal(signal.SIGCONT)
        await first.wait()
        await second.wait()
        assert driver.list_owned() == []

    sandboxed(work)


@BOTH
def test_daemons_do_not_outlive_their_sandbox(kind: Kind) -> None:
    marker = f"sleep 77{os.getpid() % 1000:03}"

    async def work(driver: Sandboxes) -> None:
        unit = await driver.create(Spec(kind, user=driver.user()))
        await ran(unit, "trap '' TERM HUP; "
                        f"(setsid {marker} >/dev/null 2>&1 &) ; setsid bash -c '(nohup {marker} &)' & sleep 0.1")
        until(lambda: alive(marker.replace(" ", "\0")) >= 2)
        await unit.remove()
        until(lambda: not alive(marker.replace(" ", "\0")))

    sandboxed(work)


@BOTH
def test_nothing_outlives_a_server_that_is_killed(kind: Kind, tmp_path: Path) -> None:
    marker = f"88{os.getpid() % 1000:03}"
    server = subprocess.Popen([sys.executable, "-c", f"""
import asyncio, sys
from cumulet.drivers.sandbox.contract import Spec
from cumulet.drivers.sandbox.driver import Sandboxes
async def main():
    driver = Sandboxes()
    unit = await driver.create(Spec({kind!r}, user=driver.user()))
    await unit.start(["/bin/bash", "-c", "trap '' TERM HUP; (setsid sleep {marker} &) ; setsid sleep {marker}"], {ENV!r}, "/")
    print("on", flush=True)
    await asyncio.sleep(60)
asyncio.run(main())"""], stdout=subprocess.PIPE, env={**os.environ, "TMPDIR": str(tmp_path)})
    assert server.stdout is not None
    assert server.stdout.readline() == b"on\n"
    until(lambda: alive(f"sleep\0{marker}") == 2)
    server.kill()
    server.wait()
    server.stdout.close()
    until(lambda: not alive(f"sleep\0{marker}"))
    until(lambda: not list(tmp_path.iterdir()))


def test_a_spawner_that_is_killed_takes_all_with_it_and_another_one_comes() -> None:
    async def work(driver: Sandboxes) -> None:
        unit = await driver.create(Spec("namespace", user=driver.user()))
        ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        unit.on_end = ended.set_result
        await unit.start(["/bin/sleep", "60"], ENV, "/")
        assert driver._process is not None
        driver._process.kill()
        await ended
        driver._process.wait()
        again = await driver.create(Spec("namespace", user=driver.user()))
        assert (await ran(again, "echo here"))[1] == "here\n"

    sandboxed(work)


def test_what_the_machine_can_do_is_found_by_doing() -> None:
    caps = sandboxed(lambda driver: driver.probe())
    assert caps.namespace, caps.why
    assert caps.kind == "namespace"
    assert caps.seccomp


def test_whoever_is_not_root_makes_namespaces_of_the_users_own() -> None:
    # An ordinary user, but for the right to read what root has installed.
    user = ["setpriv", "--reuid=12345", "--regid=12345", "--clear-groups", "--inh-caps=-all,+dac_read_search",
            "--ambient-caps=-all,+dac_read_search"] if os.geteuid() == 0 else []
    allowed = subprocess.run([*user, "unshare", "--user", "--map-root-user", "true"], stderr=subprocess.DEVNULL).returncode == 0
    probe = subprocess.run([*user, sys.executable, "-c", """
import asyncio
from cumulet.drivers.sandbox.driver import Sandboxes
async def main():
    driver = Sandboxes()
    caps = await driver.probe()
    print(caps.kind, caps.rootless)
    await driver.close()
asyncio.run(main())"""], capture_output=True, text=True, timeout=30)
    assert probe.stdout.strip() == ("namespace True" if allowed else "process False"), probe.stderr


# --- what programs in namespaces cannot do ---


def test_the_machines_files_are_not_there() -> None:
    with tempfile.TemporaryDirectory() as folder:
        secret = Path(folder, "secret")
        secret.write_text("of the host")
        os.chmod(folder, 0o755)
        places = f"{secret} {Path.home()}/.bashrc /etc/shadow /etc/hostname {Path(__file__)} /proc/1/environ /proc/1/root/etc"
        status, said = once(f"for f in {places}; do cat $f 2>/dev/null && echo LEAK $f; done;"
                            " ls /home /var/lib /tmp /root 2>/dev/null; grep -c . /etc/passwd")
        assert "LEAK" not in said
        assert "of the host" not in said
        assert said.splitlines()[-1] == "2"
        assert status == 0


def test_another_sandboxs_files_and_processes_are_not_there() -> None:
    async def work(driver: Sandboxes) -> None:
        first = await driver.create(Spec("namespace", user=driver.user()))
        second = await driver.create(Spec("namespace", user=driver.user()))
        assert first.spec.user != second.spec.user
        await ran(first, "echo mine > /tmp/file")
        await first.start(["/bin/sleep", "60"], {"SECRET": "key", **ENV}, "/")
        status, said = await ran(second, "ls /tmp; cat /proc/*/environ 2>/dev/null | tr '\\0' '\\n'")
        assert "SECRET" not in said
        assert "file" not in said.splitlines()
        assert status == 0
        assert (await ran(first, "cat /tmp/file"))[1] == "mine\n"

    sandboxed(work)


def test_code_and_system_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("")
    os.chmod(tmp_path, 0o777)
    status, said = once("for f in /var/task/x /var/task/app.py /usr/x /etc/x /opt/x /x /dev/x; do (echo x > $f) 2>/dev/null"
                        " && echo WROTE $f; done; rm /var/task/app.py; echo fine > /tmp/x && cat /tmp/x",
                        mounts=(Mount(str(tmp_path), "/var/task"),))
    assert "WROTE" not in said
    assert said.endswith("fine\n")
    assert status == 0
    assert (tmp_path / "app.py").read_text() == ""


def test_a_disk_has_its_size() -> None:
    _, said = once("dd if=/dev/zero of=/tmp/big bs=1M count=40 2>&1 | grep -o 'No space left'; stat -c %s /tmp/big;"
                   " for i in $(seq 9000); do : > /tmp/f$i || break; done 2>/dev/null; ls /tmp | wc -l", tmp_mb=16)
    assert said.splitlines()[0] == "No space left"
    assert int(said.splitlines()[1]) <= 16 << 20
    assert int(said.splitlines()[-1]) < 4200


def test_memory_is_limited_for_one_and_for_all() -> None:
    async def work(driver: Sandboxes) -> None:
        python = "/usr/bin/python3"
        unit = await driver.create(Spec("namespace", user=driver.user(), memory_mb=128))
        status, said = await ran(unit, f"{python} -c 'x = bytearray(10 << 30)' 2>&1 | tail -1; exit ${{PIPESTATUS[0]}}")
        assert (status, said) == (1, "MemoryError\n")
        # Many that take a little each, and one that takes memory which no limit of a process counts.
        each = f"{python} -c 'import time; x = bytearray(90 << 20); time.sleep(9)' &"
        for script in (f"for i in 1 2 3 4 5; do {each} done; wait",
                       f"""{python} -c '
import mmap, time
m = mmap.mmap(-1, 1 << 30)
for i in range(0, 1 << 30, 4096):
    m[i] = 1
    if i % (1 << 22) == 0: time.sleep(0.005)'"""):
            greedy = await driver.create(Spec("namespace", user=driver.user(), memory_mb=128))
            began = time.monotonic()
            status, _ = await ran(greedy, script)
            assert status == 128 + signal.SIGKILL
            assert time.monotonic() - began < 10
            await greedy.remove()
            assert greedy.why == "memory"

    sandboxed(work)


def test_a_fork_bomb_ends_at_its_limit() -> None:
    async def work(driver: Sandboxes) -> None:
        unit = await driver.create(Spec("namespace", user=driver.user(), processes=50))
        await unit.start(["/bin/bash", "-c", "bomb() { bomb | bomb & }; bomb; sleep 30"], ENV, "/")
        await asyncio.sleep(0.5)
        assert (await unit.stats()).processes <= 50
        other = await driver.create(Spec("namespace", user=driver.user(), processes=50))
        assert (await ran(other, "echo fine"))[1] == "fine\n"
        await asyncio.wait_for(unit.remove(), 5)

    sandboxed(work)


def test_the_network_of_the_machine_is_not_there() -> None:
    async def work(driver: Sandboxes) -> None:
        server = await asyncio.start_server(lambda r, w: w.close(), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        unit = await driver.create(Spec("namespace", user=driver.user()))
        assert (await ran(unit, f"echo x > /dev/tcp/127.0.0.1/{port}"))[0] != 0
        assert (await ran(unit, "grep -c : /proc/net/dev"))[1] == "1\n"
        # What it opens is not seen outside.
        on = asyncio.Event()
        unit.on_output = lambda _: on.set()
        await unit.start(["/usr/bin/python3", "-c", "import socket, time; s = socket.create_server(('127.0.0.1', 45671)); "
                          "print('on', flush=True); time.sleep(30)"], ENV, "/")
        await on.wait()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", 45671)
        server.close()

    sandboxed(work)


def test_the_kernel_refuses_what_reaches_out() -> None:
    commands = ["mount -t tmpfs x /tmp", "umount /proc", "unshare -U true", "unshare -m true", "nsenter -t 1 -n true",
                "hostname other", "mknod /tmp/n b 8 0", "dmesg", "ls /proc/1/fd"]
    tried = "; ".join(f"{{ {c}; }} >/dev/null 2>&1 && echo LET THROUGH {c}" for c in commands)
    _, said = once(f"{tried}; kill -9 1; echo still here")
    assert said == "still here\n"
    _, said = once("""/usr/bin/python3 - <<'E'
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
calls = {"ptrace": 101, "bpf": 321, "keyctl": 250, "io_uring_setup": 425, "userfaultfd": 323, "setns": 308, "open_tree": 428,
         "process_vm_readv": 310, "perf_event_open": 298}
for name, number in calls.items():
    if libc.syscall(number, 0, 0, 0, 0, 0) >= 0 or ctypes.get_errno() != 1: print("LET THROUGH", name, ctypes.get_errno())
if libc.syscall(56, 0x10000011, 0, 0, 0, 0) >= 0: print("NEW USER NAMESPACE")
print(os.getuid() != 0, open("/proc/self/status").read().split("CapEff:")[1].split()[0])
E""")
    assert said == "True 0000000000000000\n"


def test_the_doctor_tells_how_functions_run() -> None:
    findings = list(sandboxes())
    assert [f.level for f in findings] == ["good"]
    assert findings[0].what.startswith("Functions run in namespaces")
