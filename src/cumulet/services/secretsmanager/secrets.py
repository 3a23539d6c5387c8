"""Secrets found: by name, by ARN, by an ARN without its last letters; and refused while they wait for their end."""

from __future__ import annotations

import re

from cumulet.kernel import AwsError, Call, error, parse_arn

from .resources import Secret

_NAME = re.compile(r"[A-Za-z0-9/_+=.@!-]{1,512}")
_BY_NAME = 'SELECT "Id" FROM {table} WHERE "Name" = ? AND scope = {scope}'
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
DAY = 86_400


def invalid(message: str) -> AwsError:
    return error.InvalidParameterException(message)


def refused(message: str) -> AwsError:
    return error.InvalidRequestException(message)


def missing() -> AwsError:
    return error.ResourceNotFoundException("Secrets Manager can't find the specified secret.")


def check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise invalid("Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: "
                      "-/_+=.@!")


def look(call: Call, text: str) -> Secret | None:
    """The secret of a name or an ARN, for who only looks at it: never change it."""
    call, id = _place(call, text)
    return call.table(Secret).known(id) if id is not None else None


def find(call: Call, text: str) -> tuple[Call, Secret | None]:
    """The secret of a name or an ARN, and the call as seen from its account."""
    call, id = _place(call, text)
    return call, call.table(Secret).get(id) if id is not None else None


def _place(call: Call, text: str) -> tuple[Call, str | None]:
    """Where a secret is, and its whole ARN."""
    arn = parse_arn(text)
    if arn is None:
        return call, _named(call, text)
    if arn.service != "secretsmanager" or arn.region != call.region or not arn.resource.startswith("secret:"):
        return call, None
    if arn.account != call.account:
        call = call.elsewhere(arn.account)
    if call.table(Secret).known(text) is not None:
        return call, text
    return call, _named(call, arn.resource.removeprefix("secret:"))


def _named(call: Call, name: str) -> str | None:
    found = call.table(Secret).known_sql(_BY_NAME, name)
    return found[0][0] if found else None


def get(call: Call, text: str, deleted: bool = False) -> tuple[Call, Secret]:
    """As find, but it is there. deleted: one that waits for its end will do as well."""
    call, found = find(call, text)
    if found is None:
        raise missing()
    if found.deleted is not None and not deleted:
        raise refused("You can't perform this operation on the secret because it was marked for deletion.")
    return call, found


def writable(call: Call, text: str) -> tuple[Call, Secret]:
    """A secret that may be changed here: a replica may not."""
    call, found = get(call, text)
    if found.primary is not None:
        raise refused("Operation not permitted on a replica secret. Call must be made in primary secret's region.")
    if found.account_primary is not None:
        raise refused("Operation not permitted on a cross-account replica secret. Call must be made on the primary secret.")
    return call, found


def day(now: float) -> float:
    """Midnight before: how exactly an access is noted."""
    return now // DAY * DAY


def add_tags(old: dict[str, str], new: list[dict[str, str]]) -> dict[str, str]:
    """The tags after these were added."""
    keys = [tag.get("Key", "") for tag in new]
    if any(key.lower().startswith("aws:") for key in keys):
        raise invalid("Tag keys that begin with aws: are reserved for AWS use.")
    if len(set(keys)) != len(keys):
        raise invalid("Duplicate tag keys found. Please note that tag keys are case-sensitive.")
    tags = old | {tag.get("Key", ""): tag.get("Value", "") for tag in new}
    if len(tags) > 50:
        raise invalid("You can't have more than 50 tags on a secret.")
    return tags
