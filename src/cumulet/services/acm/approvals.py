"""Validation by mail: a link leads to a page where the owner of a domain approves. The link's secret is kept as a hash."""

from __future__ import annotations

import hashlib
import hmac
from email.message import EmailMessage
from typing import Any
from urllib.parse import quote

from cumulet.kernel import Call

from .resources import Certificate

PATH = "/_acm/"
_FROM = "no-reply@certificates.amazon.com"


def send(call: Call, row: Certificate, one: dict[str, Any]) -> None:
    """The mail about one of the certificate's names, with a link of its own; earlier links are good no more."""
    secret, name = call.token(40), one["DomainName"]
    row.approvals = {**row.approvals, name: _digest(row, name, secret)}
    link = f"{call.endpoint}{PATH}{call.account}/{call.region}/{row.id}/{quote(name)}/{secret}"
    message = EmailMessage()
    message["From"], message["To"] = _FROM, ", ".join(one["ValidationEmails"])
    message["Subject"] = f"Certificate approval for {name}"
    message.set_content(f"Account {call.account} asks for a certificate in {call.region} for:\n\n{name}\n\n"
                        f"Certificate: {row.CertificateArn}\n\nTo approve it, go to\n\n{link}\n")
    call.mail("mail", _FROM, one["ValidationEmails"], str(message["Subject"]), message.as_bytes())


def mark(row: Certificate, name: str, secret: str) -> bool:
    """This name is approved, if the secret is that of its last mail."""
    kept = row.approvals.get(name, "")
    if row.status != "PENDING_VALIDATION" or not kept or not hmac.compare_digest(kept, _digest(row, name, secret)):
        return False
    row.validations = [one | {"ValidationStatus": "SUCCESS"} if one["DomainName"] == name else one for one in row.validations]
    row.approvals = {other: digest for other, digest in row.approvals.items() if other != name}
    return True


def _digest(row: Certificate, name: str, secret: str) -> str:
    return hashlib.sha256(f"{row.id} {name} {secret}".encode()).hexdigest()
