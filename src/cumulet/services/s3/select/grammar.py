"""Reads an S3 Select expression into a tree.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-select-sql-reference-select.html
"""

from __future__ import annotations

from .faults import refused
from .lexer import Token, tokens
from .nodes import AGGREGATES, Item, Node, Query

TYPES = frozenset({"BOOL", "BOOLEAN", "INT", "INTEGER", "STRING", "VARCHAR", "CHAR", "FLOAT", "DECIMAL", "NUMERIC",
                   "TIMESTAMP"})
_RESERVED = frozenset({"SELECT", "FROM", "WHERE", "LIMIT", "AS", "AND", "OR", "NOT", "IN", "IS", "LIKE", "BETWEEN", "ESCAPE",
                       "CASE", "WHEN", "THEN", "ELSE", "END", "CAST", "GROUP", "ORDER", "HAVING", "JOIN", "UNION",
                       "DISTINCT", "BY"})
_NO_SUCH_CLAUSES = frozenset({"GROUP", "ORDER", "HAVING", "JOIN", "UNION", "INNER", "LEFT", "RIGHT", "CROSS"})
_COMPARISONS = frozenset({"=", "<>", "!=", "<", ">", "<=", ">="})
_VALUES = {"TRUE": "true", "FALSE": "false", "NULL": "null", "MISSING": "missing"}
DATE_PARTS = frozenset({"YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND", "TIMEZONE_HOUR", "TIMEZONE_MINUTE"})


def parse(expression: str) -> Query:
    """The query that an expression is."""
    try:
        return _Reader(tokens(expression)).query()
    except RecursionError:                       # thousands of parentheses
        raise refused("UnsupportedSqlStructure") from None


class _Reader:
    """Goes along the tokens, a method a rule of the grammar."""

    def __init__(self, found: list[Token]) -> None:
        self.found = found
        self.at = 0

    # --- steps along the tokens ---

    @property
    def next(self) -> Token:
        return self.found[self.at]

    def take(self) -> Token:
        token = self.found[self.at]
        self.at += 1
        return token

    def comes(self, *words: str) -> bool:
        """Take the next token where it is one of these words or signs."""
        if self.next.upper in words:
            self.at += 1
            return True
        return False

    def need(self, word: str, code: str = "ParseExpectedTokenType") -> None:
        if not self.comes(word):
            raise refused(code)

    # --- the query ---

    def query(self) -> Query:
        if not self.comes("SELECT"):
            raise refused("ParseUnexpectedToken" if self.next.kind != "end" else "ParseExpectedKeyword")
        if self.next.upper in ("DISTINCT", "ALL"):
            raise refused("ParseUnsupportedSelect")
        items = self.items()
        self.need("FROM", "ParseSelectMissingFrom")
        source, alias = self.source()
        where = self.expression() if self.comes("WHERE") else None
        limit = self.limit() if self.comes("LIMIT") else None
        if self.next.upper in _NO_SUCH_CLAUSES or self.next.text == ",":
            raise refused("UnsupportedSqlStructure")
        if self.next.kind != "end":
            raise refused("ParseUnexpectedToken")
        return Query(items, source, alias, where, limit)

    def items(self) -> list[Item] | None:
        if self.next.upper == "FROM" or self.next.kind == "end":
            raise refused("ParseEmptySelect")
        if self.comes("*"):
            if self.next.text == ",":
                raise refused("ParseAsteriskIsNotAloneInSelectList")
            return None
        found = [self.item()]
        while self.comes(","):
            if self.next.text == "*":
                raise refused("ParseAsteriskIsNotAloneInSelectList")
            found.append(self.item())
        if len(found) == 1 and found[0].node.op == "path" and found[0].node.parts[-1].op == "all":
            if len(found[0].node.parts) == 2:                     # `SELECT s.*`
                return None
            raise refused("ParseInvalidPathComponent")
        return found

    def item(self) -> Item:
        node = self.expression()
        if self.comes("AS"):
            if self.next.kind not in ("word", "name"):
                raise refused("ParseExpectedIdentForAlias")
            return Item(node, self.take().text)
        if self.next.kind == "name" or (self.next.kind == "word" and self.next.upper not in _RESERVED):
            return Item(node, self.take().text)
        return Item(node, "")

    def source(self) -> tuple[tuple[Node, ...], str]:
        if self.next.upper == "(":
            raise refused("UnsupportedSqlStructure")
        if self.take().text.lower() != "s3object":
            raise refused("ParseUnexpectedTerm")
        steps = tuple(self.steps())
        alias = ""
        if self.comes("AS") and self.next.kind not in ("word", "name"):
            raise refused("ParseExpectedIdentForAlias")
        if self.next.kind == "name" or (self.next.kind == "word" and self.next.upper not in _RESERVED | _NO_SUCH_CLAUSES):
            alias = self.take().text
            if alias.lower() == "s3object":
                raise refused("InvalidTableAlias")
        if not alias:
            alias = steps[-1].text if steps and steps[-1].op in ("field", "exact") else ""
        return steps, alias

    def limit(self) -> int:
        token = self.take()
        if token.kind != "number" or not token.text.isdigit():
            raise refused("ParseExpectedNumber")
        return int(token.text)

    # --- expressions, from the loosest binding to the tightest ---

    def expression(self) -> Node:
        left = self.conjunction()
        while self.comes("OR"):
            left = Node("or", "", (left, self.conjunction()))
        return left

    def conjunction(self) -> Node:
        left = self.negation()
        while self.comes("AND"):
            left = Node("and", "", (left, self.negation()))
        return left

    def negation(self) -> Node:
        return Node("not", "", (self.negation(),)) if self.comes("NOT") else self.comparison()

    def comparison(self) -> Node:
        left = self.sum()
        while True:
            if self.next.upper in _COMPARISONS:
                sign = self.take().text
                left = Node("<>" if sign == "!=" else sign, "", (left, self.sum()))
            elif self.comes("IS"):
                negated = self.comes("NOT")
                word = self.take().upper
                if word not in ("NULL", "MISSING"):
                    raise refused("ParseUnexpectedTerm")
                left = self.negated(negated, Node("is", word, (left,)))
            else:
                negated = self.next.upper == "NOT" and self.found[self.at + 1].upper in ("IN", "BETWEEN", "LIKE")
                self.at += negated
                if self.next.upper not in ("IN", "BETWEEN", "LIKE"):
                    return left
                left = self.negated(negated, self.predicate(left))

    @staticmethod
    def negated(really: bool, node: Node) -> Node:
        return Node("not", "", (node,)) if really else node

    def predicate(self, left: Node) -> Node:
        word = self.take().upper
        if word == "BETWEEN":
            low = self.sum()
            self.need("AND", "ParseExpectedKeyword")
            return Node("between", "", (left, low, self.sum()))
        if word == "LIKE":
            pattern = self.sum()
            return Node("like", "", (left, pattern, self.sum()) if self.comes("ESCAPE") else (left, pattern))
        self.need("(")
        return Node("in", "", (left, *self.arguments()))

    def sum(self) -> Node:
        left = self.product()
        while self.next.text in ("+", "-", "||") and self.next.kind == "sign":
            left = Node(self.take().text, "", (left, self.product()))
        return left

    def product(self) -> Node:
        left = self.unary()
        while self.next.text in ("*", "/", "%") and self.next.kind == "sign":
            left = Node(self.take().text, "", (left, self.unary()))
        return left

    def unary(self) -> Node:
        if self.comes("-"):
            return Node("negative", "", (self.unary(),))
        if self.comes("+"):
            return self.unary()
        return self.primary()

    def primary(self) -> Node:
        token = self.take()
        if token.kind == "number":
            return Node("number", token.text)
        if token.kind == "text":
            return Node("text", token.text)
        if token.kind == "ion":
            return Node("time", token.text)
        if token.upper in _VALUES:
            return Node(_VALUES[token.upper])
        if token.upper == "(":
            if self.next.upper == "SELECT":
                raise refused("UnsupportedSqlStructure")
            inner = self.expression()
            self.need(")")
            return inner
        if token.upper == "CAST":
            return self.cast()
        if token.upper == "CASE":
            return self.case()
        if token.kind == "word" and self.next.upper == "(":
            return self.call(token.upper)
        if token.kind == "name" or (token.kind == "word" and token.upper not in _RESERVED):
            head = Node("exact" if token.kind == "name" else "field", token.text)
            return Node("path", "", (head, *self.steps()))
        raise refused("ParseExpectedExpression" if token.kind == "end" else "ParseUnexpectedTerm")

    def steps(self) -> list[Node]:
        """`.name`, `."name"`, `.*`, `[3]`, `[*]`."""
        found = []
        while True:
            if self.comes("."):
                token = self.take()
                if token.kind not in ("word", "name") and token.text != "*":
                    raise refused("ParseInvalidPathComponent")
                found.append(Node("all") if token.text == "*" and token.kind == "sign" else
                             Node("exact" if token.kind == "name" else "field", token.text))
            elif self.comes("["):
                token = self.take()
                if token.text != "*" and not (token.kind == "number" and token.text.isdigit()) and token.kind != "text":
                    raise refused("ParseInvalidPathComponent")
                found.append(Node("all") if token.text == "*" and token.kind == "sign" else
                             Node("exact" if token.kind == "text" else "index", token.text))
                self.need("]", "ParseInvalidPathComponent")
            else:
                return found

    # --- what has a form of its own ---

    def case(self) -> Node:
        subject = () if self.next.upper == "WHEN" else (self.expression(),)
        parts: list[Node] = []
        while self.comes("WHEN"):
            when = self.expression()
            self.need("THEN", "ParseExpectedKeyword")
            parts.append(Node("when", "", (*([Node("=", "", (subject[0], when))] if subject else [when]), self.expression())))
        if not parts:
            raise refused("ParseExpectedWhenClause")
        if self.comes("ELSE"):
            parts.append(Node("else", "", (self.expression(),)))
        self.need("END", "ParseExpectedKeyword")
        return Node("case", "", tuple(parts))

    def call(self, name: str) -> Node:
        self.take()                                              # the parenthesis
        if name == "EXTRACT":
            part = self.date_part()
            self.need("FROM", "ParseExpectedKeyword")
            return self.closed(Node("call", name, (part, self.expression())))
        if name in ("DATE_ADD", "DATE_DIFF"):
            part = self.date_part()
            self.need(",", "ParseExpectedArgumentDelimiter")
            return Node("call", name, (part, *self.arguments()))
        if name == "TRIM":
            return self.trim()
        if name == "COUNT" and self.comes("*"):
            return self.closed(Node("call", name, (Node("star"),)))
        if self.next.text == "*" and self.next.kind == "sign":
            raise refused("ParseUnsupportedCallWithStar")
        if name in AGGREGATES and self.next.upper in ("DISTINCT", "ALL"):
            raise refused("ParseUnsupportedSyntax")
        if name == "SUBSTRING":
            return self.substring()
        return Node("call", name, tuple(self.arguments()))

    def cast(self) -> Node:
        self.need("(", "ParseExpectedLeftParenAfterCast")
        value = self.expression()
        self.need("AS", "ParseCastArity")
        kind = self.take().upper
        if kind not in TYPES:
            raise refused("ParseExpectedTypeName")
        sizes: tuple[Node, ...] = ()
        if self.comes("("):
            sizes = tuple(self.arguments())
        return self.closed(Node("cast", kind, (value, *sizes)))

    def substring(self) -> Node:
        value = self.expression()
        if not self.comes("FROM"):
            self.need(",", "ParseExpectedArgumentDelimiter")
            return Node("call", "SUBSTRING", (value, *self.arguments()))
        start = self.expression()
        length = (self.expression(),) if self.comes("FOR") else ()
        return self.closed(Node("call", "SUBSTRING", (value, start, *length)))

    def trim(self) -> Node:
        side = self.take().upper if self.next.upper in ("LEADING", "TRAILING", "BOTH") else "BOTH"
        what = Node("text", " ")
        if not self.comes("FROM"):
            what = self.expression()
            if not self.comes("FROM"):
                return self.closed(Node("call", "TRIM", (Node("text", side), Node("text", " "), what)))
        return self.closed(Node("call", "TRIM", (Node("text", side), what, self.expression())))

    def date_part(self) -> Node:
        part = self.take().upper
        if part not in DATE_PARTS:
            raise refused("ParseExpectedDatePart")
        return Node("text", part)

    def arguments(self) -> list[Node]:
        """Up to the closing parenthesis."""
        if self.comes(")"):
            return []
        found = [self.expression()]
        while self.comes(","):
            found.append(self.expression())
        self.need(")", "ParseExpectedRightParenBuiltinFunctionCall")
        return found

    def closed(self, node: Node) -> Node:
        self.need(")", "ParseExpectedRightParenBuiltinFunctionCall")
        return node
