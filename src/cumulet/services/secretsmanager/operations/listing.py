"""Secrets listed, and several values at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import AwsError, Call, Page, error, operation

from .. import filters, secrets
from ..resources import Secret
from ..shown import described, stages_of

_LOOKED_AT = 1000
_SORTS = {"created-date": ("created", "created"), "last-accessed-date": ("accessed", "accessed"),
          "last-changed-date": ("changed", "changed"), "name": ("name", "Name")}


@operation
def list_secrets(call: Call, IncludePlannedDeletion: bool = False, Filters: Sequence[Mapping[str, Any]] = (),
                 SortOrder: str = "desc", SortBy: str = "created-date", page: Page[Secret] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecrets.html"""
    found, page.next = _listed(call, filters.compiled(Filters), IncludePlannedDeletion, SortBy, SortOrder == "desc",
                               page.after, page.limit)
    return {"SecretList": [described(secret) | {"SecretVersionsToStages": stages_of(secret)} for secret in found]}


def _listed(call: Call, matches: filters.Test, deleted: bool, sort: str, down: bool, after: Any,
            limit: int) -> tuple[list[Secret], Any]:
    """Some secrets in order, and where the next ones begin. No more than so many rows are looked at."""
    index, field = _SORTS[sort]
    bound = _bound(after, field == "Name")
    rows = call.table(Secret).scan(index=index, reverse=down, limit=_LOOKED_AT,
                                   **({"before": bound} if down else {"after": bound}))

    def place(secret: Secret) -> Any:
        return secret.Name if field == "Name" else (getattr(secret, field), secret.Id)

    found: list[Secret] = []
    for secret in rows:
        if (secret.deleted is not None and not deleted) or not matches(secret):
            continue
        if len(found) == limit:
            return found, place(found[-1])
        found.append(secret)
    return found, place(rows[-1]) if len(rows) == _LOOKED_AT else None


def _bound(after: Any, named: bool) -> Any:
    """Where a page begins, read from its token: a name, or a time and an ARN."""
    if after is None or (named and isinstance(after, str)):
        return after
    if not named and isinstance(after, list) and len(after) == 2 and isinstance(after[0], (int, float)) \
            and isinstance(after[1], str):
        return tuple(after)
    raise error.InvalidNextTokenException("The NextToken value is invalid.")


@operation
def batch_get_secret_value(call: Call, SecretIdList: Sequence[str] = (), Filters: Sequence[Mapping[str, Any]] = (),
                           MaxResults: int | None = None, NextToken: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_BatchGetSecretValue.html"""
    if bool(SecretIdList) == bool(Filters):
        raise secrets.invalid("You must provide either SecretIdList or Filters, but not both."
                              if SecretIdList else "Either 'SecretIdList' or 'Filters' must be provided, but not both.")
    if MaxResults is not None and not Filters:
        raise secrets.invalid("'Filters' not specified. 'Filters' must also be specified when 'MaxResults' is provided.")
    names, following = list(SecretIdList), None
    if Filters:
        if NextToken is not None and call.table(Secret).find("name", NextToken) is None:
            raise error.InvalidNextTokenException("The NextToken value is invalid.")
        found, following = _listed(call, filters.compiled(Filters), False, "name", False, NextToken, MaxResults or 20)
        names = [secret.Id for secret in found]
    told, errors = [], []
    for name in names:
        try:
            # The caller needs the right to each secret; its answer has the same members.
            told.append(call.aws.secretsmanager.get_secret_value(SecretId=name))
        except AwsError as problem:
            if problem.status >= 500 or problem.code == "NotImplemented":
                raise
            errors.append({"SecretId": name, "ErrorCode": problem.code, "Message": problem.message})
    return {"SecretValues": told, "Errors": errors, "NextToken": following}
