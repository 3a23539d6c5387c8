"""What a service declares: itself, what exists in it, its operations, and what it does unasked. Plain data.

Declarations are decorators with literal arguments, so that tools can read them by `ast` without importing anything.
"""

from __future__ import annotations

import functools
import inspect
import keyword
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Literal, TypeVar, cast, overload

import msgspec

F = TypeVar("F", bound=Callable[..., Any])
C = TypeVar("C", bound=type)
Scope = Literal["region", "account", "global"]


@dataclass(frozen=True, slots=True)
class Service:
    """One AWS service.

    api: botocore's name of its model.  principal: its service principal.  needs: the services that it calls.
    also: further models that the same folder serves, because they are views of the same state (DynamoDB Streams).
    absent: why operations are not there, by their names or a pattern of names (`*DirectoryAccessGrant*`).
    """

    api: str
    principal: str
    needs: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    absent: Mapping[str, str] = field(default_factory=dict)

    def why_absent(self, operation: str) -> str:
        """Why an operation is not there; "" when nothing is said of it."""
        return next((why for pattern, why in self.absent.items() if fnmatchcase(operation, pattern)), "")


# --- where a resource's property lives in the API ---------------------------------------------------------------------


class _Fixed:
    """The property cannot change after creation (CloudFormation: create-only)."""

    def __repr__(self) -> str:
        return "fixed"


fixed = _Fixed()


@dataclass(frozen=True, slots=True)
class inside:  # noqa: N801  (an annotation, read as a word)
    """The property is an entry of a string map member: `inside("Attributes")`."""

    member: str


@dataclass(frozen=True, slots=True)
class by:  # noqa: N801
    """The property is set by an operation of its own: `by("PutBucketVersioning")`; `path` is the member that takes it,
    `unset` the operation that takes it away, `read` the one that tells it. A switch has one operation for true and one
    (`unset`) for false: `by("EnableKey", unset="DisableKey", switch=True)`. What only the operation that ends the resource
    takes is kept until then: `by("ScheduleKeyDeletion", at_end=True)`. A number may have another operation that makes it
    smaller: `by("IncreaseStreamRetentionPeriod", lower="DecreaseStreamRetentionPeriod")`. A structure may be several members,
    by the names of its entries: `by("StartStreamEncryption", unset="StopStreamEncryption", entries=("EncryptionType",
    "KeyId"))`; `unset` is given those that it needs. anew: it is taken away before it is set to something else."""

    operation: str
    path: str = ""
    unset: str = ""
    read: str = ""
    switch: bool = False
    at_end: bool = False
    lower: str = ""
    entries: tuple[str, ...] = ()                   # a dotted name goes into structures; its last part is the entry
    anew: bool = False
    also: tuple[tuple[str, Any], ...] = ()          # further members, always the same: `also=(("SetAsDefault", True),)`


@dataclass(frozen=True, slots=True)
class linked:  # noqa: N801
    """The property is a list or map of relations, each made by one operation and ended by another:
    `linked("AttachRolePolicy", "DetachRolePolicy", member="PolicyArn", read="ListAttachedRolePolicies")`."""

    attach: str
    detach: str
    member: str
    value: str = ""
    read: str = ""


@dataclass(frozen=True, slots=True)
class member:  # noqa: N801
    """The property has another name in the API: `member("Path")`; a dotted name goes into structures."""

    name: str


@dataclass(frozen=True, slots=True)
class Verbs:
    """The operations that make, tell, change and end a resource; "" by convention (`Create` + the class's name …),
    "none" where there is no such operation: it comes and goes with another resource. whole: to update is to say it all."""

    create: str = ""
    read: str = ""
    update: str = ""
    delete: str = ""
    list: str = ""
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Tagging:
    """A service's tag operations; the kernel serves them for every resource that declares them."""

    tag: str
    untag: str
    list: str


@dataclass(frozen=True, slots=True)
class About:
    """What `@resource` says; tags, ARNs, CloudFormation, Cloud Control, console and clean-up are derived from it."""

    type: str
    id: tuple[str, ...]
    arn: str
    missing: str
    missing_message: str = ""
    verbs: Verbs = Verbs()
    tags: Tagging | str = ""               # a Tagging, or a sentence why it has none
    columns: tuple[str, ...] = ()
    returns: Mapping[str, str] = field(default_factory=dict)   # CloudFormation attribute → field or "arn"
    delete_after: tuple[str, ...] = ()
    cost: str = ""
    write_only: Mapping[str, str] = field(default_factory=dict)   # property that is not told → operation that changes it


class Resource(msgspec.Struct, kw_only=True):
    """A row that AWS would call a resource: it has tags and a date of birth (seconds of the virtual clock)."""

    tags: dict[str, str] = {}
    created: float = 0.0


class Stored(msgspec.Struct, frozen=True):
    """What `@stored` says of a struct.

    key: the fields of the primary key, in order, behind the scope.
    auto: an int field that the store numbers in rising order on insert (it then is the whole key: `key=(auto,)`).
    indexes: name → fields; an entry may end in `unique`. Rows whose first indexed field is None are not in the index.
    scope: whose rows these are: of one account in one region, of one account, or of the whole partition.
    belongs: of rows of the partition that are an account's without a field `account`: field → the fields of other tables
    whose rows they go with: {"bucket": ("s3_bucket.number",)}.
    refers: field → the table whose number it holds, or (a text) begins with: {"box": "sqs_box"}.
    """

    table: str
    key: tuple[str, ...]
    auto: str | None = None
    indexes: dict[str, tuple[str, ...]] = {}
    unique: frozenset[str] = frozenset()
    scope: Scope = "region"
    belongs: dict[str, tuple[str, ...]] = {}
    refers: dict[str, str] = {}


_stored: dict[type, Stored] = {}
_about: dict[type, About] = {}


def stored(*, key: tuple[str, ...] = (), auto: str | None = None, indexes: Mapping[str, tuple[str, ...]] | None = None,
           unique: tuple[str, ...] = (), scope: Scope = "region", belongs: Mapping[str, tuple[str, ...]] | None = None,
           refers: Mapping[str, str] | None = None) -> Callable[[C], C]:
    """Rows of this struct have a table. See `Stored` for the arguments."""

    def wrap(cls: C) -> C:
        if "key" in (indexes or {}):
            raise TypeError(f"{cls.__name__}: the index of its key has the name key already")
        _stored[cls] = Stored(_table_name(cls), key or ((auto,) if auto else ()), auto, dict(indexes or {}),
                              frozenset(unique), scope, dict(belongs or {}), dict(refers or {}))
        return cls

    return wrap


def resource(type: str, *, id: str | tuple[str, ...], arn: str, missing: str, missing_message: str = "",
             verbs: Verbs = Verbs(), tags: Tagging | str = "", columns: tuple[str, ...] = (),
             returns: Mapping[str, str] | None = None, delete_after: tuple[str, ...] = (), cost: str = "",
             write_only: Mapping[str, str] | None = None,
             indexes: Mapping[str, tuple[str, ...]] | None = None, unique: tuple[str, ...] = (),
             scope: Scope = "region", refers: Mapping[str, str] | None = None) -> Callable[[C], C]:
    """One kind of AWS resource, by its CloudFormation type; its id is the key of its table.

    missing: the error (and message; `{id}` is filled in) when it does not exist.
    arn: a pattern of {partition}, {region}, {account} and the resource's own fields.
    """
    key = (id,) if isinstance(id, str) else id

    def wrap(cls: C) -> C:
        _about[cls] = About(type, key, arn, missing, missing_message, verbs, tags, columns, dict(returns or {}),
                            delete_after, cost, dict(write_only or {}))
        return stored(key=key, indexes=indexes, unique=unique, scope=scope, refers=refers)(cls)

    return wrap


def about(cls: type) -> About:
    """What `@resource` said of this class."""
    return _about[cls]


def stored_of(cls: type) -> Stored:
    """What `@stored` (or `@resource`) said of this class."""
    return _stored[cls]


def is_resource(cls: type) -> bool:
    """Was this class declared by `@resource`?"""
    return cls in _about


def stored_kinds(package: str) -> list[type]:
    """All classes of a package (or module) that have tables."""
    return [cls for cls in _stored if cls.__module__ == package or cls.__module__.startswith(package + ".")]


def _table_name(cls: type) -> str:
    """`sqs_message`; kernel tables are `kernel_task` and so on. Stable: it names the table on disk."""
    parts = cls.__module__.split(".")
    room = parts[parts.index("services") + 1] if "services" in parts else "kernel"
    snake = "".join("_" + c.lower() if c.isupper() else c for c in cls.__name__).lstrip("_")
    return f"{room}_{snake}"


# --- operations and what happens unasked ------------------------------------------------------------------------------


@dataclass(slots=True)
class Operation:
    """One API operation: its function, the members that it honours, and those that are rightly without effect."""

    name: str
    run: Callable[..., Any]
    members: frozenset[str]
    required: frozenset[str]
    accepts: frozenset[str]
    waits: bool                      # a coroutine function: opens its own short transactions by `call.run`
    pages: bool                      # takes `page`
    doc: str


@dataclass(slots=True)
class Background:
    """A timer, a task, a subscription, or what is done when an account is forgotten or calls were answered."""

    name: str
    run: Callable[..., Any]
    retries: int = 0
    source: str = ""
    kind: str = ""
    waits: bool = False
    forgets: bool = False
    members: tuple[str, ...] = ()    # what `Answer.heard` wants to be told


def api_name(snake: str) -> str:
    """send_message → SendMessage. (Names with odd capitals say theirs: `@operation(name="ListMFADevices")`.)"""
    return "".join(part[:1].upper() + part[1:] for part in snake.split("_"))


OPERATION = "__cumulet_operation__"
BACKGROUND = "__cumulet_background__"
_NOT_MEMBERS = frozenset({"call", "page"})


@overload
def operation(fn: F) -> F: ...
@overload
def operation(*, name: str = "", accepts: tuple[str, ...] = ()) -> Callable[[F], F]: ...
def operation(fn: F | None = None, *, name: str = "", accepts: tuple[str, ...] = ()) -> F | Callable[[F], F]:
    """One API operation. Its parameters are the members that it honours; a request with another one is refused, 501.

    accepts: members that may come and rightly have no effect (a client token of an idempotent call).
    A member that Python has a meaning for ends in an underscore: `from_`.
    """

    def wrap(f: F) -> F:
        parameters = list(inspect.signature(f).parameters.values())[1:]
        members = {_member(p.name): p for p in parameters if p.name not in _NOT_MEMBERS}
        renamed = {m: p.name for m, p in members.items() if m != p.name}
        setattr(f, OPERATION, Operation(
            name or api_name(f.__name__), _called(f, renamed), frozenset(members),
            frozenset(m for m, p in members.items() if p.default is p.empty), frozenset(accepts),
            inspect.iscoroutinefunction(f), any(p.name == "page" for p in parameters), inspect.getdoc(f) or ""))
        return f

    return wrap(fn) if fn is not None else wrap


def _member(parameter: str) -> str:
    """`from_` is the member `from`."""
    plain = parameter.removesuffix("_")
    return plain if keyword.iskeyword(plain) else parameter


def _called(f: F, renamed: Mapping[str, str]) -> F:
    """The function, called with its members' names."""
    if not renamed:
        return f

    @functools.wraps(f)
    def run(call: Any, **members: Any) -> Any:
        return f(call, **{renamed.get(name, name): value for name, value in members.items()})

    return cast(F, run)


def timer(fn: F) -> F:
    """What `call.at(when, fn, **args)` runs, in its own transaction, when the virtual clock reaches `when`."""
    setattr(fn, BACKGROUND, Background(fn.__name__, fn))
    return fn


def task(*, retries: int = 5) -> Callable[[F], F]:
    """What `call.task(fn, **args)` runs after the commit: at least once, with back-off, then kept as a dead end.

    A coroutine function may wait (a delivery over HTTP); a plain one runs in one transaction with the end of its own row.
    """

    def wrap(fn: F) -> F:
        setattr(fn, BACKGROUND, Background(fn.__name__, fn, retries, waits=inspect.iscoroutinefunction(fn)))
        return fn

    return wrap


def forget(fn: F) -> F:
    """Called with `call` when an account is reset, or one of its regions (`call.region`, "" for the whole account), before its
    rows go and in the same transaction. It takes away what would be left behind: blobs, and rows of the partition's scope
    that no field `account` tells to be the account's. Stands in the service's `background.py`.
    """
    setattr(fn, BACKGROUND, Background(fn.__name__, fn, forgets=True))
    return fn


def on(source: str, kind: str = "") -> Callable[[F], F]:
    """Called as a task, `fn(call, event)`, with each event of this source (`aws.kms`; "*": all) and detail type ("": all)."""

    def wrap(fn: F) -> F:
        if fn.__code__.co_varnames[1:fn.__code__.co_argcount] != ("event",):
            raise TypeError(f"{fn.__name__}: what hears events is given (call, event)")
        setattr(fn, BACKGROUND, Background(fn.__name__, fn, 5, source, kind))
        return fn

    return wrap
