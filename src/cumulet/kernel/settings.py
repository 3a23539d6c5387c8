"""How one cloud is run. Flags win over `CUMULET_*`, `LOCALSTACK_*` aliases, `./cumulet.toml`, the user's file (faces/cli)."""

from __future__ import annotations

import re
from typing import Literal

import msgspec

IamMode = Literal["off", "audit", "enforce"]
_SUBJECT = re.compile(r"\d{12}|arn:aws[\w-]*:iam::\d{12}:(?:role|user)/.+")


def mode_subject(text: str) -> str:
    """An account or the ARN of a role or user, which may have a mode of its own; ValueError for anything else."""
    if _SUBJECT.fullmatch(text) is None:
        raise ValueError(f"{text!r} is neither an account (12 digits) nor the ARN of a role or user")
    return text


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """host, ports, sockets: where to listen.  data: the folder of the state.  ephemeral: state dies with the process.
    begins: a fork of another state, which an ephemeral one takes as its own.

    store: "" for SQLite in the data folder, or a PostgreSQL URL, or "postgres" for one that cumulet runs itself.
    iam, modes: whether policies are looked at, recorded or enforced, and accounts and roles for which that is otherwise.
    auth: "lenient" lets any well-formed key in; "strict" only keys that IAM or `--account` made.
    hot_reload: a folder of this machine below which functions' code may lie, read anew when it changes; "" is off.
    smtp: a mail server (host:port) that mails are handed on to; "" keeps them in the mailbox only.
    speed: "fast" shortens AWS's waits (creating → available); "real" keeps them.
    index_delay: seconds until global indexes of DynamoDB know of a change.
    """

    host: str = "127.0.0.1"
    ports: tuple[int, ...] = (4566,)
    sockets: tuple[str, ...] = ()
    data: str = ".cumulet/state"
    ephemeral: bool = False
    begins: str = ""
    store: str = ""
    account: str = "000000000000"
    region: str = "us-east-1"
    auth: Literal["lenient", "strict"] = "lenient"
    iam: IamMode = "audit"
    modes: tuple[tuple[str, IamMode], ...] = ()
    speed: Literal["fast", "real"] = "fast"
    index_delay: float = 0.0
    hot_reload: str = ""
    smtp: str = ""
    tls: bool = True
