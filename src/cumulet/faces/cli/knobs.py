"""The settings of a server, said once: flags, variables, file keys and documentation follow from this table."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple, get_args, get_type_hints

from ...kernel.settings import IamMode, Settings, mode_subject


class Knob(NamedTuple):
    """One setting. `name` is the flag (`--name`), the key in cumulet.toml, and with CUMULET_ before it the variable."""

    name: str
    field: str                      # of Settings; "" when it belongs to the CLI
    read: Callable[[Any], Any]      # from text or a TOML value; raises ValueError with what would be right
    help: str
    metavar: str = ""
    many: bool = False
    switch: bool = False


def _text(value: Any) -> str:
    if not isinstance(value, str) or "\x00" in value:
        raise ValueError("must be text")
    return value


def _items(value: Any) -> list[Any]:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return list(value) if isinstance(value, list | tuple) else [value]


def _ports(value: Any) -> tuple[int, ...]:
    ports = []
    for item in _items(value):
        if not str(item).isdigit() or not 0 <= int(item) <= 65535:
            raise ValueError("must be a port between 0 and 65535, or several with commas between them")
        ports.append(int(item))
    return tuple(ports)


def _sockets(value: Any) -> tuple[str, ...]:
    return tuple(_text(item) for item in _items(value))


def _switch(value: Any) -> bool:
    text = str(value).strip().lower()
    if text not in _SWITCH:
        raise ValueError("must be 1 or 0 (or true, false, yes, no, on, off)")
    return _SWITCH[text]


_SWITCH = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False, "": False}


def _account(value: Any) -> str:
    text = str(value)
    if len(text) != 12 or not text.isdigit():
        raise ValueError("must have 12 digits")
    return text


def _store(value: Any) -> str:
    text = _text(value)
    if text not in ("", "postgres") and not text.startswith(("postgres://", "postgresql://")):
        raise ValueError("must be a postgresql:// URL, or `postgres` for a PostgreSQL that cumulet runs itself")
    return text


def _region(value: Any) -> str:
    text = _text(value)
    if not text or not all(part.isalnum() for part in text.split("-")) or "-" not in text:
        raise ValueError("must be a region such as us-east-1")
    return text


def _server(value: Any) -> str:
    text = _text(value)
    host, colon, port = text.rpartition(":")
    if text and not (host and colon and port.isdigit()):
        raise ValueError("must be a server such as localhost:1025")
    return text


def _one_of(field: str) -> Callable[[Any], str]:
    allowed = get_args(get_type_hints(Settings)[field])

    def read(value: Any) -> str:
        if value not in allowed:
            raise ValueError(f"must be one of {', '.join(allowed)}")
        return str(value)

    return read


def _modes(value: Any) -> tuple[tuple[str, str], ...]:
    found = []
    for item in _items(value):
        subject, equals, mode = str(item).rpartition("=")
        if not equals or mode not in get_args(IamMode):
            raise ValueError(f"must be ACCOUNT=MODE or ROLE-ARN=MODE, the mode one of {', '.join(get_args(IamMode))}")
        found.append((mode_subject(subject), mode))
    return tuple(found)


def _index_delay(value: Any) -> float:
    kind, colon, seconds = str(value).partition(":")
    if kind == "strict" and not colon:
        return 0.0
    if kind != "delayed" or not re.fullmatch(r"\d{1,5}(\.\d{1,3})?", seconds) or float(seconds) == 0:
        raise ValueError("must be strict, or delayed:SECONDS")
    return float(seconds)


KNOBS = (
    Knob("port", "ports", _ports, "The port; may be given several times. 0 takes a free one.", "N", many=True),
    Knob("host", "host", _text, "The address to listen at; 0.0.0.0 lets other machines in.", "ADDRESS"),
    Knob("socket", "sockets", _sockets, "Also listen at a UNIX socket; may be given several times.", "PATH", many=True),
    Knob("data", "data", _text, "The folder of the state.", "DIR"),
    Knob("ephemeral", "ephemeral", _switch, "Forget all state at the end.", switch=True),
    Knob("store", "store", _store, "PostgreSQL instead of SQLite: a URL, or `postgres` for one of cumulet's own.", "URL"),
    Knob("account", "account", _account, "The account of access keys that name none.", "ID"),
    Knob("region", "region", _region, "The region of requests that name none.", "NAME"),
    Knob("auth", "auth", _one_of("auth"), "lenient lets any well-formed key in, strict only known ones.", "lenient|strict"),
    Knob("iam", "iam", _one_of("iam"), "Policies: not looked at, only recorded, or enforced.", "off|audit|enforce"),
    Knob("modes", "modes", _modes, "The same for one account or role; may be given several times.", "WHO=MODE", many=True),
    Knob("speed", "speed", _one_of("speed"), "fast shortens AWS's waits, real keeps them.", "fast|real"),
    Knob("index-consistency", "index_delay", _index_delay, "When DynamoDB's global indexes know of a change.",
         "strict|delayed:SECONDS"),
    Knob("hot-reload", "hot_reload", _text, "Functions may run code that lies below this folder, as it is then.", "DIR"),
    Knob("smtp", "smtp", _server, "A mail server that mails are handed on to, such as localhost:1025.", "HOST:PORT"),
    Knob("tls", "tls", _switch, "Also speak TLS on the same port.", switch=True),
    Knob("init", "", _text, "The folder of the init hooks (boot.d, start.d, ready.d, shutdown.d).", "DIR"),
)
BY_NAME = {knob.name: knob for knob in KNOBS}
