"""Conditional requests: If-Match and its relatives, when reading, copying and writing."""

from __future__ import annotations

from email.utils import formatdate

from cumulet.kernel import AwsError, error

from .faults import no_such_key, precondition_failed


def matches(header: str, etag: str) -> bool:
    """Does a list of entity tags (or `*`) name this one?"""
    if header.strip() == "*":
        return True
    return any(_bare(tag) == etag for tag in header.split(","))


def _bare(tag: str) -> str:
    tag = tag.strip()
    return tag.removeprefix("W/").strip('"')


def reading(etag: str, modified: float, if_match: str | None, if_none_match: str | None, if_modified_since: float | None,
            if_unmodified_since: float | None) -> None:
    """Raises 412 or 304, in the order of RFC 9110 §13.2.2."""
    if if_match is not None:
        if not matches(if_match, etag):
            raise precondition_failed("If-Match")
    elif if_unmodified_since is not None and modified > if_unmodified_since:
        raise precondition_failed("If-Unmodified-Since")
    if if_none_match is not None:
        if matches(if_none_match, etag):
            raise _not_modified(etag, modified)
    elif if_modified_since is not None and modified <= if_modified_since:
        raise _not_modified(etag, modified)


def _not_modified(etag: str, modified: float) -> AwsError:
    return error.named("NotModified", "Not Modified", 304,
                       **{"etag": f'"{etag}"', "last-modified": formatdate(modified, usegmt=True)})


def copying(etag: str, modified: float, if_match: str | None, if_none_match: str | None, if_modified_since: float | None,
            if_unmodified_since: float | None) -> None:
    """The same for the source of a copy, where everything that fails is 412."""
    try:
        reading(etag, modified, if_match, if_none_match, if_modified_since, if_unmodified_since)
    except AwsError as problem:
        if problem.status != 304:
            condition = "x-amz-copy-source-" + str(problem.members["Condition"])
        else:
            condition = "x-amz-copy-source-If-" + ("None-Match" if if_none_match is not None else "Modified-Since")
        raise precondition_failed(condition) from None


def writing(key: str, etag: str | None, if_match: str | None, if_none_match: str | None) -> None:
    """May an object be written over what is there now (`etag`; None when there is nothing)?"""
    if if_none_match is not None:
        if if_none_match.strip() != "*":
            raise error.NotImplemented("A header you provided implies functionality that is not implemented", 501,
                                       Header="If-None-Match")
        if etag is not None:
            raise precondition_failed("If-None-Match")
    if if_match is not None:
        if etag is None:
            raise no_such_key(key)
        if not matches(if_match, etag):
            raise precondition_failed("If-Match")
