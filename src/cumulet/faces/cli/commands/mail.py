"""`cumulet mail`."""

from __future__ import annotations

import html
import tempfile
import webbrowser
from datetime import UTC, datetime
from typing import Any

import click

from ..base import Failure, Output, endpoint_option, fail_usage
from ..base import command as declare
from ..remote import Remote, remote


@declare("mail", short_help="Mails, texts and pushes that this cloud sent.")
@endpoint_option
@click.option("--account", default="", metavar="ID", help="Only of this account.")
@click.option("--kind", type=click.Choice(["mail", "sms", "push"]), help="Only of this kind.")
@click.option("--to", default="", metavar="TEXT", help="Only to an address or number that has this in it.")
@click.option("-n", "--lines", default=20, show_default=True, metavar="N", help="With list: how many, the newest first.")
@click.option("--raw", is_flag=True, help="With show: the whole source of a mail.")
@click.argument("verb", type=click.Choice(["list", "show", "open", "clear"]), default="list")
@click.argument("number", required=False, type=int)
def command(out: Output, endpoint: str | None, account: str, kind: str | None, to: str, lines: int, raw: bool, verb: str,
            number: int | None) -> None:
    """Nothing leaves this machine: what AWS would send to people is kept here.

    \b
    cumulet mail                      what there is, the newest first
    cumulet mail show [N]             read one: by its number, or the newest
    cumulet mail open [N]             look at it in a browser
    cumulet mail clear --account ID   throw away
    """
    server = remote(endpoint)
    asked: dict[str, Any] = {"account": account, "kind": kind, "to": to}
    if verb == "list":
        found = server.get("/_cumulet/mail", limit=lines, **asked)
        out.show(found, lambda: "\n".join(map(_line, found["messages"])) or "There is no message.")
    elif verb == "clear":
        if number is not None or kind or to:
            fail_usage("An account's whole mailbox is cleared, or everybody's: only --account counts.")
        removed = server.post("/_cumulet/mail/clear", {"account": account})
        out.show(removed, lambda: f"{removed['removed']} messages removed.")
    else:
        message = _one(server, number, asked)
        if verb == "show":
            out.show(message, lambda: _text(message, raw))
        else:
            webbrowser.open(_page(message))


def _one(server: Remote, number: int | None, asked: dict[str, Any]) -> dict[str, Any]:
    if number is None:
        newest = server.get("/_cumulet/mail", limit=1, **asked)["messages"]
        if not newest:
            raise Failure("There is no message.")
        number = newest[0]["id"]
    return server.get("/_cumulet/mail", id=number)


def _when(message: dict[str, Any]) -> str:
    return datetime.fromtimestamp(message["at"], UTC).isoformat(sep=" ", timespec="seconds").removesuffix("+00:00")


def _line(message: dict[str, Any]) -> str:
    told = f"{message['id']:>5}  {_when(message)}  {message['kind']:<4}  {', '.join(message['to'])}  {message['subject']}"
    return f"{told}  ✗ {message['problem']}" if message["problem"] else told


def _text(message: dict[str, Any], raw: bool) -> str:
    if raw:
        return str(message.get("raw") or message["text"])
    head = [f"From: {message['from']}", f"To: {', '.join(message['to'])}", f"Date: {_when(message)}"]
    if message["subject"]:
        head.append(f"Subject: {message['subject']}")
    if message["problem"]:
        head.append(f"Not delivered: {message['problem']}")
    return "\n".join([*head, "", message["text"] or message.get("html", "")])


def _page(message: dict[str, Any]) -> str:
    """The address of a file that a browser can show."""
    body = message.get("html") or f"<pre>{html.escape(message['text'])}</pre>"
    head = "".join(f"<div>{html.escape(line)}</div>" for line in _text({**message, "text": ""}, False).splitlines() if line)
    with tempfile.NamedTemporaryFile("w", suffix=".html", prefix="cumulet-mail-", delete=False) as file:
        file.write(f'<!doctype html><meta charset="utf-8"><title>{html.escape(message["subject"])}</title>'
                   f"<header>{head}</header><hr>{body}")
    return f"file://{file.name}"
