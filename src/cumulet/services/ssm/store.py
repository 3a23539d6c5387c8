"""Parameters found and kept: rows and their versions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from cumulet.kernel import Call, Page, error

from .names import Asked, asked
from .resources import Parameter, Tally, Version

VERSIONS = 100
EVENT = "Parameter Store Change"


def place(call: Call, name: Asked) -> Call:
    """The call as seen from where an ARN points."""
    if not name.account or (name.account == call.account and name.region == call.region):
        return call
    return call.elsewhere(name.account, name.region)


def prefix(call: Call) -> str:
    """How ARNs of this service begin here, up to the account."""
    return call.arn(Parameter(Name="", Type="", Value="", path="", parent="")).removesuffix(":parameter/")


def find(call: Call, name: Asked) -> Parameter | None:
    """The parameter; an ARN does not tell whether its name has a leading slash."""
    table = call.table(Parameter)
    found = table.get(name.name)
    if found is None and name.account and name.name.count("/") == 1:
        found = table.get(name.name.removeprefix("/"))
    return found


def own(call: Call, name: str) -> Parameter:
    """The parameter of this name, in the caller's account; no ARN and no selector."""
    found = call.table(Parameter).get(name.strip())
    if found is None:
        raise error.ParameterNotFound("")
    return found


def below(call: Call, base: str, deep: bool, after: tuple[str, str] | None, limit: int) -> list[Parameter]:
    """Some parameters under a path (without its first slash), in order. after: the `place_of` the one before."""
    table = call.table(Parameter)
    if not deep:
        return table.scan(base, index="parent", after=after[1] if after else None, limit=limit)
    if not base:
        return table.scan(index="path", after=after, limit=limit)
    # "0" is the character behind "/": all that begin with the path and a slash.
    return table.scan(index="path", after=after or (f"{base}/", ""), before=(f"{base}0", ""), limit=limit)


def place_of(row: Parameter) -> tuple[str, str]:
    """Where a page ends."""
    return row.path, row.Name


def matching(page: Page[Any], rows: Sequence[Parameter], matches: Callable[[Parameter], bool], most: int) -> list[Parameter]:
    """Of the rows of a filtered listing, those of this page. most: how many were asked for at most, 0 without a filter; when so
    many came, the next page begins behind the last of them, whether it matched or not."""
    found: list[Parameter] = []
    for row in rows:
        if len(found) == page.limit:
            page.next = place_of(found[-1])
            return found
        if matches(row):
            found.append(row)
    if most and len(rows) == most:
        page.next = place_of(rows[-1])
    return found


def begin(after: Any) -> tuple[str, str] | None:
    """Where a page begins, read from its token."""
    if after is None:
        return None
    if not isinstance(after, (list, tuple)) or [type(part) for part in after] != [str, str]:
        raise error.InvalidNextToken("The specified token isn't valid.")
    return after[0], after[1]


def version_of(call: Call, found: Parameter, number: int) -> Version | None:
    if number > found.version:
        return None
    return call.table(Version).get(found.Name, number)


def chosen(call: Call, found: Parameter, selector: str) -> Version | None:
    """The version that a selector means: a number, or a label."""
    wanted = selector[1:]
    number = int(wanted) if wanted.isdigit() and len(wanted) < 16 else found.labels.get(wanted)
    return None if number is None else version_of(call, found, number)


def get(call: Call, text: str) -> tuple[Call, Parameter, Version | None, str]:
    """What a request names: from where it is seen, the parameter, the version if one was selected, and the selector."""
    name = asked(text)
    seen = place(call, name)
    found = find(seen, name)
    if found is None:
        raise error.ParameterNotFound("")
    if not name.selector:
        return seen, found, None, ""
    version = chosen(seen, found, name.selector)
    if version is None:
        what = f"version {name.selector[1:]}" if name.selector[1:].isdigit() else f"label {name.selector[1:]}"
        raise error.ParameterVersionNotFound(
            f"Systems Manager could not find {what} of {found.Name}. Verify the {what.split()[0]} and try again.")
    return seen, found, version, name.selector


def keep(call: Call, row: Parameter) -> None:
    """Keep a parameter and its newest version; the oldest one goes when there are too many."""
    if row.version > VERSIONS:
        drop_oldest(call, row)
    call.put(row)
    call.put(Version(name=row.Name, number=row.version, type=row.Type, value=row.Value, description=row.Description,
                     allowed_pattern=row.AllowedPattern, data_type=row.DataType, tier=row.Tier, policies=row.Policies,
                     key_id=row.key_id, at_hand=row.at_hand, modified=row.modified, user=row.user))


def drop_oldest(call: Call, row: Parameter) -> None:
    oldest = row.version - VERSIONS
    if oldest in row.labels.values():
        raise error.ParameterMaxVersionLimitExceeded(
            f"You attempted to create a new version of {row.Name} by calling the PutParameter API with the overwrite flag. "
            f"Version {oldest}, the oldest version, can't be deleted because it has a label associated with it. Move the "
            "label to another version of the parameter, and try again.")
    call.table(Version).delete(row.Name, oldest)


def tally(call: Call, tier: str, more: int) -> None:
    """There are more (or fewer) parameters of a tier."""
    row = call.table(Tally).get(tier) or Tally(tier=tier)
    row.count += more
    call.put(row)


def count(call: Call, tier: str) -> int:
    row = call.table(Tally).get(tier)
    return row.count if row is not None else 0


def remove(call: Call, row: Parameter) -> None:
    """Delete a parameter and all of its versions."""
    call.table(Parameter).delete(row.Name)
    call.table(Version).delete_all(row.Name)
    tally(call, row.Tier, -1)
    emit(call, row, "Delete")


def emit(call: Call, row: Parameter, what: str, **more: Any) -> None:
    """Tell the bus of a change."""
    detail = {"operation": what, "name": row.Name, "type": row.Type, **more}
    if row.Description:
        detail["description"] = row.Description
    call.emit(EVENT, detail, [call.arn(row)])
