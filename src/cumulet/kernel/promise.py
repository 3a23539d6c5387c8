"""A parameter is a promise: an operation bound to its model, with its page tokens, checked when it loads."""

from __future__ import annotations

import base64
import binascii
import inspect
from typing import Any

import msgspec

from .call import Call, Page
from .declare import Background, Operation
from .errors import AwsError

# What SDKs send by habit and what is rightly without effect here; reported in coverage.
BY_HABIT = frozenset({"ChecksumAlgorithm"})
_BAD_TOKENS = ("InvalidNextTokenException", "InvalidNextToken", "InvalidMarkerException", "InvalidPaginationTokenException",
               "InvalidPaginationToken", "InvalidTokenException", "InvalidParameterValueException", "InvalidParameterException",
               "ValidationException", "InvalidParameterValue", "ValidationError")


class Promise:
    """One operation and the members that it honours. `run(call, members)` does it."""

    __slots__ = ("_allowed", "_dry", "_pages", "_without_effect", "api", "fn", "heard", "name", "promised", "said", "waits")

    def __init__(self, api: str, said: Operation, model: Any) -> None:
        self.api = api
        self.name = said.name
        self.said = said
        self.fn = said.run
        self.waits = said.waits
        self.heard: Background | None = None           # what of the service wants to hear of its answers
        self._pages = _Pages(said, model) if said.pages else None
        operation = model.operations[said.name]
        known, required = frozenset(operation.members), frozenset(operation.required)
        promised = said.members | said.accepts | (self._pages.members if self._pages else frozenset())
        if unknown := (said.members | said.accepts) - known:
            raise TypeError(f"{api}:{said.name} has no member {', '.join(sorted(unknown))}")
        if missing := required - promised:
            raise TypeError(f"{api}:{said.name} must take {', '.join(sorted(missing))}")
        self._allowed = promised | BY_HABIT
        self._without_effect = said.accepts | BY_HABIT
        self.promised = said.members | (self._pages.members if self._pages else frozenset())     # these have an effect
        # EC2's way to ask "may I, and would it work": all is done and then undone.
        self._dry = "DryRun" in known and model.protocol == "ec2"
        if self._dry:
            self._allowed |= {"DryRun"}

    @property
    def accepted(self) -> frozenset[str]:
        return self.said.accepts

    def run(self, call: Call, members: dict[str, Any]) -> Any:
        """Do it. Raises 501 when the request carries a member that is not honoured."""
        if self._pages is None and members.keys() <= self.promised:      # nothing else is to be looked at
            return self.fn(call, **members)
        if not members.keys() <= self._allowed:
            names = ", ".join(sorted(members.keys() - self._allowed))
            raise AwsError("NotImplemented",
                           f"{self.name} does not honour {names} yet. See `cumulet coverage {self.api}`.", 501)
        if self._dry and members.pop("DryRun", False):
            self.run(call, members)
            raise AwsError("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412)
        if not self._without_effect.isdisjoint(members):
            members = {k: v for k, v in members.items() if k in self.promised}
        if self._pages is not None:
            return self._pages.run(call, self.fn, members)
        return self.fn(call, **members)


class _Pages:
    """Fills `page` from the request and writes its token into the result, as the model's paginator names them."""

    def __init__(self, said: Operation, model: Any) -> None:
        paginator = model.paginators.get(said.name)
        if paginator is None or not isinstance(paginator["input_token"], str):
            raise TypeError(f"{said.name} has no paginator with one token: take its members by hand")
        default = inspect.signature(said.run).parameters["page"].default
        assert isinstance(default, Page)
        self._default, self._most = default.limit, default.most
        self._token_in: str = paginator["input_token"]
        self._token_out: str = paginator["output_token"].split(" || ")[0]
        self._limit: str = paginator.get("limit_key", "")
        self._more: str = paginator.get("more_results", "")
        self.members = frozenset(filter(None, (self._token_in, self._limit)))
        errors = model.operations[said.name].errors
        self._bad = next((e for e in _BAD_TOKENS if e in errors), "ValidationException")

    def run(self, call: Call, fn: Any, members: dict[str, Any]) -> Any:
        limit = members.pop(self._limit, None) if self._limit else None
        token = members.pop(self._token_in, None)
        size = self._default if limit is None else min(int(limit), self._most)
        page: Page[Any] = Page(size, self._most, self._read(token) if token else None)
        result = dict(fn(call, page=page, **members))
        if page.next is not None:
            result[self._token_out] = token_of(page.next)
        if self._more:
            result[self._more] = page.next is not None
        return result

    def _read(self, token: str) -> Any:
        try:
            return msgspec.json.decode(base64.b64decode(token.encode(), altchars=b"-_", validate=True))
        except (binascii.Error, msgspec.MsgspecError, ValueError):
            raise AwsError(self._bad, f"The {self._token_in} is not valid.") from None


def token_of(after: Any) -> str:
    """An opaque page token: where the page ended."""
    return base64.urlsafe_b64encode(msgspec.json.encode(after)).decode()
