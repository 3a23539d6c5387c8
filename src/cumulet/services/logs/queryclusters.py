"""The `pattern` command: events that are written alike are one pattern, in which what varies is `<*>`.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Pattern.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from .queryparser import Command
from .queryrows import Batch
from .queryvalues import text

COLUMNS = ("@pattern", "@ratio", "@sampleCount", "@severityLabel")
ANY = "<*>"
_MOST_MERGED = 1000
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
        counts = self._counts
        for value in self._value.column(batch):
            if value is not None:
                found = left_out(text(value))
                counts[found] = counts.get(found, 0) + 1

    def batch(self) -> Batch:
        """A row each pattern, the most frequent one first."""
        total = sum(self._counts.values())
        rows = [(pattern, round(count / total, 4), count, severity(pattern)) for pattern, count in merged(self._counts)]
        return Batch(len(rows), {name: [row[i] for row in rows] for i, name in enumerate(COLUMNS)})


def left_out(message: str) -> str:
    """A text without what varies in any case."""
    return _VARYING.sub(ANY, message)


def tokens_of(pattern: str) -> list[str]:
    found: list[str] = _TOKEN.findall(pattern)
    return found


def merged(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Patterns of as many tokens that differ in few of them are one; the rare ones of very many stay as they are. The most
    frequent ones first."""
    clusters: dict[int, list[tuple[list[str], list[int]]]] = {}
    by_count = sorted(counts.items(), key=lambda each: -each[1])
    for pattern, count in by_count[:_MOST_MERGED]:
        tokens = tokens_of(pattern)
        for known, several in clusters.setdefault(len(tokens), []):
            if alike(known, tokens):
                known[:] = [a if a == b else ANY for a, b in zip(known, tokens, strict=True)]
                several.append(count)
                break
        else:
            clusters[len(tokens)].append((tokens, [count]))
    found = [("".join(tokens), sum(several)) for same in clusters.values() for tokens, several in same]
    found += by_count[_MOST_MERGED:]
    return sorted(found, key=lambda each: (-each[1], each[0]))


def alike(known: list[str], tokens: list[str]) -> bool:
    """Words may differ, some of them, but not the first one, and nothing that stands between words."""
    pairs = list(zip(known, tokens, strict=True))
    if any(a != b and not (_is_word(a) and _is_word(b)) for a, b in pairs):
        return False
    words = [a in (b, ANY) for a, b in pairs if _is_word(a)]
    return bool(words) and words[0] and sum(words) >= _ALIKE * len(words)


def _is_word(token: str) -> bool:
    return token == ANY or token[0].isalnum()


def severity(pattern: str) -> str | None:
    found = _SEVERITIES.search(pattern)
    return found[1].upper() if found else None
