"""The `pattern` command: events that are written alike are one pattern, in which what varies is `<*>`.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Pattern.html
"""

from __future__ import annotations

import re

from .queryparser import Command
from .queryrows import Batch
from .queryvalues import text

COLUMNS = ("@pattern", "@ratio", "@sampleCount", "@severityLabel")
ANY = "<*>"
_ALIKE = 0.7                           # so much of two patterns is the same where they are one
_VARYING = re.compile(r"[\w.:/+-]*\d[\w.:/+-]*")       # what holds a digit: numbers, times, addresses, ids
_TOKEN = re.compile(r"<\*>|\w+|\s+|[^\w\s]")
_SEVERITIES = re.compile(r"\b(FATAL|CRITICAL|ERROR|WARN|INFO|DEBUG|TRACE)", re.IGNORECASE)


class Clusters:
    """The patterns of the events that came."""

    def __init__(self, command: Command) -> None:
        self._value = command.named[0].value
        self._counts: dict[str, int] = {}

    def take(self, batch: Batch) -> None:
        """Count what is the same once that which varies in any case is left out."""
        counts, leave_out = self._counts, _VARYING.sub
        for value in self._value.column(batch):
            if value is not None:
                found = leave_out(ANY, text(value))
                counts[found] = counts.get(found, 0) + 1

    def batch(self) -> Batch:
        """A row each pattern, the most frequent one first."""
        merged = self._merged()
        total = sum(self._counts.values())
        rows = [(pattern, round(count / total, 4), count, _severity(pattern)) for pattern, count in merged]
        return Batch(len(rows), {name: [row[i] for row in rows] for i, name in enumerate(COLUMNS)})

    def _merged(self) -> list[tuple[str, int]]:
        """Patterns of as many tokens that differ in few of them are one."""
        clusters: dict[int, list[tuple[list[str], list[int]]]] = {}
        for pattern, count in sorted(self._counts.items(), key=lambda each: -each[1]):
            tokens = _TOKEN.findall(pattern)
            for known, counts in clusters.setdefault(len(tokens), []):
                if _alike(known, tokens):
                    known[:] = [a if a == b else ANY for a, b in zip(known, tokens, strict=True)]
                    counts.append(count)
                    break
            else:
                clusters[len(tokens)].append((tokens, [count]))
        found = [("".join(tokens), sum(counts)) for several in clusters.values() for tokens, counts in several]
        return sorted(found, key=lambda each: (-each[1], each[0]))


def _alike(known: list[str], tokens: list[str]) -> bool:
    """Words may differ, some of them, but not the first one, and nothing that stands between words."""
    pairs = list(zip(known, tokens, strict=True))
    if any(a != b and not (_is_word(a) and _is_word(b)) for a, b in pairs):
        return False
    words = [a in (b, ANY) for a, b in pairs if _is_word(a)]
    return bool(words) and words[0] and sum(words) >= _ALIKE * len(words)


def _is_word(token: str) -> bool:
    return token == ANY or token[0].isalnum()


def _severity(pattern: str) -> str | None:
    found = _SEVERITIES.search(pattern)
    return found[1].upper() if found else None
