"""How one cloud is run. Flags win over `CUMULET_*`, `LOCALSTACK_*` aliases, `./cumulet.toml`, the user's file (faces/cli)."""

from __future__ import annotations

from typing import Literal

import msgspec

IamMode = Literal["off", "audit", "enforce"]


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """host, ports, sockets: where to listen.  data: the folder of the state.  ephemeral: state dies with the process.

    store: "" for SQLite in the data folder, or a PostgreSQL URL, or "postgres" for one that cumulet runs itself.
    auth: "lenient" lets any well-formed key in; "strict" only keys that IAM or `--account` made.
    speed: "fast" shortens AWS's waits (creating → available); "real" keeps them.
    """

    host: str = "127.0.0.1"
    ports: tuple[int, ...] = (4566,)
    sockets: tuple[str, ...] = ()
    data: str = ".cumulet/state"
    ephemeral: bool = False
    store: str = ""
    account: str = "000000000000"
    region: str = "us-east-1"
    auth: Literal["lenient", "strict"] = "lenient"
    iam: IamMode = "audit"
    speed: Literal["fast", "real"] = "fast"
    tls: bool = True
