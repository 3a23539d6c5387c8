"""Regular expressions that users write in queries and transformers: none may take time without end.

Python's matcher can take exponential time where a repetition or a choice is repeated (`(a+)+b`, `(a|aa)+b`), and nowhere
else. Such an expression is answered by the kernel's automaton where only yes or no is asked, and refused where its groups are.
"""

from __future__ import annotations

import re
from collections.abc import Callable

Matches = Callable[[str, str], bool]

_PIECE = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\((?:\?(?:P?<[^=!>][^>]*>|[:=!>]|<[=!]))?|\)|[*+]\??"
                    r"|\{\d*(?:,\d*)?\}\??|\|", re.DOTALL)
_NAMED = re.compile(r"\(\?<([A-Za-z_]\w*)>")


class Endless(ValueError):
    """It could take too long."""


def repeats_repetitions(pattern: str) -> bool:
    """Is something repeated without end that repeats something without end itself, or chooses?"""
    inside = [False]                   # of each open group: is there a repetition or a choice in it?
    closed = False                     # has the group that was closed just now one?
    for piece in _PIECE.finditer(pattern):
        text = piece[0]
        ended, closed = closed and pattern[piece.start() - 1] == ")", False
        if text.startswith("("):
            inside.append(False)
        elif text == ")":
            closed = inside.pop() if len(inside) > 1 else False
            inside[-1] = inside[-1] or closed
        elif text == "|":
            inside[-1] = True
        elif text[0] in "*+" or (text[0] == "{" and text.rstrip("?").endswith(",}")):
            if ended:
                return True
            inside[-1] = True
    return False


def compiled(pattern: str) -> re.Pattern[str]:
    """With groups. Raises re.error, or Endless."""
    found = re.compile(_NAMED.sub(r"(?P<\1>", pattern))
    if repeats_repetitions(pattern):
        raise Endless("it repeats repetitions, and could take too long")
    return found


def searching(pattern: str, matches: Matches) -> Callable[[str], object]:
    """Does a text hold what an expression describes? Raises re.error; the test: ValueError where it cannot tell in time."""
    try:
        return compiled(pattern).search
    except Endless:
        whole = rf"[\s\S]*(?:{_NAMED.sub('(', pattern)})[\s\S]*"
        return lambda text: matches(whole, text)
