"""The expression language without a wire: what it means, and what it says of mistakes."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cumulet.kernel import AwsError
from cumulet.services.dynamodb import values as av
from cumulet.services.dynamodb.expressions import conditions, parser, paths, updates

ITEM: av.Item = {
    "a": {"N": "5"}, "s": {"S": "hello"}, "bin": {"B": "eHl6"}, "t": {"BOOL": True}, "nil": {"NULL": True},
    "l": {"L": [{"S": "x"}, {"M": {"k": {"N": "1"}}}]}, "ss": {"SS": ["p", "q"]}, "ns": {"NS": ["1", "2"]},
    "m": {"M": {"x": {"M": {"y": {"S": "deep"}}}, "z": {"N": "9"}}}}
VALUES: dict[str, av.Value] = {
    ":five": {"N": "5"}, ":seven": {"N": "7"}, ":he": {"S": "he"}, ":p": {"S": "p"}, ":x": {"S": "x"},
    ":type": {"S": "SS"}, ":true": {"BOOL": True}, ":list": {"L": [{"S": "z"}]}, ":set": {"SS": ["p", "q"]}, ":one": {"N": "1"},
    ":bin": {"B": "eHk="}, ":map": {"M": {"k": {"N": "1"}}}, ":empty": {"L": []}}


def holds(text: str, names: dict[str, str] | None = None, label: str = "ConditionExpression") -> bool:
    found = conditions.compiled(label, text, parser.names_of(names))
    found.check(VALUES)
    return found.test(ITEM, VALUES)


def updated(text: str, names: dict[str, str] | None = None) -> av.Item:
    found = updates.compiled(text, parser.names_of(names))
    found.check(VALUES)
    item = av.decode(av.encode(ITEM))
    found.apply(item, VALUES)
    return item


@pytest.mark.parametrize(("text", "expected"), [
    ("a = :five", True), ("a <> :five", False), ("gone <> :five", True), ("gone = :five", False), ("a < :seven", True),
    ("a >= :five", True), ("a > :he", False), ("s > :he", True), ("(a) = :five", True), (":five = a", True),
    ("a BETWEEN :one AND :seven", True), ("a between :five and :five", True), ("s BETWEEN :he AND :x", True),
    ("a IN (:one, :five)", True), ("a IN (:one)", False), ("NOT a = :five", False), ("NOT NOT a = :five", True),
    ("a = :one OR a = :five AND s = :he", False), ("(a = :one OR a = :five) AND begins_with(s, :he)", True),
    ("begins_with(bin, :bin)", True), ("begins_with(a, :he)", False), ("attribute_exists(m.x.y)", True),
    ("attribute_exists(l[1].k)", True), ("attribute_not_exists(l[2])", True), ("attribute_type(ss, :type)", True),
    ("attribute_type(s, :type)", False), ("contains(ss, :p)", True), ("contains(l, :x)", True), ("contains(l, :map)", True),
    ("contains(s, :he)", True), ("contains(ns, :one)", True), ("contains(ns, :x)", False), ("size(s) = :five", True),
    ("size(l) < :five", True), ("size(m.x) = :one", True), ("size(a) = :one", False), ("t = :true", True),
    ("#n.#z > :seven", True), ("l[1] = :map", True), ("ss = :set", True), ("a = :five and not(contains(s, :x))", True),
])
def test_conditions(text: str, expected: bool) -> None:
    assert holds(text, {"#n": "m", "#z": "z"} if "#" in text else None) is expected


@pytest.mark.parametrize(("text", "says"), [
    ("", "The expression can not be empty;"),
    ("a = ", 'Syntax error; token: "<EOF>", near: "="'),
    ("a : b", 'Syntax error; token: ":", near: "a : b"'),
    ("a = :five b", 'Syntax error; token: "b", near: ":five b"'),
    ("a", 'Syntax error; token: "<EOF>", near: "a"'),
    ("a = :five AND s", 'Syntax error; token: "<EOF>", near: "s"'),
    ("a ! :five", 'Syntax error; token: "!", near: "a ! :five"'),
    ("l[a] = :five", 'Syntax error; token: "a", near: "[a]"'),
    ("((a = :five))", "The expression has redundant parentheses;"),
    ("name = :five", "Attribute name is a reserved keyword; reserved keyword: name"),
    ("m.status = :five", "Attribute name is a reserved keyword; reserved keyword: status"),
    ("#q = :five", "An expression attribute name used in the document path is not defined; attribute name: #q"),
    ("a = :nope", "An expression attribute value used in expression is not defined; attribute value: :nope"),
    ("foo(a)", "Invalid function name; function: foo"),
    ("Contains(a, :x)", "Invalid function name; function: Contains"),
    ("if_not_exists(a, :x)", "The function is not allowed in a condition expression; function: if_not_exists"),
    ("attribute_exists(a) = :five",
     "The function is not allowed to be used this way in an expression; function: attribute_exists"),
    ("attribute_exists(a, s)", "Incorrect number of operands for operator or function; operator or function: "
     "attribute_exists, number of operands: 2"),
    ("attribute_exists(:five)", "Operator or function requires a document path; operator or function: attribute_exists"),
    ("begins_with(s, :five)",
     "Incorrect operand type for operator or function; operator or function: begins_with, operand type: N"),
    ("a < :true", "Incorrect operand type for operator or function; operator or function: <, operand type: BOOL"),
    ("size(:five) = :five", "Incorrect operand type for operator or function; operator or function: size, operand type: N"),
    ("a BETWEEN :seven AND :five", "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; "
     "lower bound operand: AttributeValue: {N:7}, upper bound operand: AttributeValue: {N:5}"),
    ("a BETWEEN :he AND :five", "The BETWEEN operator requires same data type for lower and upper bounds; "
     "lower bound operand: AttributeValue: {S:he}, upper bound operand: AttributeValue: {N:5}"),
    ("a = a", "The first operand must be distinct from the remaining operands for this operator or function; operator: =, "
     "first operand: [a]"),
    ("attribute_type(a, :x)", "Invalid attribute type name found; type: x, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}"),
    ("x" * 5000, "Expression size has exceeded the maximum allowed size; expression size: 5000"),
    ("(" * 400 + "a", "The expression is nested too deeply;"),
])
def test_what_a_wrong_condition_is_told(text: str, says: str) -> None:
    with pytest.raises(AwsError) as caught:
        holds(text)
    assert caught.value.message == f"Invalid ConditionExpression: {says}"


def changed(**attributes: Any) -> av.Item:
    return {name: value for name, value in (ITEM | attributes).items() if value is not None}


@pytest.mark.parametrize(("text", "expected"), [
    ("SET a = :seven", changed(a={"N": "7"})),
    ("set a = a + :seven remove s", changed(a={"N": "12"}, s=None)),
    ("SET a = a - :seven", changed(a={"N": "-2"})),
    ("SET a = s, s = a", changed(a={"S": "hello"}, s={"N": "5"})),
    ("SET q = if_not_exists(q, :five), a = if_not_exists(a, :seven)", changed(q={"N": "5"})),
    ("SET q = if_not_exists(q, :five) + :one", changed(q={"N": "6"})),
    ("SET l = list_append(l, :list)", changed(l={"L": [*ITEM["l"]["L"], {"S": "z"}]})),
    ("SET l = list_append(:list, l)", changed(l={"L": [{"S": "z"}, *ITEM["l"]["L"]]})),
    ("SET q = list_append(if_not_exists(q, :empty), :list)", changed(q={"L": [{"S": "z"}]})),
    ("SET l[0] = :one", changed(l={"L": [{"N": "1"}, ITEM["l"]["L"][1]]})),
    ("SET l[9] = :one, l[7] = :five", changed(l={"L": [*ITEM["l"]["L"], {"N": "5"}, {"N": "1"}]})),
    ("SET l[1].k = :five", changed(l={"L": [{"S": "x"}, {"M": {"k": {"N": "5"}}}]})),
    ("SET m.n = m.x REMOVE m.x.y", changed(m={"M": {"x": {"M": {}}, "n": {"M": {"y": {"S": "deep"}}}, "z": {"N": "9"}}})),
    ("REMOVE l[0], l[1]", changed(l={"L": []})),
    ("REMOVE l[0] SET l[1] = :one", changed(l={"L": [{"N": "1"}]})),
    ("REMOVE l[7], nowhere", changed()),
    ("ADD a :seven, q :five", changed(a={"N": "12"}, q={"N": "5"})),
    ("ADD ss :set, q :set", changed(q={"SS": ["p", "q"]})),
    ("DELETE ss :set, q :set", changed(ss=None)),
    ("ADD m.z :one", changed(m={"M": {"x": ITEM["m"]["M"]["x"], "z": {"N": "10"}}})),
])
def test_updates(text: str, expected: av.Item) -> None:
    assert updated(text) == expected


@pytest.mark.parametrize(("text", "says"), [
    ("", "Invalid UpdateExpression: The expression can not be empty;"),
    ("INVALID SYNTAX HERE", 'Invalid UpdateExpression: Syntax error; token: "INVALID", near: "INVALID SYNTAX"'),
    ("ADD hits : incr", 'Invalid UpdateExpression: Syntax error; token: ":", near: "hits : incr"'),
    ("SET", 'Invalid UpdateExpression: Syntax error; token: "<EOF>", near: "SET"'),
    ("SET a = :five,", 'Invalid UpdateExpression: Syntax error; token: "<EOF>", near: ","'),
    ("SET a = :five SET s = :five",
     'Invalid UpdateExpression: The "SET" section can only be used once in an update expression;'),
    ("SET a = :one + :one + :one", 'Invalid UpdateExpression: Syntax error; token: "+", near: ":one + :one"'),
    ("SET m = :five, m.z = :one", "Invalid UpdateExpression: Two document paths overlap with each other; must remove or "
     "rewrite one of these paths; path one: [m], path two: [m, z]"),
    ("SET a = :five REMOVE a", "Invalid UpdateExpression: Two document paths overlap with each other; must remove or "
     "rewrite one of these paths; path one: [a], path two: [a]"),
    ("SET l.x = :five, l[1] = :one", "Invalid UpdateExpression: Two document paths conflict with each other; must remove or "
     "rewrite one of these paths; path one: [l, x], path two: [l, [1]]"),
    ("SET a = begins_with(a, :x)",
     "Invalid UpdateExpression: The function is not allowed in an update expression; function: begins_with"),
    ("SET a = :five + :x", "Invalid UpdateExpression: Incorrect operand type for operator or function; operator or function: "
     "+, operand type: S"),
    ("SET l = list_append(l, :map)", "Invalid UpdateExpression: Incorrect operand type for operator or function; operator or "
     "function: list_append, operand type: M"),
    ("ADD a :x", "Invalid UpdateExpression: Incorrect operand type for operator or function; operator: ADD, operand type: "
     "STRING, typeSet: ALLOWED_FOR_ADD_OPERAND"),
    ("DELETE ss :five", "Invalid UpdateExpression: Incorrect operand type for operator or function; operator: DELETE, operand "
     "type: NUMBER, typeSet: ALLOWED_FOR_DELETE_OPERAND"),
    ("SET a.b = :five", "The document path provided in the update expression is invalid for update"),
    ("SET nowhere.b = :five", "The document path provided in the update expression is invalid for update"),
    ("REMOVE s[0]", "The document path provided in the update expression is invalid for update"),
    ("SET q = nowhere", "The provided expression refers to an attribute that does not exist in the item"),
    ("SET q = nowhere + :one", "The provided expression refers to an attribute that does not exist in the item"),
    ("SET a = s + :one", "An operand in the update expression has an incorrect data type"),
    ("ADD s :one", "An operand in the update expression has an incorrect data type"),
    ("SET l = list_append(a, :list)", "An operand in the update expression has an incorrect data type"),
])
def test_what_a_wrong_update_is_told(text: str, says: str) -> None:
    with pytest.raises(AwsError) as caught:
        updated(text)
    assert caught.value.message == says


@pytest.mark.parametrize(("text", "expected"), [
    ("a, s", {"a": ITEM["a"], "s": ITEM["s"]}), ("nowhere", {}), ("m.x.y", {"m": {"M": {"x": {"M": {"y": {"S": "deep"}}}}}}),
    ("m.z, m.x", {"m": ITEM["m"]}), ("l[1].k", {"l": {"L": [{"M": {"k": {"N": "1"}}}]}}), ("l[1], l[0]", {"l": ITEM["l"]}),
    ("l[5], a.b", {}), ("#s", {"s": ITEM["s"]}),
])
def test_projections(text: str, expected: av.Item) -> None:
    assert paths.projection(text, parser.names_of({"#s": "s"})).of(ITEM) == expected


def outcome(what: str, text: str) -> str:
    names = parser.names_of({"#a": "a"})
    try:
        if what == "condition":
            conditions.compiled("ConditionExpression", text, names)
        elif what == "update":
            updates.compiled(text, names)
        else:
            paths.projection(text, names)
    except AwsError as problem:
        return problem.code
    return "understood"


@given(st.text(max_size=60), st.sampled_from(["condition", "update", "projection"]))
def test_any_text_is_understood_or_refused(text: str, what: str) -> None:
    assert outcome(what, text) in ("understood", "ValidationException")


words = st.sampled_from(["a", "#a", ":v", "(", ")", "AND", "OR", "NOT", "=", "<", "BETWEEN", "IN", ",", "[", "0", "]", ".", "+",
                         "SET", "REMOVE", "ADD", "DELETE", "size", "contains", "list_append", "if_not_exists", "begins_with"])


@given(st.lists(words, max_size=14), st.booleans())
def test_any_words_are_understood_or_refused(parts: list[str], spaced: bool) -> None:
    text = (" " if spaced else "").join(parts)
    for what in ("condition", "update", "projection"):
        assert outcome(what, text) in ("understood", "ValidationException")
