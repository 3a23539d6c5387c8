"""Values of parameters: how long, of which form, in which tier."""

from __future__ import annotations

import re
from collections.abc import Callable

from cumulet.kernel import error, not_implemented

from .names import invalid

SIZES = {"Standard": 4096, "Advanced": 8192}
MOST = {"Standard": 10_000, "Advanced": 100_000}
_TIERS = "https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html"
Matches = Callable[[str, str], bool]
_IMAGE = re.compile(r"ami-([0-9a-f]{8}|[0-9a-f]{17})")
# In AWS's model, and not here.
_UNSERVED = frozenset({"aws:ssm:integration", "aws:region", "aws:account:id", "boolean", "integer", "float", "binary",
                       "hostname", "email", "ipv4-address", "ipv6-address", "url", "json", "jsonc"})


def check_value(value: str, kind: str, data_type: str, pattern: str | None, matches: Matches) -> None:
    """Is this a value of this type? matches: as Call has it."""
    if not value:
        raise invalid("1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member must have length "
                      "greater than or equal to 1")
    if re.search(r"\{\{.*\}\}", value):
        raise invalid("Parameter value can't nest another parameter. Do not use \"{{}}\" in the value.")
    _check_data_type(value, kind, data_type)
    if pattern and not _fits(matches, pattern, value):
        raise error.ParameterPatternMismatchException(
            f"Parameter value, cannot be validated against allowedPattern: {pattern}")


def _check_data_type(value: str, kind: str, data_type: str) -> None:
    if data_type in _UNSERVED:
        raise not_implemented(f"Data type {data_type} of a parameter")
    if data_type not in ("text", "aws:ec2:image"):
        raise invalid(f"The following data type is not supported: {data_type} (Data type names are all lowercase.)")
    if data_type == "aws:ec2:image":
        if kind != "String":
            raise invalid(f"Data type {data_type} is only supported for String parameters.")
        if not _IMAGE.fullmatch(value):
            raise invalid(f"The parameter value {value} isn't a valid Amazon Machine Image ID: it has to be of the form "
                          "ami-12345abcdeEXAMPLE.")


def _fits(matches: Matches, pattern: str, value: str) -> bool:
    try:
        return matches(pattern, value)
    except ValueError as problem:
        raise error.InvalidAllowedPatternException(f"Invalid allowedPattern: {pattern}: {problem}.") from None


def tier_for(asked: str, old: str | None, value: str, policies: bool, full: bool) -> str:
    """The tier that a parameter gets. full: there are as many standard parameters as there may be."""
    size = len(value.encode())
    if asked == "Intelligent-Tiering":
        asked = "Advanced" if old == "Advanced" or size > SIZES["Standard"] or policies or (full and old is None) \
            else "Standard"
    if asked == "Standard" and old == "Advanced":
        raise invalid("This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the "
                      "advanced-parameter tier to the standard-parameter tier. If necessary, you can delete the advanced "
                      "parameter and recreate it as a standard parameter.")
    if asked == "Standard" and policies:
        raise invalid("The following parameter policies are only supported for advanced-tier parameters: Expiration, "
                      "ExpirationNotification, NoChangeNotification. To use parameter policies, upgrade the parameter to use "
                      f"the advanced-parameter tier. For more information, see {_TIERS}")
    if size > SIZES[asked]:
        if asked == "Standard":
            raise invalid("Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger "
                          "parameter value, upgrade the parameter to use the advanced-parameter tier. For more information, "
                          f"see {_TIERS}")
        raise invalid("Advanced tier parameters support a maximum parameter value of 8192 characters.")
    return asked


def check_tags(tags: dict[str, str], more: dict[str, str]) -> dict[str, str]:
    """The tags of a parameter after more were added."""
    if any(key.lower().startswith("aws:") for key in more):
        raise invalid("Tag keys starting with 'aws:' are reserved for system use.")
    together = {**tags, **more}
    if len(together) > 50:
        raise error.TooManyTagsError("The number of tags on this resource exceeds the maximum of 50.")
    return together
