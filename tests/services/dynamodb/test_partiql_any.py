"""Whatever statement is run, the answer is items or an error of AWS's; and a SELECT finds what the conditions say."""

from typing import Any

from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .conftest import Make, N, S, index

words = st.sampled_from([
    "SELECT", "*", "FROM", "stuff", '"stuff"', '"by-g"', "WHERE", "pk", "sk", "g", "n", "m.x", "l[0]", "=", "<>", "!=", "<",
    ">=", "AND", "OR", "NOT", "IN", "(", ")", "[", "]", "<<", ">>", "{", "}", ",", ":", ".", "'a'", "'b'", "1", "-2", "+",
    "1e400", "NULL", "MISSING", "TRUE", "IS", "BETWEEN", "size(n)", "begins_with(pk, 'a')", "contains(", "ORDER", "BY",
    "DESC", "?", "INSERT", "INTO", "VALUE", "UPDATE", "SET", "REMOVE", "DELETE", "RETURNING", "ALL", "OLD", "''", '"',
    "list_append(l, [1])", "set_add(s, <<1>>)"])
soup = st.lists(words, min_size=1, max_size=14).map(" ".join)
literal = st.sampled_from(["'a'", "'b'", "''", "1", "2.50", "-3", "TRUE", "NULL", "[1, 'x']",
                           "{'x': 1}", "<<1, 2>>", "?", "{'x': [?]}"])
path = st.sampled_from(["pk", "sk", "g", "n", "m.x", "l[0]", '"zz z"'])
test = st.one_of(
    st.builds("{} {} {}".format, path, st.sampled_from(["=", "<>", "<", ">=", "!="]), literal),
    st.builds("{} BETWEEN {} AND {}".format, path, literal, literal),
    st.builds("{} IN [{}, {}]".format, path, literal, literal),
    st.builds("{} IS {}".format, path, st.sampled_from(["NULL", "MISSING", "NOT MISSING"])),
    st.builds("{}({}, {})".format, st.sampled_from(["begins_with", "contains", "attribute_type"]), path, literal),
    st.builds("size({}) > {}".format, path, literal))
where = st.recursive(test, lambda inner: st.one_of(
    st.builds("({} AND {})".format, inner, inner), st.builds("({} OR {})".format, inner, inner),
    st.builds("NOT {}".format, inner)), max_leaves=4)
keyed = st.builds("pk = {} AND sk = {} AND {}".format, st.sampled_from(["'a'", "'b'"]), st.sampled_from("123"), where)
table = st.sampled_from(["stuff", 'stuff."by-g"', 'stuff."loc"'])
sensible = st.one_of(
    st.builds("SELECT {} FROM {} WHERE {} {}".format, st.sampled_from(["*", "pk, m.x", "l[0], n"]), table,
              st.one_of(where, keyed), st.sampled_from(["", "ORDER BY sk DESC", "ORDER BY pk", "ORDER BY n DESC, g"])),
    st.builds("INSERT INTO stuff VALUE {{'pk': {}, 'sk': {}, 'g': 'x', 'n': {}, 'l': {}}}".format,
              literal, literal, literal, literal),
    st.builds("UPDATE stuff SET {} = {} WHERE {} RETURNING MODIFIED NEW *".format, path, literal, keyed),
    st.builds("UPDATE stuff REMOVE {} SET n = n + {} WHERE {}".format, path, literal, keyed),
    st.builds("DELETE FROM stuff WHERE {} RETURNING ALL OLD *".format, keyed))
values = st.sampled_from([S("a"), S(""), N(1), N("x"), {"BOOL": True}, {"SS": ["a"]}, {"L": [N(1)]}, {"M": {}}, {"B": b""}])


def status(call: Any, **members: Any) -> int:
    try:
        told = call(**members)
    except ClientError as problem:
        told = problem.response
    found: int = told["ResponseMetadata"]["HTTPStatusCode"]
    return found


def test_no_statement_makes_the_server_fail(make: Make, dynamodb: Any) -> None:
    make("stuff", "pk", "sk:N", "g", "n:N", GlobalSecondaryIndexes=[index("by-g", "g", "n")],
         LocalSecondaryIndexes=[index("loc", "pk", "n", "KEYS_ONLY")])
    for pk, sk in (("a", 1), ("a", 2), ("b", 1)):
        dynamodb.put_item(TableName="stuff", Item={"pk": S(pk), "sk": N(sk), "g": S("x"), "n": N(sk), "l": {"L": [N(1)]}})

    answered: list[int] = []

    @settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.one_of(soup, sensible, sensible), st.data())
    def ask(statement: str, data: Any) -> None:
        asked: dict[str, Any] = {"Statement": statement}
        if count := statement.count("?"):
            asked["Parameters"] = [data.draw(values) for _ in range(count)]
        answered.append(status(dynamodb.execute_statement, **asked))
        assert answered[-1] in (200, 400), asked
        assert status(dynamodb.batch_execute_statement, Statements=[asked]) in (200, 400), asked
        assert status(dynamodb.execute_transaction, TransactStatements=[asked]) in (200, 400), asked

    ask()
    assert answered.count(200) > 3          # not only errors were asked for


def test_what_is_read_by_keys_is_what_a_scan_would_find(make: Make, dynamodb: Any) -> None:
    """A clause finds the same items whether its keys narrow what is read or (behind NOT NOT) do not."""
    make("stuff", "pk", "sk:N")
    for at in range(24):
        dynamodb.put_item(TableName="stuff", Item={
            "pk": S("abc"[at % 3]), "sk": N(at // 3), **({"n": N(at)} if at % 2 else {}), **({"g": S("b")} if at % 5 else {})})
    clauses = st.recursive(st.one_of(
        st.builds("pk = {}".format, st.sampled_from(["'a'", "'b'", "'z'"])), st.just("pk IN ['c', 'a', 'c']"),
        st.builds("sk {} {}".format, st.sampled_from(["=", "<", "<=", ">", ">="]), st.integers(0, 8)),
        st.just("sk BETWEEN 2 AND 5"), st.just("3 > sk"), st.just("n > 7"), st.just("g IS MISSING"),
        st.just("begins_with(pk, 'b')")),
        lambda inner: st.one_of(st.builds("({} AND {})".format, inner, inner), st.builds("({} OR {})".format, inner, inner),
                                st.builds("NOT {}".format, inner)), max_leaves=5)

    def found(clause: str) -> list[str]:
        items: list[Any] = []
        asked: dict[str, Any] = {"Statement": f"SELECT pk, sk FROM stuff WHERE {clause}"}
        while True:
            told = dynamodb.execute_statement(**asked)
            items += told["Items"]
            if "NextToken" not in told:
                return sorted(f"{item['pk']['S']}{item['sk']['N']}" for item in items)
            asked["NextToken"] = told["NextToken"]

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(clauses)
    def ask(clause: str) -> None:
        assert found(clause) == found(f"NOT (NOT {clause})")

    ask()
