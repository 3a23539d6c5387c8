"""Documented behaviour: update expressions, names and values, conditions."""

from __future__ import annotations

from typing import Any

from . import documented
from .conftest import Make, N, S
from .documented import FAILED, GUIDE, Row, check, get, invalid, put, update

UPDATING = GUIDE + "Expressions.UpdateExpressions.html"
TESTING = GUIDE + "Expressions.OperatorsAndFunctions.html"
NAMES = GUIDE + "Expressions.ExpressionAttributeNames.html"
VALUES = GUIDE + "Expressions.ExpressionAttributeValues.html"
PROJECTING = GUIDE + "Expressions.ProjectionExpressions.html"
LIMITS = GUIDE + "Constraints.html"
HOLDS: dict[str, Any] = {}                   # a condition that holds answers nothing


def thing(**attributes: Any) -> dict[str, Any]:
    return {"Item": {"id": S("a"), **attributes}}


def listed(*texts: str) -> dict[str, Any]:
    return {"L": [S(text) for text in texts]}


UPDATES = [
    Row(UPDATING, "SET changes several attributes at once", [put(x=N(1)), update("SET x = :v, y = :v", v=N(2)), get()],
        thing(x=N(2), y=N(2))),
    Row(UPDATING, "SET changes an element of a list", [put(x=listed("p", "q")), update("SET x[1] = :v", v=S("r")), get()],
        thing(x=listed("p", "r"))),
    Row(UPDATING, "an element beyond the end of a list is appended",
        [put(x=listed("p")), update("SET x[99] = :v", v=S("q")), get()], thing(x=listed("p", "q"))),
    Row(UPDATING, "SET changes what is nested in a map",
        [put(x={"M": {"p": N(1)}}), update("SET x.q = :v", v=N(2)), get()], thing(x={"M": {"p": N(1), "q": N(2)}})),
    Row(UPDATING, "the map around a nested attribute must be there", [put(), update("SET x.q = :v", v=N(2))],
        invalid("The document path provided in the update expression is invalid for update")),
    Row(UPDATING, "SET subtracts", [put(x=N(10)), update("SET x = x - :v", v=N("2.5")), get()], thing(x=N("7.5"))),
    Row(UPDATING, "list_append puts behind", [put(x=listed("p")), update("SET x = list_append(x, :v)", v=listed("q")), get()],
        thing(x=listed("p", "q"))),
    Row(UPDATING, "list_append puts in front when the operands are swapped",
        [put(x=listed("p")), update("SET x = list_append(:v, x)", v=listed("q")), get()], thing(x=listed("q", "p"))),
    Row(UPDATING, "if_not_exists leaves what is there",
        [put(x=N(1)), update("SET x = if_not_exists(x, :v)", v=N(9)), get()], thing(x=N(1))),
    Row(UPDATING, "a counter starts by if_not_exists",
        [put(), update("SET x = if_not_exists(x, :z) + :one", z=N(0), one=N(1)), get()], thing(x=N(1))),
    Row(UPDATING, "what is not there cannot be added to", [put(), update("SET x = x + :v", v=N(1))],
        invalid("The provided expression refers to an attribute that does not exist in the item")),
    Row(UPDATING, "only numbers are added", [put(x=S("p")), update("SET x = x + :v", v=N(1))],
        invalid("An operand in the update expression has an incorrect data type")),
    Row(UPDATING, "REMOVE takes attributes away", [put(x=N(1), y=N(1)), update("REMOVE x, z"), get()], thing(y=N(1))),
    Row(UPDATING, "elements behind removed ones move up",
        [put(x=listed("p", "q", "r", "s")), update("REMOVE x[0], x[2]"), get()], thing(x=listed("q", "s"))),
    Row(UPDATING, "ADD starts a number at zero", [put(), update("ADD x :v", v=N(5)), get()], thing(x=N(5))),
    Row(UPDATING, "ADD of a negative number subtracts", [put(x=N(5)), update("ADD x :v", v=N(-7)), get()], thing(x=N(-2))),
    Row(UPDATING, "ADD unites sets",
        [put(x={"NS": ["1", "2"]}), update("ADD x :v", v={"NS": ["2", "3"]}), get()], thing(x={"NS": ["1", "2", "3"]})),
    Row(UPDATING, "ADD is for numbers and sets", [put(x=S("p")), update("ADD x :v", v=S("q"))],
        invalid("operator: ADD, operand type: STRING, typeSet: ALLOWED_FOR_ADD_OPERAND")),
    Row(UPDATING, "DELETE takes members out of a set",
        [put(x={"SS": ["p", "q"]}), update("DELETE x :v", v={"SS": ["q", "z"]}), get()], thing(x={"SS": ["p"]})),
    Row(UPDATING, "a set without members is no attribute any more",
        [put(x={"SS": ["p"]}), update("DELETE x :v", v={"SS": ["p"]}), get()], thing()),
    Row(UPDATING, "DELETE is for sets only", [put(x=N(1)), update("DELETE x :v", v=N(1))],
        invalid("operator: DELETE, operand type: NUMBER, typeSet: ALLOWED_FOR_DELETE_OPERAND")),
    Row(UPDATING, "each keyword stands once", [update("SET x = :v SET y = :v", v=N(1))],
        invalid('The "SET" section can only be used once in an update expression;')),
    Row(UPDATING, "all four keywords go together, in any order",
        [put(x=N(1), n=N(1), s={"SS": ["p", "q"]}), update("REMOVE x ADD n :one SET y = :one DELETE s :s", one=N(1),
                                                           s={"SS": ["q"]}), get()],
        thing(n=N(2), y=N(1), s={"SS": ["p"]})),
    Row(UPDATING, "everything is read before anything is written",
        [put(x=N(1), y=N(2)), update("SET x = y, y = x"), get()], thing(x=N(2), y=N(1))),
    Row(UPDATING, "two actions may not be about one place", [update("SET x = :v REMOVE x.y", v=N(1))],
        invalid("Two document paths overlap with each other; must remove or rewrite one of these paths; "
                "path one: [x], path two: [x, y]")),
]

PLACEHOLDERS = [
    Row(GUIDE + "ReservedWords.html", "reserved words cannot be attribute names", [update("SET Status = :v", v=N(1))],
        invalid("Attribute name is a reserved keyword; reserved keyword: Status")),
    Row(NAMES, "a placeholder stands for a reserved word", [update("SET #s = :v", {"#s": "Status"}, v=N(1)), get()],
        thing(Status=N(1))),
    Row(NAMES, "a dot in a replaced name is part of the name", [update("SET #s = :v", {"#s": "x.y"}, v=N(1)), get()],
        thing(**{"x.y": N(1)})),
    Row(NAMES, "one placeholder may stand in several places",
        [put(x=N(1)), check("attribute_exists(#x) AND #x > :v AND #x < :w", {"#x": "x"}, v=N(0), w=N(2))], HOLDS),
    Row(NAMES, "a placeholder that nothing uses is an error", [update("SET x = :v", {"#n": "n"}, v=N(1))],
        invalid("Value provided in ExpressionAttributeNames unused in expressions: keys: {#n}")),
    Row(NAMES, "a placeholder must be defined", [update("SET #n = :v", v=N(1))],
        invalid("An expression attribute name used in the document path is not defined; attribute name: #n")),
    Row(VALUES, "a value that nothing uses is an error", [update("SET x = :v", v=N(1), w=N(2))],
        invalid("Value provided in ExpressionAttributeValues unused in expressions: keys: {:w}")),
    Row(VALUES, "a value must be defined", [update("SET x = :v, y = :w", v=N(1))],
        invalid("An expression attribute value used in expression is not defined; attribute value: :w")),
    Row(LIMITS, "an expression has at most 4 KB", [update("SET " + "x" * 4096 + " = :v", v=N(1))],
        invalid("Expression size has exceeded the maximum allowed size; expression size: 4105")),
    Row(PROJECTING, "a projection shows nested attributes where they are",
        [put(x={"M": {"p": listed("u", "v"), "q": N(1)}}, y=N(1)), get(ProjectionExpression="x.p[1], y")],
        {"Item": {"x": {"M": {"p": listed("v")}}, "y": N(1)}}),
    Row(PROJECTING, "paths of a projection may not overlap", [get(ProjectionExpression="x.p, x")],
        invalid("Invalid ProjectionExpression: Two document paths overlap with each other")),
]

CONDITIONS = [
    Row(TESTING, "attribute_exists sees nested attributes", [put(x={"M": {"y": N(1)}}), check("attribute_exists(x.y)")], HOLDS),
    Row(TESTING, "attribute_type knows the types by their letters",
        [put(x={"NS": ["1"]}), check("attribute_type(x, :t)", t=S("NS"))], HOLDS),
    Row(TESTING, "attribute_type takes a known type", [put(), check("attribute_type(x, :t)", t=S("INT"))],
        invalid("Invalid attribute type name found; type: INT")),
    Row(TESTING, "begins_with looks at the start", [put(x=S("http://x")), check("begins_with(x, :s)", s=S("tp"))], FAILED),
    Row(TESTING, "contains finds a part of a text", [put(x=S("http://x")), check("contains(x, :s)", s=S("tp"))], HOLDS),
    Row(TESTING, "contains finds a member of a set", [put(x={"NS": ["1", "2"]}), check("contains(x, :s)", s=N(2))], HOLDS),
    Row(TESTING, "contains finds an element of a list",
        [put(x={"L": [N(1), S("p")]}), check("contains(x, :s)", s=S("p"))], HOLDS),
    Row(TESTING, "size of a text is its bytes", [put(x=S("äö")), check("size(x) = :n", n=N(4))], HOLDS),
    Row(TESTING, "size of a list is its elements",
        [put(x={"L": [N(1), N(2)]}), check("size(x) BETWEEN :n AND :n", n=N(2))], HOLDS),
    Row(TESTING, "values of other types are not compared", [put(x=S("5")), check("x < :v", v=N(9))], FAILED),
    Row(TESTING, "what is not there is not equal to anything, so differs", [put(), check("x <> :v", v=N(9))], HOLDS),
    Row(TESTING, "numbers are compared as numbers", [put(x=N(10)), check("x > :v", v=N("9.5"))], HOLDS),
    Row(TESTING, "texts are compared by their bytes", [put(x=S("Z")), check("x < :v", v=S("a"))], HOLDS),
    Row(TESTING, "documents are equal when all that is in them is",
        [put(x={"M": {"p": N("1.0"), "q": {"L": [S("u")]}}}),
         check("x = :v", v={"M": {"q": {"L": [S("u")]}, "p": N(1)}})], HOLDS),
    Row(TESTING, "BETWEEN holds at both ends",
        [put(x=N(1), y=N(3)), check("x BETWEEN :v AND :w AND y BETWEEN :v AND :w", v=N(1), w=N(3))], HOLDS),
    Row(TESTING, "the lower end of BETWEEN is not above the upper one",
        [put(x=N(1)), check("x BETWEEN :v AND :w", v=N(3), w=N(1))],
        invalid("The BETWEEN operator requires upper bound to be greater than or equal to lower bound")),
    Row(TESTING, "IN takes up to 100 values",
        [put(x=N(99)), check(f"x IN ({', '.join(f':v{n}' for n in range(100))})", **{f"v{n}": N(n) for n in range(100)})],
        HOLDS),
    Row(TESTING, "IN takes no more than 100 values",
        [put(x=N(99)), check(f"x IN ({', '.join(f':v{n}' for n in range(101))})", **{f"v{n}": N(n) for n in range(101)})],
        invalid("operator or function: IN, number of operands: 102")),
    Row(TESTING, "AND binds more than OR",
        [put(x=N(1)), check("x = :one OR x = :two AND x = :two", one=N(1), two=N(2))], HOLDS),
    Row(TESTING, "parentheses change what binds",
        [put(x=N(1)), check("(x = :one OR x = :two) AND x = :two", one=N(1), two=N(2))],
        FAILED),
    Row(TESTING, "NOT binds more than AND", [put(x=N(1)), check("NOT x = :two AND x = :one", one=N(1), two=N(2))], HOLDS),
    Row(TESTING, "names of functions are case-sensitive", [put(), check("Attribute_exists(x)")],
        invalid("Invalid function name; function: Attribute_exists")),
    Row(TESTING, "functions take their number of operands", [put(), check("begins_with(x)")],
        invalid("Incorrect number of operands for operator or function; operator or function: begins_with, "
                "number of operands: 1")),
    Row(GUIDE + "Expressions.ConditionExpressions.html", "a condition on what is not there fails like any other",
        [check("attribute_exists(id)")], FAILED),
]


@documented.rows(UPDATES + PLACEHOLDERS + CONDITIONS)
def test_as_documented(cloud: Any, make: Make, row: Row) -> None:
    documented.follow(cloud, make, row)
