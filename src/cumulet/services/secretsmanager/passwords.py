"""Random passwords: of which characters, and with at least one of each kind."""

from __future__ import annotations

import string
from collections.abc import Callable

from .secrets import invalid

Pick = Callable[[int, str], str]       # so many characters of an alphabet


def kinds(excluded: str, numbers: bool, punctuation: bool, upper: bool, lower: bool, space: bool) -> list[str]:
    """The alphabets that a password is made of; each flag says whether that kind is in."""
    wanted = ((lower, string.ascii_lowercase), (upper, string.ascii_uppercase), (numbers, string.digits),
              (punctuation, string.punctuation), (space, " "))
    return ["".join(c for c in alphabet if c not in excluded) for included, alphabet in wanted if included]


def password(length: int, alphabets: list[str], each: bool, pick: Pick) -> str:
    """A password. Raises what AWS answers when there is none."""
    if each and any(not alphabet for alphabet in alphabets):
        raise invalid("You can't exclude all characters of a type and require each included type.")
    alphabet = "".join(alphabets)
    if not alphabet:
        raise invalid("You can't exclude all characters from the password.")
    if not each:
        return pick(length, alphabet)
    if length < len(alphabets):
        raise invalid("The password length is less than the number of required character types.")
    characters = [pick(1, one) for one in alphabets] + list(pick(length - len(alphabets), alphabet))
    # Shuffled by sorting after chance: the required ones are not at the front.
    order = [pick(12, string.ascii_letters) for _ in characters]
    return "".join(character for _, character in sorted(zip(order, characters, strict=True)))
