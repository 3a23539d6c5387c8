"""PartiQL over the wire: one statement at a time."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from .conftest import Make, N, S, index, refused

ILL = "Statement wasn't well formed, can't be processed: "


class Runner:
    """Statements, and what they answer."""

    def __init__(self, dynamodb: Any) -> None:
        self.dynamodb = dynamodb

    def __call__(self, statement: str, *parameters: Any, **more: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.whole(statement, *parameters, **more)["Items"]
        return found

    def whole(self, statement: str, *parameters: Any, **more: Any) -> dict[str, Any]:
        if parameters:
            more["Parameters"] = list(parameters)
        told: dict[str, Any] = self.dynamodb.execute_statement(Statement=statement, **more)
        return told

    def says(self, statement: str, *parameters: Any, code: str = "ValidationException", **more: Any) -> str:
        if parameters:
            more["Parameters"] = list(parameters)
        return refused(self.dynamodb.execute_statement, code, Statement=statement, **more)


@pytest.fixture
def run(dynamodb: Any) -> Runner:
    return Runner(dynamodb)


@pytest.fixture
def music(make: Make, run: Runner) -> str:
    make("Music", "Artist", "SongTitle")
    run("""INSERT INTO "Music" VALUE {'Artist': 'Acme Band', 'SongTitle': 'PartiQL Rocks', 'AwardsWon': 1,
           'Detail': {'Grammys': [2020, 2018], 'Note': 'it''s'}, 'Members': <<'a', 'b'>>}""")
    return "Music"


@pytest.fixture
def orders(make: Make, run: Runner) -> str:
    """Orders of three customers, 1…5 each."""
    make("Orders", "Customer", "Number:N", "Total:N",
         LocalSecondaryIndexes=[index("by-total", "Customer", "Total", "KEYS_ONLY")])
    for customer in ("ada", "bob", "cleo"):
        for number in range(1, 6):
            run("INSERT INTO Orders VALUE {'Customer': ?, 'Number': ?, 'Total': ?, 'City': ?}", S(customer), N(number),
                N(100 - number), S("Rome" if number % 2 else "Oslo"))
    return "Orders"


KEY = "WHERE Artist='Acme Band' AND SongTitle='PartiQL Rocks'"


def test_every_literal_is_the_value_that_it_says(make: Make, run: Runner) -> None:
    make("all", "id")
    run("""insert into "all" value {'id': 'x', 'n': -1.50, 'e': 1e2, 'yes': TRUE, 'no': False, 'none': null,
           'list': [1, 'two', [], {}], 'map': {'a b': <<1, 2.0>>}, 'ss': <<'p', 'q'>>, 'quote': 'it''s "so"'}""")
    assert run('SELECT * FROM "all"') == [{
        "id": S("x"), "n": N("-1.5"), "e": N(100), "yes": {"BOOL": True}, "no": {"BOOL": False}, "none": {"NULL": True},
        "list": {"L": [N(1), S("two"), {"L": []}, {"M": {}}]}, "map": {"M": {"a b": {"NS": ["1", "2"]}}},
        "ss": {"SS": ["p", "q"]}, "quote": S('it\'s "so"')}]


def test_parameters_stand_for_any_value_also_inside_literals(make: Make, run: Runner) -> None:
    make("all", "id:B")
    run("INSERT INTO \"all\" VALUE {'id': ?, 'in': [?, {'deep': ?}], 'set': <<?, 3>>}", {"B": b"\x00\xff"}, {"BOOL": True},
        {"BS": [b"x"]}, N("1e0"))
    found = run('SELECT * FROM "all" WHERE id = ?', {"B": b"\x00\xff"})
    assert found == [{"id": {"B": b"\x00\xff"}, "in": {"L": [{"BOOL": True}, {"M": {"deep": {"BS": [b"x"]}}}]},
                      "set": {"NS": ["1", "3"]}}]
    wrong = "Number of parameters in request and statement don't match."
    assert run.says('SELECT * FROM "all" WHERE id = ?') == wrong
    assert run.says('SELECT * FROM "all" WHERE id = ?', S("a"), S("b")) == wrong
    assert run.says('SELECT * FROM "all" WHERE "in" = \'?\'', S("a")) == wrong


def test_an_item_is_inserted_once(music: str, run: Runner, dynamodb: Any) -> None:
    again = "INSERT INTO Music VALUE {'Artist': 'Acme Band', 'SongTitle': 'PartiQL Rocks'}"
    assert run.says(again, code="DuplicateItemException") == "Duplicate primary key exists in table"
    assert dynamodb.scan(TableName=music)["Items"][0]["AwardsWon"] == N(1)
    assert "Missing the key SongTitle" in run.says("INSERT INTO Music VALUE {'Artist': 'x'}")
    assert "INSERT takes an item" in run.says("INSERT INTO Music VALUE 'x'")
    assert run.says("INSERT INTO None VALUE {'a': 1}", code="ResourceNotFoundException") == "Requested resource not found"
    assert "contains duplicates" in run.says("INSERT INTO Music VALUE {'Artist': 'x', 'SongTitle': 'y', 's': <<'a', 'a'>>}")
    assert "one type" in run.says("INSERT INTO Music VALUE {'Artist': 'x', 'SongTitle': 'y', 's': <<1, 'a'>>}")


def test_updates_change_one_item_and_return_what_is_asked_for(music: str, run: Runner) -> None:
    assert run(f"UPDATE Music SET AwardsWon = AwardsWon + 2 SET Detail.Note = ?, Fresh = [1] {KEY}", S("new")) == []
    [item] = run(f"SELECT AwardsWon, Detail.Note, Fresh FROM Music {KEY}")
    assert item == {"AwardsWon": N(3), "Note": S("new"), "Fresh": {"L": [N(1)]}}
    assert run(f"UPDATE Music SET AwardsWon = 10 - 1 - 2 {KEY} RETURNING MODIFIED OLD *") == [{"AwardsWon": N(3)}]
    both = "REMOVE Detail.Grammys[0] SET Fresh = list_append(Fresh, ['x'])"
    assert run(f"UPDATE Music {both} {KEY} RETURNING MODIFIED NEW *") == [
        {"Detail": {"M": {"Grammys": {"L": [N(2018)]}}}, "Fresh": {"L": [N(1), S("x")]}}]
    assert run(f"update Music set Members = SET_ADD(Members, <<'c'>>) {KEY} returning all new *")[0]["Members"] == {
        "SS": ["a", "b", "c"]}
    [old] = run(f"UPDATE Music SET Members = set_delete(Members, ?) {KEY} RETURNING ALL OLD *", {"SS": ["a", "b"]})
    assert old["Members"] == {"SS": ["a", "b", "c"]}
    assert run(f"SELECT Members FROM Music {KEY}") == [{"Members": {"SS": ["c"]}}]


def test_what_is_not_there_or_does_not_hold_is_not_updated(music: str, run: Runner, dynamodb: Any) -> None:
    failed = "The conditional request failed"
    assert run.says("UPDATE Music SET a = 1 WHERE Artist='No' AND SongTitle='No'",
                    code="ConditionalCheckFailedException") == failed
    assert run.says(f"UPDATE Music SET a = 1 {KEY} AND AwardsWon > 5", code="ConditionalCheckFailedException") == failed
    assert dynamodb.scan(TableName=music)["Count"] == 1
    with pytest.raises(ClientError) as caught:
        run(f"DELETE FROM Music {KEY} AND AwardsWon = 2", ReturnValuesOnConditionCheckFailure="ALL_OLD")
    assert caught.value.response["Item"]["AwardsWon"] == N(1)
    no_key = "Where clause does not contain a mandatory equality on all key attributes"
    assert run.says("UPDATE Music SET a = 1 WHERE Artist='Acme Band'") == no_key
    assert run.says("DELETE FROM Music WHERE Artist='Acme Band' AND SongTitle > 'a'") == no_key
    assert run.says(f"UPDATE Music SET Artist = 'x' {KEY}") == \
        "One or more parameter values were invalid: Cannot update attribute Artist. This attribute is part of the key"


def test_deleting_what_is_not_there_succeeds(music: str, run: Runner, dynamodb: Any) -> None:
    assert run("DELETE FROM Music WHERE Artist='No' AND SongTitle='No'") == []
    assert run("DELETE FROM Music WHERE Artist='No' AND SongTitle='No' RETURNING ALL OLD *") == []
    assert run(f"DELETE FROM \"Music\" {KEY} AND AwardsWon IN [1, 2] RETURNING ALL OLD *")[0]["AwardsWon"] == N(1)
    assert dynamodb.scan(TableName=music)["Count"] == 0


@pytest.mark.parametrize(("where", "numbers"), [
    ("Customer = 'ada'", [1, 2, 3, 4, 5]), ("Customer = 'ada' AND Number BETWEEN 2 AND 3", [2, 3]),
    ("Customer = 'ada' AND Number > 2 AND City = 'Rome'", [3, 5]), ("3 >= Number AND Customer = 'ada'", [1, 2, 3]),
    ("Customer = 'ada' AND Number IN (1, 4)", [1, 4]), ("Customer = 'ada' AND Number NOT IN [1, 4]", [2, 3, 5]),
    ("Customer = 'ada' AND NOT (City = 'Rome' OR Number = 2)", [4]), ("Customer = 'ada' AND City <> 'Rome'", [2, 4]),
    ("Customer = 'ada' AND City != 'Rome'", [2, 4]), ("begins_with(Customer, 'a') AND contains(City, 'sl')", [2, 4]),
    ("Customer = 'ada' AND City IS MISSING", []),
    ("Customer = 'ada' AND City IS NOT MISSING AND size(City) = 4 AND Number < 2", [1]),
    ("Customer = 'ada' AND attribute_type(Total, 'S')", []), ("Customer = 'ada' AND Number NOT BETWEEN 2 AND 5", [1]),
    ("Customer = 'ada' AND Number = 2 AND Number = 3", []), ("Customer = 'ada' AND Customer = 'bob'", []),
])
def test_what_a_where_clause_finds(orders: str, run: Runner, where: str, numbers: list[int]) -> None:
    assert [int(item["Number"]["N"]) for item in run(f"SELECT Number FROM Orders WHERE {where}")] == numbers


def test_null_and_missing_are_told_apart(make: Make, run: Runner) -> None:
    make("few", "id")
    for item in ("{'id': 'null', 'v': NULL}", "{'id': 'missing'}", "{'id': 'some', 'v': {'in': NULL}}"):
        run(f"INSERT INTO few VALUE {item}")

    def ids(where: str) -> set[str]:
        return {item["id"]["S"] for item in run(f"SELECT id FROM few WHERE {where}")}

    assert ids("v IS NULL") == {"null"}
    assert ids("v IS MISSING") == {"missing"}
    assert ids("v IS NOT MISSING") == {"null", "some"}
    assert ids('v."in" IS NULL') == {"some"}


def test_results_come_ordered_by_the_keys(orders: str, run: Runner) -> None:
    def keys(rest: str, **more: Any) -> list[str]:
        return [f"{i['Customer']['S'][0]}{i['Number']['N']}" for i in run(f"SELECT * FROM Orders WHERE {rest}", **more)]

    assert keys("Customer = 'ada' ORDER BY Number DESC") == ["a5", "a4", "a3", "a2", "a1"]
    assert keys("Customer IN ['bob', 'ada'] AND Number < 3") == ["b1", "b2", "a1", "a2"]
    assert keys("Customer IN ['bob', 'ada'] AND Number < 3 ORDER BY Customer") == ["a1", "a2", "b1", "b2"]
    assert keys("Customer = 'ada' AND Number < 3 OR Customer = 'cleo' AND Number = 5 ORDER BY Customer DESC, Number DESC") == [
        "c5", "a2", "a1"]
    assert keys("Customer IN ['bob', 'ada'] AND Number < 3 ORDER BY Number DESC") == ["b2", "a2", "b1", "a1"]
    assert run.says("SELECT * FROM Orders ORDER BY Customer") == \
        "Must have WHERE clause in the statement when using ORDER BY clause."
    assert run.says("SELECT * FROM Orders WHERE City = 'Rome' ORDER BY Number") == \
        "Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY clause."
    assert run.says("SELECT * FROM Orders WHERE Customer = 'ada' ORDER BY City") == \
        "Variable reference City in ORDER BY clause must be part of the primary key"


@pytest.mark.parametrize("rest", [
    "", "WHERE City = 'Rome'", "WHERE Customer = 'bob' ORDER BY Number DESC", "WHERE Customer IN ['bob', 'ada', 'cleo']",
    "WHERE Customer IN ['bob', 'ada', 'cleo'] ORDER BY Number", "WHERE Customer IN ['bob', 'ada'] ORDER BY Number DESC"])
@pytest.mark.parametrize("limit", [1, 4])
def test_pages_together_are_the_whole(orders: str, run: Runner, rest: str, limit: int) -> None:
    statement = f"SELECT * FROM Orders {rest}"
    whole = [item for page in pages(run, statement) for item in page]
    paged = pages(run, statement, Limit=limit)
    assert [item for page in paged for item in page] == whole
    assert max(map(len, paged)) <= limit
    assert len({str(item) for item in whole}) == len(whole) == {"": 15, "WHERE City = 'Rome'": 9}.get(rest, len(whole))


def pages(run: Runner, statement: str, **more: Any) -> list[list[dict[str, Any]]]:
    found = []
    while True:
        told = run.whole(statement, **more)
        found.append(told["Items"])
        assert ("NextToken" in told) == ("LastEvaluatedKey" in told)
        if "NextToken" not in told:
            return found
        more["NextToken"] = told["NextToken"]


def test_several_partition_keys_come_ten_items_a_page(orders: str, run: Runner) -> None:
    assert [len(page) for page in pages(run, "SELECT * FROM Orders WHERE Customer IN ['ada', 'bob', 'cleo']")] == [10, 5]
    many = ", ".join(f"'{n}'" for n in range(51))
    assert "at most 50" in run.says(f"SELECT * FROM Orders WHERE Customer IN [{many}]")
    many = ", ".join(f"'{n}'" for n in range(101))
    assert "1 to 100" in run.says(f"SELECT * FROM Orders WHERE City IN [{many}]")


def test_a_token_belongs_to_its_statement(orders: str, run: Runner) -> None:
    token = run.whole("SELECT * FROM Orders", Limit=1)["NextToken"]
    assert run.says("SELECT * FROM Orders WHERE City = 'Rome'", NextToken=token) == "NextToken does not match request"
    assert run.says("SELECT * FROM Orders", NextToken="nonsense!") == "Given NextToken is invalid"


def test_indexes_are_read_by_their_names(orders: str, run: Runner, dynamodb: Any) -> None:
    found = run("SELECT * FROM \"Orders\".\"by-total\" WHERE Customer = 'ada' AND Total >= 98")
    assert found == [{"Customer": S("ada"), "Number": N(n), "Total": N(100 - n)} for n in (2, 1)]
    backward = "SELECT City FROM \"Orders\".\"by-total\" WHERE Customer = 'ada' ORDER BY Total DESC"
    assert run(backward, Limit=1) == [{"City": S("Rome")}]
    assert run.says('SELECT * FROM "Orders"."none"') == "The table does not have the specified index: none"
    ill = ILL + "Only a table can be written to, not its indexes"
    assert run.says("DELETE FROM \"Orders\".\"by-total\" WHERE Customer = 'x'") == ill


def test_global_indexes_answer_what_they_project(make: Make, run: Runner) -> None:
    make("people", "id", "", "town", GlobalSecondaryIndexes=[index("by-town", "town", "", "KEYS_ONLY")])
    run("INSERT INTO people VALUE {'id': 'a', 'town': 'Rome', 'age': 3}")
    assert run("SELECT * FROM people.\"by-town\" WHERE town = 'Rome'") == [{"id": S("a"), "town": S("Rome")}]
    assert run.says("SELECT age FROM people.\"by-town\" WHERE town = 'Rome'") == \
        "One or more parameter values were invalid: Global secondary index by-town does not project [age]"
    assert run.says("SELECT * FROM people.\"by-town\" WHERE town = 'Rome'", ConsistentRead=True) == \
        "Consistent reads are not supported on global secondary indexes"


def test_document_paths_are_answered_by_their_last_name(music: str, run: Runner) -> None:
    assert run(f"SELECT Detail.Grammys[1], Detail['Note'], \"AwardsWon\", Nothing.there FROM Music {KEY}") == [
        {"Grammys[1]": N(2018), "Note": S("it's"), "AwardsWon": N(1)}]


def test_units_count_as_in_the_other_operations(orders: str, run: Runner) -> None:
    def units(statement: str, **more: Any) -> float:
        return float(run.whole(statement, ReturnConsumedCapacity="TOTAL", **more)["ConsumedCapacity"]["CapacityUnits"])

    assert units("SELECT * FROM Orders WHERE Customer = 'ada' AND Number = 1") == 0.5
    assert units("SELECT * FROM Orders WHERE Customer = 'ada' AND Number = 1", ConsistentRead=True) == 1.0
    told = run.whole("UPDATE Orders SET Total = 1 WHERE Customer = 'ada' AND Number = 1", ReturnConsumedCapacity="INDEXES")
    assert told["ConsumedCapacity"] == {
        "TableName": "Orders", "CapacityUnits": 3.0, "Table": {"CapacityUnits": 1.0},
        "LocalSecondaryIndexes": {"by-total": {"CapacityUnits": 2.0}}}


@pytest.mark.parametrize(("statement", "why"), [
    ("CREATE TABLE x", "Expected data manipulation"), ("UPDATE a-b SET c = 1 WHERE d = 2", "Expected data manipulation"),
    ("SELECT a, b", "Expected FROM after SELECT list"), ("SELECT * FROM t WHERE", "Unexpected end of statement"),
    ("SELECT * FROM t WHERE a = 1 b", "Unexpected token after expression"), ("SELECT * FROM t WHERE a", "Expected a condition"),
    ("INSERT INTO t (key) VALUES (1)", "Expected VALUE"), ("SELECT date FROM t", "Unexpected keyword"),
    ("SELECT a.key FROM t", "Invalid path dot component"), ("SELECT a[b] FROM t", "Unexpected path component"),
    ("SELECT a AS b FROM t", "Aliasing is not supported"), ("SELECT * FROM t x", "Aliasing is not supported"),
    ("SELECT * FROM t WHERE lower_case(a) = 1", "The function lower_case is not supported here"),
    ("SELECT * FROM t WHERE size(a, b) = 1", "The function size takes 1 arguments"),
    ("SELECT * FROM t WHERE a LIKE 'x'", "Expected a condition"),
    ("SELECT * FROM t WHERE a = 'open", "Unexpected term"), ("UPDATE t SET a = 1", "Expected a WHERE clause"),
    ("EXISTS(SELECT * FROM t WHERE a = 1)", "EXISTS can be used only in transactions"),
    ("DELETE FROM t WHERE a = 1 RETURNING ALL NEW *", "RETURNING ALL NEW * is not supported here"),
    ("SELECT * FROM t WHERE " + "(" * 200 + "a = 1" + ")" * 200, "The statement is nested too deeply"),
    ("INSERT INTO t VALUE " + "[" * 2000, "The statement is nested too deeply"),
    ("SELECT * FROM t WHERE a[" + "9" * 5000 + "] = 1", "Unexpected path component"),
    ("UPDATE t SET a = " + "list_append(" * 500 + "a", "The statement is nested too deeply"),
    ("UPDATE t SET a = 1" + " + 1" * 2000 + " WHERE b = 1", "A sum has at most 100 operators"),
    ("SELECT * FROM t WHERE " + "size(" * 1000 + "a", "The statement is nested too deeply"),
    ("SELECT * FROM t WHERE " + "NOT " * 2000 + "a = 1", "The statement is nested too deeply"),
    ("SELECT * FROM t WHERE a = `2020T`", "Unexpected term")])
def test_what_cannot_be_read_is_told_why(run: Runner, statement: str, why: str) -> None:
    assert run.says(statement) == ILL + why
