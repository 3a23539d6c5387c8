"""What exists in S3 Control: the block of public access of an account, access points, Access Grants, and jobs."""

from __future__ import annotations

from typing import Any

import msgspec

from cumulet.kernel import stored


@stored(key=("name",), scope="account")
class Block(msgspec.Struct, kw_only=True):
    """The account's block of public access; there is at most one."""

    configuration: dict[str, bool]
    name: str = "account"


@stored(key=("name",), indexes={"bucket": ("bucket", "name"), "alias": ("alias",)})
class AccessPoint(msgspec.Struct, kw_only=True):
    """An entrance to a bucket, with a policy of its own. owner: the bucket's account.  created: seconds.
    vpc: from which alone it is reached; "" from everywhere.  kept_to: the scope of a directory bucket's."""

    name: str
    bucket: str
    owner: str
    alias: str
    created: float
    block: dict[str, bool]
    policy: str = ""
    vpc: str = ""
    tags: dict[str, str] = {}
    kept_to: dict[str, list[str]] | None = None


@stored(key=("name",), indexes={"alias": ("alias",)})
class LambdaPoint(msgspec.Struct, kw_only=True):
    """An Object Lambda access point: functions change what is read by another access point. configuration: as it was put."""

    name: str
    alias: str
    created: float
    configuration: dict[str, Any]
    policy: str = ""


@stored(key=("id",))
class GrantsInstance(msgspec.Struct, kw_only=True):
    """The instance of Access Grants of an account in a region; there is at most one. policy: for other accounts, since when."""

    created: float
    policy: str = ""
    policy_since: float = 0.0
    tags: dict[str, str] = {}
    id: str = "default"


@stored(key=("id",), indexes={"path": ("path",)})
class GrantsLocation(msgspec.Struct, kw_only=True):
    """Data that may be granted: `s3://`, a bucket or a prefix, and the role that reaches it."""

    id: str
    path: str
    role: str
    created: float
    tags: dict[str, str] = {}


@stored(key=("id",), indexes={"location": ("location", "id"), "grantee": ("grantee", "id")})
class Grant(msgspec.Struct, kw_only=True):
    """Who may have which data. grantee: the ARN of a user or a role.  path: what the location and the prefix come to."""

    id: str
    location: str
    grantee: str
    permission: str
    path: str
    created: float
    prefix: str = ""
    tags: dict[str, str] = {}


@stored(key=("id",), indexes={"made": ("created", "id"), "token": ("token",)})
class Job(msgspec.Struct, kw_only=True):
    """A job of Batch Operations. said: CreateJob's members.  total, succeeded, failed: of its tasks.  ended: 0 until it has.

    done: how many tasks this round has been through; in a further `round` those are tried again that failed for the time being.
    reasons: why the job failed, (code, sentence).  marker: the key and version that its manifest is generated up to.
    generated: where that was written.  suspended, began: when it was, and when its first task was done; 0 until then.
    """

    id: str
    token: str
    created: float
    said: dict[str, Any]
    status: str = "New"
    priority: int = 0
    tags: dict[str, str] = {}
    total: int = 0
    done: int = 0
    succeeded: int = 0
    failed: int = 0
    ended: float = 0.0
    because: str = ""
    reasons: list[tuple[str, str]] = []
    round: int = 0
    marker: tuple[str, str] | None = None
    generated: dict[str, str] | None = None
    suspended: float = 0.0
    began: float = 0.0


@stored(key=("job", "number"))
class Task(msgspec.Struct, kw_only=True):
    """One object of a job's manifest, and what came of it. status: HTTP's; 0 until it is done."""

    job: str
    number: int
    bucket: str
    key: str
    version: str = ""
    status: int = 0
    code: str = ""
    message: str = ""
