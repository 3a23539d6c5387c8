"""Hands the mails of the mailbox on to a mail server (`--smtp`), each at least once and in order.

How far it came is kept with the state. What is in the mailbox when a relay begins for the first time stays there.
"""

from __future__ import annotations

import asyncio
import logging
import smtplib
from functools import partial

from ...kernel.cloud import Cloud
from ...kernel.record import mailbox
from ...kernel.record.mailbox import Sent

log = logging.getLogger("cumulet.mail")

_SECONDS = 10.0                        # for the server to answer; and before it is asked again when it does not
_LOOK = 0.5                            # seconds between two looks into the mailbox
_AT_ONCE = 20


class Relay:
    """One cloud's. address: host:port."""

    def __init__(self, cloud: Cloud, address: str) -> None:
        self._cloud = cloud
        host, _, port = address.rpartition(":")
        self._host, self._port = host, int(port)

    async def run(self) -> None:
        """Until it is cancelled."""
        store = self._cloud.store
        await store.run(mailbox.begin_relay)
        while True:
            waiting = await store.run(lambda tx: mailbox.to_relay(tx, _AT_ONCE))
            if not await self._all(waiting):
                await asyncio.sleep(_SECONDS)
            elif len(waiting) < _AT_ONCE:
                await asyncio.sleep(_LOOK)

    async def _all(self, waiting: list[Sent]) -> bool:
        """Send them; False when the server cannot be reached."""
        for sent in waiting:
            if sent.kind == "mail" and not sent.problem:
                try:
                    await asyncio.to_thread(self._send, sent)
                except (OSError, smtplib.SMTPException) as problem:
                    if not _for_good(problem):
                        log.warning("the mail server %s:%d does not take mails now: %s", self._host, self._port, problem)
                        return False
                    log.warning("the mail server refuses mail %d: %s", sent.id, problem)
            await self._cloud.store.run(partial(mailbox.relayed, number=sent.id))
        return True

    def _send(self, sent: Sent) -> None:
        with smtplib.SMTP(self._host, self._port, timeout=_SECONDS) as server:
            server.sendmail(sent.sender, sent.to, sent.raw)


def _for_good(problem: Exception) -> bool:
    """Will the server not take this mail later either?"""
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in problem.recipients.values())
    return isinstance(problem, smtplib.SMTPResponseException) and problem.smtp_code >= 500
