"""The words of a text, for services that search in texts: apsw brings Unicode's rules and Porter's stemmer along."""

from __future__ import annotations

import apsw


def split(text: str) -> list[str]:
    """By Unicode's rules (UAX #29), in small letters; of scripts without spaces each character is one."""
    from apsw.unicode import word_iter

    return [word.lower() for word in word_iter(text)]


def stems(words: list[str]) -> list[str]:
    """English words without their endings: `running` and `runs` are `run`."""
    stem = apsw.Connection(":memory:").fts5_tokenizer("porter", ["unicode61", "remove_diacritics", "0"])
    found = stem(" ".join(words).encode(), apsw.FTS5_TOKENIZE_DOCUMENT, None, include_offsets=False, include_colocated=False)
    return [str(word) for word in found]
