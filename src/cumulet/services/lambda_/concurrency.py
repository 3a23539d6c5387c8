"""How many events an account and its functions may work on at once. Rules over the table of functions."""

from __future__ import annotations

from cumulet.kernel import Call

from .resources import Function

ACCOUNT, LEAST_UNRESERVED = 1000, 100
_RESERVED = """SELECT "FunctionName", "ReservedConcurrentExecutions" FROM {table} WHERE scope = {scope}
               AND "ReservedConcurrentExecutions" IS NOT NULL"""


def reserved(call: Call, but: str = "") -> int:
    """What the functions of the account and region have reserved for themselves, but one."""
    return sum(most for name, most in call.table(Function).known_sql(_RESERVED) if name != but)


def unreserved(call: Call) -> int:
    """What is left for all others together."""
    return ACCOUNT - reserved(call)
