"""The mailbox over the control API: what this cloud would have sent to people, and what they answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from ..kernel.access.contract import service_principal
from ..kernel.call import Call
from ..kernel.cloud import Cloud
from ..kernel.http.message import Request
from ..kernel.record import mailbox
from ..kernel.record.mailbox import Sent
from ..kernel.store.contract import Transaction

if TYPE_CHECKING:
    from email.message import EmailMessage

MOST = 500


async def told(cloud: Cloud, request: Request) -> dict[str, Any]:
    """?id=N: one message whole. Else the newest first: ?account=, ?kind=mail|sms|push, ?to=, ?before=ID, ?limit=N."""
    asked = {name: values[0] for name, values in parse_qs(request.query).items()}
    if "id" in asked:
        number = int(asked["id"])
        found = await cloud.store.run(lambda tx: mailbox.read(tx, number))
        if found is None:
            raise ValueError(f"there is no message {number}")
        return whole(found)
    limit = min(int(asked.get("limit", "50")), MOST)

    def look(tx: Transaction) -> list[Sent]:
        return mailbox.newest(tx, asked.get("account", ""), asked.get("kind", ""), asked.get("to", ""),
                              int(asked.get("before", "0")), limit)

    return {"messages": [_line(sent) for sent in await cloud.store.run(look)]}


async def phone(cloud: Cloud, asked: dict[str, Any]) -> dict[str, Any]:
    """{"account", "region", "from": number, "text": "STOP"}: somebody answers. {"account", "region", "sandbox": false}: leave
    the sandbox for texts, as AWS's support would let one."""
    from ..services.sns import phones

    account, region = str(asked.get("account") or cloud.settings.account), str(asked.get("region") or cloud.settings.region)
    principal = service_principal(cloud.catalog.load("sns").principal, account)

    def do(tx: Transaction) -> dict[str, Any]:
        call = Call(cloud, tx, "sns", "Reply", account, region, principal, cloud.clock.now(), endpoint=cloud.endpoint)
        if "sandbox" in asked:
            return {"sandbox": phones.set_sandbox(call, asked["sandbox"] is True)}
        return {"optedOut": phones.reply(call, str(asked["from"]), str(asked["text"]))}

    return await cloud.store.run(do)


async def cleared(cloud: Cloud, account: str) -> dict[str, Any]:
    """Empty it, for one account or ("") for all."""
    return {"removed": await cloud.store.run(lambda tx: mailbox.clear(tx, account))}


def _line(sent: Sent) -> dict[str, Any]:
    return {"id": sent.id, "at": sent.at, "account": sent.account, "region": sent.region, "service": sent.service,
            "kind": sent.kind, "from": sent.sender, "to": sent.to, "subject": sent.subject, "problem": sent.problem}


def whole(sent: Sent) -> dict[str, Any]:
    """A message with its text, and of a mail the HTML and the source."""
    raw = sent.raw.decode("utf-8", "replace")
    told = _line(sent)
    if sent.kind != "mail":
        return {**told, "text": raw}
    from email import message_from_bytes, policy  # here: who starts a server should not wait for it
    from email.message import EmailMessage

    mail = message_from_bytes(sent.raw, EmailMessage, policy=policy.default)
    return {**told, "text": _part(mail, "plain"), "html": _part(mail, "html"), "raw": raw,
            "attachments": [part.get_filename() or part.get_content_type() for part in mail.iter_attachments()]}


def _part(mail: EmailMessage, subtype: str) -> str:
    part = mail.get_body((subtype,))
    return str(part.get_content()) if part is not None else ""
