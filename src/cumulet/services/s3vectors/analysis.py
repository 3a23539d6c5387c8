"""How a text becomes the terms that full-text search compares.

The standard analyzer takes words by Unicode's rules (UAX #29) in small letters. English takes the words without stop words, as
their stems by Porter's rules.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-vectors-configuring-full-text-search.html
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from cumulet.kernel import Call

STANDARD, ENGLISH = "", "en"
LANGUAGES = (STANDARD, ENGLISH)
_LONGEST = 255                         # characters of a term
# Those of Lucene's English analyzer.
_STOP = frozenset({
    "a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "if", "in", "into", "is", "it", "no", "not", "of", "on",
    "or", "such", "that", "the", "their", "then", "there", "these", "they", "this", "to", "was", "will", "with"})


def terms(value: Any, language: str) -> Counter[str]:
    """The terms of a metadata value (a string, or a list with strings), and how often each is there."""
    texts = [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)]
    read = _english if language == ENGLISH else Call.words
    return Counter(term[:_LONGEST] for text in texts for term in read(text))


def _english(text: str) -> list[str]:
    return Call.stems([word for word in Call.words(text) if word not in _STOP])
