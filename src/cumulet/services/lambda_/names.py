"""A function's name as operations take it: a name, a partial ARN or an ARN, each maybe with a qualifier."""

from __future__ import annotations

from cumulet.kernel import Call, error

from .resources import LATEST, Alias, Function, Version


def split(call: Call, name: str, qualifier: str | None = None) -> tuple[str, str]:
    """(function's name, qualifier or ""). Raises when name and member give different qualifiers."""
    parts = name.split(":")
    if "function" in parts[:-1]:
        parts = parts[parts.index("function") + 1:]
    elif len(parts) > 1 and parts[0].isdigit() and len(parts[0]) == 12:
        parts = parts[1:]
    given = parts[1] if len(parts) > 1 else ""
    if given and qualifier and given != qualifier:
        raise error.InvalidParameterValueException(
            "The derived qualifier from the function name does not match the specified qualifier.")
    return parts[0], qualifier or given


def arn_of(call: Call, name: str, qualifier: str = "") -> str:
    base = call.arn(Function(FunctionName=name))
    return f"{base}:{qualifier}" if qualifier else base


def function(call: Call, name: str, qualifier: str = "") -> Function:
    """The function; raises with the ARN in the message as AWS does."""
    row = call.table(Function).get(name)
    if row is None:
        raise error.ResourceNotFoundException(f"Function not found: {arn_of(call, name, qualifier)}")
    return row


def version(call: Call, name: str, qualifier: str) -> Version:
    """A published version by its number, or the main version of an alias."""
    number = qualifier
    if not number.isdigit():
        alias = call.table(Alias).get(name, qualifier)
        if alias is None:
            raise error.ResourceNotFoundException(f"Cannot find alias arn: {arn_of(call, name, qualifier)}")
        number = alias.FunctionVersion
    row = call.table(Version).get(name, int(number)) if number.isdigit() else None
    if row is None:
        raise error.ResourceNotFoundException(f"Function not found: {arn_of(call, name, qualifier)}")
    return row


def qualified(call: Call, name: str, qualifier: str) -> Function:
    """The function, whose version or alias of this name is there as well; raises when it is not."""
    row = function(call, name, qualifier)
    if qualifier not in ("", LATEST) and (qualifier.isdigit() or call.table(Alias).known(name, qualifier) is None):
        version(call, name, qualifier)
    return row


def check_revision(row: Function | Alias, wanted: str | None) -> None:
    if wanted is not None and wanted != row.revision:
        raise error.PreconditionFailedException(
            "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve"
            " the latest Revision Id")
