"""Website endpoints: index and error documents, routing rules, and the pages that tell of errors.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteHosting.html
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any
from urllib.parse import quote

from cumulet.kernel import AwsError

from .faults import invalid_argument, invalid_request, malformed_xml

Website = Mapping[str, Any]
_MOST_RULES = 50
_TITLES = {400: "Bad Request", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 412: "Precondition Failed",
           416: "Requested Range Not Satisfiable", 500: "Internal Server Error", 503: "Service Unavailable"}


def checked(website: Website) -> Website:
    """A WebsiteConfiguration, or an error."""
    everything, index = website.get("RedirectAllRequestsTo"), website.get("IndexDocument")
    if everything is not None:
        if any(website.get(name) is not None for name in ("IndexDocument", "ErrorDocument", "RoutingRules")):
            raise malformed_xml()
        _check_protocol(everything)
        if not everything.get("HostName"):
            raise malformed_xml()
        return website
    if index is None:
        raise invalid_argument("A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty",
                               "IndexDocument", "null")
    if not index.get("Suffix") or "/" in index["Suffix"]:
        raise invalid_argument("The IndexDocument Suffix is not well formed", "IndexDocument", index.get("Suffix"))
    if website.get("ErrorDocument") is not None and not website["ErrorDocument"].get("Key"):
        raise malformed_xml()
    rules = website.get("RoutingRules")
    if rules is not None:
        if not 1 <= len(rules) <= _MOST_RULES:
            raise malformed_xml()
        for rule in rules:
            _check_rule(rule)
    return website


def _check_rule(rule: Mapping[str, Any]) -> None:
    condition, redirect = rule.get("Condition"), rule.get("Redirect")
    if not redirect or (condition is not None and not condition):
        raise malformed_xml()
    if redirect.get("ReplaceKeyWith") is not None and redirect.get("ReplaceKeyPrefixWith") is not None:
        raise invalid_request("You can only define ReplaceKeyPrefix or ReplaceKey but not both.")
    _check_protocol(redirect)
    code = redirect.get("HttpRedirectCode")
    if code is not None and (not code.isdigit() or not 300 < int(code) < 400):
        raise invalid_request(f"The provided HTTP redirect code ({code}) is not valid. Valid codes are 3XX except 300.")
    failing = (condition or {}).get("HttpErrorCodeReturnedEquals")
    if failing is not None and (not failing.isdigit() or not 400 <= int(failing) < 600):
        raise invalid_request(f"The provided HTTP error code ({failing}) is not valid. Valid codes are 4XX or 5XX.")


def _check_protocol(redirect: Mapping[str, Any]) -> None:
    if redirect.get("Protocol") not in (None, "http", "https"):
        raise invalid_request("Invalid protocol, protocol can be http or https. If not defined the protocol will be selected "
                              "automatically.")


def rule_for(website: Website, key: str, status: int = 0) -> Mapping[str, Any] | None:
    """The first routing rule about this key; status: of an error that occurred, else 0."""
    for rule in website.get("RoutingRules") or ():
        condition = rule.get("Condition") or {}
        failing = condition.get("HttpErrorCodeReturnedEquals")
        if (int(failing) if failing else 0) == status and key.startswith(condition.get("KeyPrefixEquals") or ""):
            found: Mapping[str, Any] = rule
            return found
    return None


def redirected(rule: Mapping[str, Any], key: str, scheme: str, host: str) -> dict[str, Any]:
    """Where a routing rule leads."""
    redirect, prefix = rule["Redirect"], (rule.get("Condition") or {}).get("KeyPrefixEquals") or ""
    if redirect.get("ReplaceKeyWith") is not None:
        key = redirect["ReplaceKeyWith"]
    elif redirect.get("ReplaceKeyPrefixWith") is not None:
        key = redirect["ReplaceKeyPrefixWith"] + key[len(prefix):]
    where = f"{redirect.get('Protocol') or scheme}://{redirect.get('HostName') or host}/{quoted(key)}"
    return {"StatusCode": int(redirect.get("HttpRedirectCode") or 301), "Location": where}


def quoted(key: str) -> str:
    return quote(key, safe="/-_.~!*'()")


def error_page(problem: AwsError, request_id: str, also: AwsError | None = None) -> dict[str, Any]:
    """The page of an error. also: what went wrong when the bucket's own error document was looked for."""
    status = problem.status or 404
    title = f"{status} {_TITLES.get(status, 'Error')}"
    lines = [*_lines(problem), ("RequestId", request_id)]
    page = [f"<html>\n<head><title>{title}</title></head>\n<body>\n<h1>{title}</h1>\n<ul>\n", _list(lines), "</ul>\n"]
    if also is not None:
        page += ["<h3>An Error Occurred While Attempting to Retrieve a Custom Error Document</h3>\n<ul>\n", _list(_lines(also)),
                 "</ul>\n"]
    page.append("<hr/>\n</body>\n</html>\n")
    return {"StatusCode": status, "ContentType": "text/html; charset=utf-8", "Body": "".join(page).encode(),
            "ErrorCode": problem.code, "ErrorMessage": problem.message}


def _lines(problem: AwsError) -> list[tuple[str, str]]:
    return [("Code", problem.code), ("Message", problem.message),
            *((name, str(value)) for name, value in problem.members.items() if name[0].isupper())]


def _list(lines: list[tuple[str, str]]) -> str:
    return "".join(f"<li>{name}: {escape(value)}</li>\n" for name, value in lines)
