"""Where settings come from: flags, then CUMULET_* variables, then LocalStack's, then ./cumulet.toml, then the user's file.

Each variable that concerns us leaves one note: taken, ignored (and why), or unknown. A setting whose value is wrong stops
the start: a mistyped `IAM=enfroce` must not leave doors open.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from ...kernel.settings import Settings
from .base import Failure
from .knobs import BY_NAME, KNOBS

# Variables of ours that are no settings of a server.
OTHER = frozenset({"CUMULET_ENDPOINT", "CUMULET_COVERAGE", "CUMULET_CACHE", "CUMULET_MACHINE_KEY"})


class Config(NamedTuple):
    """The settings that hold, and what was said on the way to them."""

    settings: Settings
    init: str                   # the folder of the init hooks, or ""
    verbose: bool
    notes: tuple[str, ...]      # one line for each variable and key that was looked at
    given: frozenset[str]       # the settings that are not defaults


def resolve(flags: Mapping[str, Any], environ: Mapping[str, str] | None = None, folder: Path | None = None,
            home: Path | None = None) -> Config:
    """The settings that hold here. `flags` has the values of the command line, by the names of KNOBS."""
    environ = os.environ if environ is None else environ
    layers = [_flags(flags), _own(environ), _localstack(environ), *(_file(path) for path in files(folder, home))]
    values: dict[str, Any] = {}
    for layer in layers:
        for name, value in layer.values.items():
            values.setdefault(name, value)
    fields = {BY_NAME[name].field: value for name, value in values.items() if name in BY_NAME and BY_NAME[name].field}
    return Config(Settings(**fields), values.get("init", ""), bool(values.get("verbose")),
                  tuple(note for layer in layers for note in layer.notes), frozenset(values))


def files(folder: Path | None = None, home: Path | None = None) -> list[Path]:
    """The configuration files that are looked for, the strongest first."""
    base = home / ".config" if home else Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return [(folder or Path.cwd()) / "cumulet.toml", base / "cumulet" / "config.toml"]


class _Layer:
    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.notes: list[str] = []

    def take(self, name: str, value: Any, source: str, note: bool = True) -> None:
        try:
            self.values[name] = BY_NAME[name].read(value)
        except ValueError as problem:
            raise Failure(f"{source} is {value!r}: it {problem}.") from None
        if note:
            self.notes.append(f"{source}: taken as {name}={_shown(name, self.values[name])}")


def _shown(name: str, value: Any) -> str:
    """A value fit for a log: no passwords of URLs."""
    if name == "store" and "@" in str(value):
        scheme, _, rest = str(value).partition("://")
        return f"{scheme}://…@{rest.rpartition('@')[2]}"
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _flags(flags: Mapping[str, Any]) -> _Layer:
    layer = _Layer()
    for name, value in flags.items():
        if value is not None and value != () and name in BY_NAME:
            layer.take(name, value, f"--{name}", note=False)
    return layer


def _own(environ: Mapping[str, str]) -> _Layer:
    layer = _Layer()
    for variable in sorted(environ):
        if not variable.startswith("CUMULET_") or variable in OTHER:
            continue
        name = variable.removeprefix("CUMULET_").lower()
        if name in BY_NAME:
            layer.take(name, environ[variable], variable)
        else:
            layer.notes.append(_unknown(variable, [f"CUMULET_{k.name.upper()}" for k in KNOBS]))
    return layer


def _file(path: Path) -> _Layer:
    layer = _Layer()
    if not path.exists():
        return layer
    import tomllib  # no server needs to wait for it where there is no file

    try:
        content = tomllib.loads(path.read_text())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise Failure(f"{path} cannot be read: {problem}") from None
    for name, value in content.items():
        if name in BY_NAME:
            layer.take(name, value, f"{path.name}: {name}")
        else:
            layer.notes.append(_unknown(f"{path.name}: {name}", [k.name for k in KNOBS]))
    return layer


def _unknown(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name.partition(": ")[2] or name, known, 1, 0.7)
    return f"{name}: UNKNOWN, has no effect" + (f" (did you mean {near[0]}?)" if near else "")


# --- LocalStack's names -----------------------------------------------------------------------------------------------


def _gateway(layer: _Layer, value: str, source: str) -> None:
    """`0.0.0.0:4566,0.0.0.0:443`, or with one of the two parts only."""
    ports = []
    for part in value.split(","):
        host, colon, port = part.strip().rpartition(":")
        if not colon:
            host, port = ("", part.strip()) if part.strip().isdigit() else (part.strip(), "")
        if host:
            layer.take("host", host, source)
        if port:
            ports.append(port)
    if ports:
        layer.take("port", ",".join(ports), source)


def _persistence(layer: _Layer, value: str, source: str) -> None:
    keeps = BY_NAME["ephemeral"].read(value)
    layer.take("ephemeral", "0" if keeps else "1", source)


def _when_on(name: str, wanted: str) -> Callable[[_Layer, str, str], None]:
    def take(layer: _Layer, value: str, source: str) -> None:
        if _on(value, source):
            layer.take(name, wanted, source)
        else:
            layer.notes.append(f"{source}: off, as by default")

    return take


def _on(value: str, source: str) -> bool:
    try:
        return bool(BY_NAME["ephemeral"].read(value))
    except ValueError as problem:
        raise Failure(f"{source} is {value!r}: it {problem}.") from None


def _as(name: str) -> Callable[[_Layer, str, str], None]:
    return lambda layer, value, source: layer.take(name, value, source)


def _debug(layer: _Layer, value: str, source: str) -> None:
    layer.values["verbose"] = _on(value, source)
    layer.notes.append(f"{source}: taken as --verbose")


_ALIASES: dict[str, Callable[[_Layer, str, str], None]] = {
    "GATEWAY_LISTEN": _gateway, "EDGE_PORT": _as("port"), "EDGE_BIND_HOST": _as("host"), "PERSISTENCE": _persistence,
    "ENFORCE_IAM": _when_on("iam", "enforce"), "IAM_SOFT_MODE": _when_on("iam", "audit"), "DATA_DIR": _as("data"),
    "DEFAULT_REGION": _as("region"), "DEBUG": _debug,
}
_WITHOUT_EFFECT = {
    "SERVICES": "every service is there and is loaded on first use",
    "EAGER_SERVICE_LOADING": "services are loaded on first use",
    "STRICT_SERVICE_LOADING": "every service is there",
    "LOCALSTACK_HOST": "returned URLs follow the Host that the client asked for",
    "HOSTNAME_EXTERNAL": "returned URLs follow the Host that the client asked for",
    "AUTH_TOKEN": "there is nothing to license", "API_KEY": "there is nothing to license",
    "ACTIVATE_PRO": "there is nothing to license",
    "DISABLE_EVENTS": "nothing is sent home", "SKIP_SSL_CERT_DOWNLOAD": "certificates are made here",
    "DISABLE_CORS_CHECKS": "pages of this machine may call, others may not",
    "EXTRA_CORS_ALLOWED_ORIGINS": "pages of this machine may call, others may not",
    "LAMBDA_EXECUTOR": "functions cannot be run yet", "LAMBDA_DOCKER_FLAGS": "functions cannot be run yet",
    "LAMBDA_RUNTIME_EXECUTOR": "functions cannot be run yet", "DOCKER_FLAGS": "no container is started",
    "DOCKER_HOST": "no container is started", "VOLUME_DIR": "say --data", "LS_LOG": "say --verbose",
}
# These names are LocalStack's also without the prefix; others (DEBUG, DATA_DIR) may well be another program's.
_BARE = frozenset({"GATEWAY_LISTEN", "EDGE_PORT", "PERSISTENCE", "ENFORCE_IAM", "IAM_SOFT_MODE", "SERVICES",
                   "EAGER_SERVICE_LOADING", "LAMBDA_EXECUTOR", "DISABLE_CORS_CHECKS", "EXTRA_CORS_ALLOWED_ORIGINS"})


def _localstack(environ: Mapping[str, str]) -> _Layer:
    layer = _Layer()
    for variable in sorted(environ):
        name = variable.removeprefix("LOCALSTACK_")
        if variable == "LOCALSTACK_HOST":
            name = variable
        elif name == variable and variable not in _BARE:
            continue
        if name in _ALIASES:
            _alias(layer, name, environ[variable], variable)
        elif name in _WITHOUT_EFFECT:
            layer.notes.append(f"{variable}: ignored, {_WITHOUT_EFFECT[name]}")
        else:
            layer.notes.append(_unknown(variable, [f"LOCALSTACK_{n}" for n in (*_ALIASES, *_WITHOUT_EFFECT)]))
    return layer


def _alias(layer: _Layer, name: str, value: str, source: str) -> None:
    try:
        _ALIASES[name](layer, value, source)
    except ValueError as problem:
        raise Failure(f"{source} is {value!r}: it {problem}.") from None


def encode(settings: Settings) -> dict[str, Any]:
    """Settings as JSON values."""
    return dict(msgspec.to_builtins(settings))
