"""Tokens → tree: recursive descent with AWS's precedence (comparisons, NOT, AND, OR) and its messages.

Pure and kept: the same text with the same names is parsed once (a bounded number of them).
"""

from __future__ import annotations

from functools import lru_cache

from cumulet.kernel import error

from .lexer import Source, Token
from .reserved import RESERVED
from .syntax import Action, And, Between, Compare, Function, In, Node, Not, Operand, Or, Path, Placeholder, Sum, Tree

Names = tuple[tuple[str, str], ...]          # ExpressionAttributeNames, hashable
# name → fewest and most arguments
CONDITIONS = {"attribute_exists": (1, 1), "attribute_not_exists": (1, 1), "attribute_type": (2, 2), "begins_with": (2, 2),
              "contains": (2, 2)}
OPERANDS = {"size": (1, 1)}
UPDATES = {"if_not_exists": (2, 2), "list_append": (2, 2)}
_SIGNS = frozenset({"=", "<>", "<", "<=", ">", ">="})
_MOST_OPTIONS = 100
_MOST_OPERATORS = 300
_DEEPEST = 100                               # of parentheses and NOTs, so that no text can exhaust the stack


@lru_cache(512)
def condition(label: str, text: str, names: Names) -> Tree:
    """A ConditionExpression, FilterExpression or KeyConditionExpression."""
    parser = _Parser(Source(label, text), names, CONDITIONS | OPERANDS)
    root = parser.either(0)
    parser.must_be_condition(root)
    return parser.finish(root)                                                  # type: ignore[arg-type]


@lru_cache(512)
def projection(label: str, text: str, names: Names) -> Tree:
    """A ProjectionExpression."""
    parser = _Parser(Source(label, text), names, {})
    paths = [parser.path()]
    while parser.skip(","):
        paths.append(parser.path())
    return parser.finish(tuple(paths))


@lru_cache(512)
def update(label: str, text: str, names: Names) -> Tree:
    """An UpdateExpression."""
    parser = _Parser(Source(label, text), names, UPDATES)
    actions: list[Action] = []
    seen: set[str] = set()
    while parser.token.kind != "end":
        verb = parser.token.text.upper()
        if parser.token.kind != "keyword" or verb not in ("SET", "REMOVE", "ADD", "DELETE"):
            raise parser.unexpected()
        if verb in seen:
            raise parser.source.invalid(f'The "{verb}" section can only be used once in an update expression;')
        seen.add(verb)
        parser.advance()
        actions.append(parser.action(verb))
        while parser.skip(","):
            actions.append(parser.action(verb))
    return parser.finish(tuple(actions))


class _Parser:
    def __init__(self, source: Source, names: Names, functions: dict[str, tuple[int, int]]) -> None:
        self.source = source
        self.names = dict(names)
        self.functions = functions
        self.at = 0
        self.token: Token = source.tokens[0]
        self.aliases: set[str] = set()
        self.values: set[str] = set()
        self.operators = 0

    def advance(self) -> Token:
        token = self.token
        self.at += 1
        self.token = self.source.tokens[self.at] if self.at < len(self.source.tokens) else token
        return token

    def unexpected(self) -> Exception:
        return self.source.unexpected(self.at)

    def skip(self, text: str) -> bool:
        if self.token.text == text and self.token.kind == "sign":
            self.advance()
            return True
        return False

    def expect(self, text: str) -> None:
        if not self.skip(text):
            raise self.unexpected()

    def word(self, text: str) -> bool:
        if self.token.kind == "keyword" and self.token.text.upper() == text:
            self.advance()
            return True
        return False

    def finish(self, root: Node | tuple[Path, ...] | tuple[Action, ...]) -> Tree:
        if self.token.kind != "end":
            raise self.unexpected()
        if self.operators > _MOST_OPERATORS:
            raise self.source.invalid(
                f"The expression contains too many operators; operator count: {self.operators}")
        return Tree(root, frozenset(self.aliases), frozenset(self.values))

    # --- conditions ---

    def either(self, depth: int) -> Node | Operand:
        parts = [self.both(depth)]
        while self.token.kind == "keyword" and self.token.text.upper() == "OR":
            self.must_be_condition(parts[-1])
            self.advance()
            self.operators += 1
            parts.append(self.both(depth))
            self.must_be_condition(parts[-1])
        return parts[0] if len(parts) == 1 else Or(tuple(parts))                # type: ignore[arg-type]

    def both(self, depth: int) -> Node | Operand:
        parts = [self.negated(depth)]
        while self.token.kind == "keyword" and self.token.text.upper() == "AND":
            self.must_be_condition(parts[-1])
            self.advance()
            self.operators += 1
            parts.append(self.negated(depth))
            self.must_be_condition(parts[-1])
        return parts[0] if len(parts) == 1 else And(tuple(parts))               # type: ignore[arg-type]

    def negated(self, depth: int) -> Node | Operand:
        if depth > _DEEPEST:
            raise self.source.invalid("The expression is nested too deeply;")
        if self.word("NOT"):
            self.operators += 1
            part = self.negated(depth + 1)
            self.must_be_condition(part)
            return Not(part)                                                    # type: ignore[arg-type]
        return self.comparison(depth)

    def must_be_condition(self, node: Node | Operand) -> None:
        if isinstance(node, (Path, Placeholder, Sum)) or (isinstance(node, Function) and node.name not in CONDITIONS):
            raise self.unexpected()

    def comparison(self, depth: int) -> Node | Operand:
        """A condition; or a bare operand, which is right only inside parentheses before a comparator."""
        left = self.primary(depth)
        if isinstance(left, (Compare, Between, In, And, Or, Not)):
            return left
        sign = self.token
        if sign.kind == "sign" and sign.text in _SIGNS:
            self.advance()
            self.operators += 1
            right = self.side(depth)
            return Compare(sign.text, self.operand_of(left), right)
        if self.word("BETWEEN"):
            self.operators += 1
            low = self.side(depth)
            if not self.word("AND"):
                raise self.unexpected()
            return Between(self.operand_of(left), low, self.side(depth))
        if self.word("IN"):
            self.operators += 1
            return self.options(self.operand_of(left), depth)
        return left

    def options(self, left: Operand, depth: int) -> In:
        self.expect("(")
        found = [self.side(depth)]
        while self.skip(","):
            found.append(self.side(depth))
        self.expect(")")
        if len(found) > _MOST_OPTIONS:
            raise self.source.invalid("Incorrect number of operands for operator or function; operator or function: IN, "
                                      f"number of operands: {len(found) + 1}")
        return In(left, tuple(found))

    def side(self, depth: int) -> Operand:
        found = self.primary(depth)
        if isinstance(found, (Compare, Between, In, And, Or, Not)):
            raise self.unexpected()
        return self.operand_of(found)

    def operand_of(self, found: Operand) -> Operand:
        if isinstance(found, Function) and found.name in CONDITIONS:
            raise self.source.invalid(
                f"The function is not allowed to be used this way in an expression; function: {found.name}")
        return found

    def primary(self, depth: int) -> Node | Operand:
        if not self.skip("("):
            return self.operand(depth)
        doubled = self.token.text == "(" and self.token.kind == "sign"
        start = self.at
        inside = self.either(depth + 1)
        if doubled and self.source.tokens[self.at - 1].text == ")" and self.closes(start, self.at - 1):
            raise self.source.invalid("The expression has redundant parentheses;")
        self.expect(")")
        return inside

    def closes(self, opened: int, closed: int) -> bool:
        """Is this closing parenthesis that of this opening one?"""
        level = 0
        for at in range(opened, closed + 1):
            token = self.source.tokens[at]
            if token.kind == "sign":
                level += (token.text == "(") - (token.text == ")")
                if level == 0:
                    return at == closed
        return False

    # --- operands ---

    def operand(self, depth: int = 0) -> Operand:
        token = self.token
        if token.kind == "value":
            self.advance()
            self.values.add(token.text)
            return Placeholder(token.text)
        if token.kind == "name" and self.source.tokens[self.at + 1].text == "(":
            return self.function(depth)
        return self.path()

    def function(self, depth: int) -> Function:
        if depth > _DEEPEST:
            raise self.source.invalid("The expression is nested too deeply;")
        name = self.advance().text
        self.advance()
        found = [self.operand(depth + 1)]
        while self.skip(","):
            found.append(self.operand(depth + 1))
        self.expect(")")
        self.operators += 1
        if name not in self.functions:
            known = name in CONDITIONS or name in OPERANDS or name in UPDATES
            raise self.source.invalid(
                f"The function is not allowed in {self.described()} expression; function: {name}" if known
                else f"Invalid function name; function: {name}")
        fewest, most = self.functions[name]
        if not fewest <= len(found) <= most:
            raise self.source.invalid("Incorrect number of operands for operator or function; operator or function: "
                                      f"{name}, number of operands: {len(found)}")
        return Function(name, tuple(found))

    def described(self) -> str:
        return {"UpdateExpression": "an update", "ConditionExpression": "a condition", "FilterExpression": "a filter",
                "KeyConditionExpression": "a key condition"}.get(self.source.label, "a projection")

    def path(self) -> Path:
        parts: list[str | int] = [self.name()]
        while True:
            if self.skip("."):
                parts.append(self.name())
            elif self.skip("["):
                if self.token.kind != "index":
                    raise self.unexpected()
                parts.append(int(self.advance().text))
                self.expect("]")
            else:
                return Path(tuple(parts))

    def name(self) -> str:
        token = self.token
        if token.kind == "alias":
            self.advance()
            found = self.names.get(token.text)
            if found is None:
                raise self.source.invalid("An expression attribute name used in the document path is not defined; "
                                          f"attribute name: {token.text}")
            self.aliases.add(token.text)
            return found
        if token.kind not in ("name", "keyword"):
            raise self.unexpected()
        if token.text.upper() in RESERVED:
            if token.kind == "keyword":
                raise self.unexpected()
            raise self.source.invalid(f"Attribute name is a reserved keyword; reserved keyword: {token.text}")
        self.advance()
        return token.text

    # --- updates ---

    def action(self, verb: str) -> Action:
        path = self.path()
        if verb == "REMOVE":
            return Action(verb, path, None)
        if verb == "SET":
            self.expect("=")
            return Action(verb, path, self.setting())
        operand = self.operand()
        if not isinstance(operand, Placeholder):
            raise self.source.invalid(f"Syntax error; token: \"{self.source.tokens[self.at - 1].text}\", near: "
                                      f"\"{self.source.text[self.source.tokens[self.at - 2].start:self.token.end]}\"")
        return Action(verb, path, operand)

    def setting(self) -> Operand:
        left = self.setting_side()
        sign = self.token
        if sign.kind == "sign" and sign.text in "+-":
            self.advance()
            self.operators += 1
            return Sum(sign.text, left, self.setting_side())
        return left

    def setting_side(self) -> Operand:
        if self.skip("("):
            inside = self.setting()
            self.expect(")")
            return inside
        return self.operand()


def names_of(names: dict[str, str] | None) -> Names:
    """ExpressionAttributeNames, checked, as part of a key."""
    if names is None:
        return ()
    if not names:
        raise error.ValidationException("ExpressionAttributeNames must not be empty")
    for alias in names:
        if len(alias) < 2 or alias[0] != "#" or not _word(alias[1:]):
            raise error.ValidationException(
                f'ExpressionAttributeNames contains invalid key: Syntax error; key: "{alias}"')
    return tuple(sorted(names.items())) if len(names) > 1 else tuple(names.items())


def _word(text: str) -> bool:
    return text.isascii() and text.replace("_", "a").isalnum()
