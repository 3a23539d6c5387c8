"""Which group and stream a call is about: by name, or by ARN."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import AwsError, Call, error, parse_arn

from .resources import LogGroup, LogStream


def invalid(message: str) -> AwsError:
    return error.InvalidParameterException(message)


def name_of(call: Call, identifier: str) -> str:
    """The name of a group that a name or an ARN (with or without `:*`) tells; only this account's and region's are seen."""
    if not identifier.startswith("arn:"):
        return identifier
    arn = parse_arn(identifier)
    kind, _, name = (arn.resource if arn else "").partition(":")
    if arn is None or arn.service != "logs" or kind != "log-group" or not name:
        raise invalid("The ARN of the log group is not valid.")
    if arn.account != call.account or arn.region != call.region:
        raise error.ResourceNotFoundException("The specified log group does not exist.")
    return name.removesuffix(":*")


def group_of(call: Call, name: str | None, identifier: str | None = None) -> LogGroup:
    """The group of a call that takes a name, an identifier, or either."""
    if name is not None and identifier is not None:
        raise invalid("LogGroup name and LogGroup identifier are mutually exclusive parameters.")
    if name is None and identifier is None:
        raise invalid("Either LogGroup name or LogGroup identifier must be specified.")
    return call.get(LogGroup, name if name is not None else name_of(call, identifier or ""))


def arn_of(call: Call, kind: str, name: str) -> str:
    """The ARN of what is not a group: `arn:aws:logs:REGION:ACCOUNT:KIND:NAME`."""
    return call.arn(LogGroup(LogGroupName="-")).replace("log-group:-", f"{kind}:{name}")


def known_group(call: Call, name: str) -> LogGroup:
    """As `call.get`, for what is asked with each batch; never change it."""
    return call.table(LogGroup).known(name) or call.get(LogGroup, name)


def known_stream(call: Call, group: str, name: str) -> LogStream:
    """As `call.get`, for what is asked with each batch; never change it."""
    return call.table(LogStream).known(group, name) or call.get(LogStream, group, name)


def starting_with(call: Call, kind: Any, key: tuple[str, ...], prefix: str, after: str | None, limit: int | None,
                  reverse: bool = False) -> list[Any]:
    """Rows of a kind whose last key field begins with a prefix, in order of their names, beyond one of them."""
    end = prefix + "\U0010ffff" if prefix else None
    if reverse:
        return list(call.table(kind).scan(*key, low=prefix or None, before=after if after is not None else end, reverse=True,
                                          limit=limit))
    low, beyond = (None, after) if after is not None else (prefix or None, None)
    return list(call.table(kind).scan(*key, low=low, after=beyond, before=end, limit=limit))
