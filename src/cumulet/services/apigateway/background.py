"""What happens unasked: what was answered at the doors is told to CloudWatch and Logs."""

from __future__ import annotations

from collections.abc import Sequence

from cumulet.kernel import Answer, Call

from . import recording


@Answer.heard("restApiId")
def heard(call: Call, answers: Sequence[Answer]) -> None:
    """Requests at the doors: they come without an operation's name, and what is to be told of them as their only member."""
    notes = [one.members[0] for one in answers if not one.operation and one.members and one.members[0]]
    if notes:
        recording.write(call, notes)
