"""Names of parameters: which ones there may be, selectors behind them, and their ARNs."""

from __future__ import annotations

import re
from typing import NamedTuple

from cumulet.kernel import AwsError, error, parse_arn

LEVELS = 15
LONGEST = 1011                         # with the ARN in front of it
_FLAT = re.compile(r"[A-Za-z0-9_.-]+")
_DEEP = re.compile(r"(/[A-Za-z0-9_.-]+)+")
_ODD = ("Parameter name: can't be prefixed with \"ssm\" (case-insensitive). If formed as a path, it can consist of sub-paths "
        "divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_")
ODD_PATH = (
    "The parameter doesn't meet the parameter name requirements. The parameter name must begin with a forward slash \"/\". It "
    "can't be prefixed with \\\"aws\\\" or \\\"ssm\\\" (case-insensitive). It must use only letters, numbers, or the following "
    "symbols: . (period), - (hyphen), _ (underscore). Special characters are not allowed. All sub-paths, if specified, must "
    "use the forward slash symbol \"/\". Valid example: /get/parameters2-/by1./path0_.")


def invalid(message: str) -> AwsError:
    return error.ValidationException(message)


class Asked(NamedTuple):
    """A parameter as a request names it. account: "" the caller's own. selector: as it was written, with its colon."""

    name: str
    selector: str = ""
    account: str = ""
    region: str = ""


def check_new(name: str) -> None:
    """May a parameter of this name be made?"""
    check_written(name)
    if len(name) > LONGEST:
        raise invalid(f"Parameter name must not exceed {LONGEST} characters.")
    if name.count("/") > LEVELS or (name[0] != "/" and name.count("/") >= LEVELS):
        raise error.HierarchyLevelLimitExceededException(
            f"A hierarchy can have a maximum of {LEVELS} levels. For more information, see Requirements and constraints for "
            "parameter names in the Amazon Web Services Systems Manager User Guide.")


def check_written(name: str) -> None:
    """What holds for each name that a change is asked of."""
    bare = name.removeprefix("/").lower()
    if bare.startswith("aws"):
        raise error.AccessDeniedException(f"No access to reserved parameter name: {name}.")
    if bare.startswith("ssm") or not (_FLAT.fullmatch(name) or _DEEP.fullmatch(name)):
        raise invalid(_ODD)


def asked(text: str) -> Asked:
    """`name`, `name:3`, `name:label`, or an ARN with the like behind it."""
    text = text.strip()
    account = region = ""
    if text.startswith("arn:"):
        arn = parse_arn(text)
        if arn is None or arn.service != "ssm" or not arn.resource.startswith("parameter/"):
            raise invalid(f"Invalid parameter ARN: {text}")
        account, region, text = arn.account, arn.region, arn.resource.removeprefix("parameter")
    name, colon, selector = text.partition(":")
    if not (_FLAT.fullmatch(name) or _DEEP.fullmatch(name)):
        raise invalid(_ODD)
    if colon and not re.fullmatch(r"[A-Za-z0-9_.-]+", selector):
        raise invalid(f"Invalid parameter selector: {selector}")
    return Asked(name, colon + selector, account, region)


def check_path(path: str) -> str:
    """The hierarchy of GetParametersByPath, without its last slash."""
    path = path.strip()
    bare = path.rstrip("/")
    if path[:1] != "/" or (bare and not _DEEP.fullmatch(bare)) or path.startswith("//"):
        raise invalid(ODD_PATH)
    return bare


def parts(name: str) -> tuple[str, str]:
    """The path without its leading slash, and where it lies."""
    path = name.removeprefix("/")
    return path, path.rpartition("/")[0]
