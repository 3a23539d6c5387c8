"""Who may run which statement: the actions of PartiQL, full scans, and partition keys, on every operation on items."""

import json
from collections.abc import Callable
from typing import Any
from urllib.request import urlopen

import pytest
from botocore.exceptions import ClientError

from .conftest import Make, N, S, index

Rights = Callable[..., Any]


@pytest.fixture
def user(cloud: Any) -> Rights:
    """`user({…}, …)`: a client of a user whom these policy statements count for."""

    def create(*statements: dict[str, Any]) -> Any:
        iam = cloud.client("iam")
        iam.create_user(UserName="ada")
        iam.put_user_policy(UserName="ada", PolicyName="p", PolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": list(statements)}))
        key = iam.create_access_key(UserName="ada")["AccessKey"]
        urlopen(f"{cloud.endpoint}/_cumulet/iam", json.dumps({"subject": cloud.account, "mode": "enforce"}).encode()).read()
        return cloud.client("dynamodb", key=key["AccessKeyId"], secret=key["SecretAccessKey"])

    return create


def allow(*actions: str, **conditions: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"Effect": "Allow", "Action": [f"dynamodb:{a}" for a in actions], "Resource": "*"}
    return found | ({"Condition": conditions} if conditions else {})


def denied(call: Callable[..., Any], **members: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**members)
    told = caught.value.response["Error"]
    assert told["Code"] == "AccessDeniedException", told
    message: str = told["Message"]
    return message


def refused_in(client: Any, statement: dict[str, Any]) -> None:
    """The batch answers, and the statement in it is refused."""
    [told] = client.batch_execute_statement(Statements=[statement])["Responses"]
    assert told["Error"]["Code"] == "AccessDenied", told


@pytest.fixture
def table(make: Make, dynamodb: Any) -> str:
    make("notes", "owner", "n:N", "town", GlobalSecondaryIndexes=[index("by-town", "town")])
    for owner in ("ada", "bob"):
        dynamodb.put_item(TableName="notes", Item={"owner": S(owner), "n": N(1), "town": S("Rome"), "secret": S("x")})
    return "notes"


WHERE = "WHERE owner = 'ada' AND n = 1"
STATEMENTS = {"PartiQLSelect": f"SELECT * FROM notes {WHERE}",
              "PartiQLInsert": "INSERT INTO notes VALUE {'owner': 'ada', 'n': 2}",
              "PartiQLUpdate": f"UPDATE notes SET town = 'Oslo' {WHERE}", "PartiQLDelete": f"DELETE FROM notes {WHERE}"}


@pytest.mark.parametrize("action", STATEMENTS)
def test_each_statement_needs_its_own_action(table: str, user: Rights, cloud: Any, action: str) -> None:
    client = user(allow(action))
    for other, statement in STATEMENTS.items():
        asked = {"Statement": statement}
        if other != action:
            said = denied(client.execute_statement, **asked)
            assert f"dynamodb:{other} on resource: arn:aws:dynamodb:us-east-1:{cloud.account}:table/notes" in said
            refused_in(client, asked)
            denied(client.execute_transaction, TransactStatements=[asked])
    client.execute_statement(Statement=STATEMENTS[action])


def test_an_index_is_a_resource_of_its_own(table: str, user: Rights, cloud: Any) -> None:
    arn = f"arn:aws:dynamodb:us-east-1:{cloud.account}:table/notes"
    client = user({"Effect": "Allow", "Action": "dynamodb:PartiQLSelect", "Resource": f"{arn}/index/by-town"})
    assert len(client.execute_statement(Statement="SELECT * FROM notes.\"by-town\" WHERE town = 'Rome'")["Items"]) == 2
    assert arn in denied(client.execute_statement, Statement="SELECT * FROM notes WHERE owner = 'ada'")


def test_a_policy_can_forbid_full_scans(table: str, user: Rights) -> None:
    client = user(allow("PartiQLSelect"), {"Effect": "Deny", "Action": "dynamodb:PartiQLSelect", "Resource": "*",
                                           "Condition": {"Bool": {"dynamodb:FullTableScan": "true"}}})
    for where in ("owner = 'ada'", "owner IN ['ada', 'bob']", "owner = 'ada' OR owner = 'bob' AND town = 'Rome'"):
        client.execute_statement(Statement=f"SELECT * FROM notes WHERE {where}")
    for statement in ("SELECT * FROM notes", "SELECT * FROM notes WHERE owner > 'a'", "SELECT * FROM notes WHERE town = 'Rome'",
                      "SELECT * FROM notes WHERE owner = 'ada' OR town = 'Rome'"):
        denied(client.execute_statement, Statement=statement)


def test_a_statement_only_of_transactions(table: str, user: Rights) -> None:
    client = user(allow("PartiQL*", **{"ForAnyValue:StringEquals": {"dynamodb:EnclosingOperation": ["ExecuteTransaction"]}}))
    asked = {"Statement": STATEMENTS["PartiQLSelect"]}
    denied(client.execute_statement, **asked)
    refused_in(client, asked)
    assert client.execute_transaction(TransactStatements=[asked])["Responses"][0]["Item"]["owner"] == S("ada")


def calls(owner: str) -> list[tuple[str, dict[str, Any]]]:
    """Every operation on items, on those of one owner."""
    key: dict[str, Any] = {"owner": S(owner), "n": N(1)}
    one = {"TableName": "notes", "Key": key}
    of = {"ExpressionAttributeNames": {"#o": "owner"}, "ExpressionAttributeValues": {":o": S(owner)}}
    old = {"owner": {"ComparisonOperator": "EQ", "AttributeValueList": [S(owner)]}}
    where = f"WHERE owner = '{owner}' AND n = 1"
    select, update = f"SELECT * FROM notes {where}", f"UPDATE notes SET x = 1 {where}"
    return [
        ("put_item", {"TableName": "notes", "Item": key}), ("get_item", one),
        ("update_item", {**one, "AttributeUpdates": {"x": {"Value": N(1)}}}), ("query", {
            "TableName": "notes", "KeyConditionExpression": "n > :n And :o=#o", "ExpressionAttributeNames": {"#o": "owner"},
            "ExpressionAttributeValues": {":o": S(owner), ":n": N(0)}}),
        ("query", {"TableName": "notes", "KeyConditionExpression": "(#o = :o)", **of}),
        ("query", {"TableName": "notes", "KeyConditions": old}),
        ("batch_get_item", {"RequestItems": {"notes": {"Keys": [key]}}}),
        ("batch_write_item", {"RequestItems": {"notes": [{"PutRequest": {"Item": key}}]}}),
        ("batch_write_item", {"RequestItems": {"notes": [{"DeleteRequest": {"Key": key}}]}}),
        ("transact_get_items", {"TransactItems": [{"Get": one}]}),
        ("transact_write_items", {"TransactItems": [{"Put": {"TableName": "notes", "Item": key}}]}),
        ("transact_write_items", {"TransactItems": [
            {"ConditionCheck": {**one, "ConditionExpression": "attribute_exists(n)"}}]}),
        ("execute_statement", {"Statement": select}), ("execute_statement", {"Statement": update}),
        ("execute_statement", {"Statement": "SELECT * FROM notes WHERE owner = ?", "Parameters": [S(owner)]}),
        ("execute_statement", {"Statement": f"INSERT INTO notes VALUE {{'owner': '{owner}', 'n': 9}}"}),
        ("batch_execute_statement", {"Statements": [{"Statement": select}]}),
        ("execute_transaction", {"TransactStatements": [
            {"Statement": update}, {"Statement": f"EXISTS(SELECT * FROM notes WHERE owner = '{owner}' AND n = 9)"}]}),
        ("execute_statement", {"Statement": f"DELETE FROM notes {where}"}), ("delete_item", one)]


def test_leading_keys_count_on_every_operation(table: str, user: Rights) -> None:
    only = {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["ada"]}, "Null": {"dynamodb:LeadingKeys": "false"}}
    client = user(allow("*", **only))
    for operation, members in calls("ada"):
        getattr(client, operation)(**members)
    for operation, members in calls("bob"):
        if operation == "batch_execute_statement":
            refused_in(client, *members["Statements"])
        else:
            denied(getattr(client, operation), **members)
    denied(client.scan, TableName="notes")
    denied(client.execute_statement, Statement="SELECT * FROM notes")
    denied(client.execute_statement, Statement="SELECT * FROM notes WHERE owner IN ['ada', 'bob']")
    denied(client.batch_get_item, RequestItems={"notes": {"Keys": [{"owner": S(o), "n": N(1)} for o in ("ada", "bob")]}})


def test_an_index_has_leading_keys_of_its_own(table: str, user: Rights) -> None:
    only = {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["Rome"]}, "Null": {"dynamodb:LeadingKeys": "false"}}
    client = user(allow("*", **only))

    def query(town: str) -> Any:
        return client.query(TableName="notes", IndexName="by-town", KeyConditionExpression="town = :t",
                            ExpressionAttributeValues={":t": S(town)})["Count"]

    assert query("Rome") == 2
    denied(query, town="Oslo")
    denied(client.execute_statement, Statement="SELECT * FROM notes.\"by-town\" WHERE town = 'Oslo'")


def test_a_policy_can_leave_only_some_attributes(table: str, user: Rights) -> None:
    client = user(allow("*", **{"ForAllValues:StringEquals": {"dynamodb:Attributes": ["owner", "n", "town"]},
                                "StringEqualsIfExists": {"dynamodb:Select": "SPECIFIC_ATTRIBUTES",
                                                         "dynamodb:ReturnValues": ["NONE", "UPDATED_NEW"]}}))
    one: dict[str, Any] = {"TableName": "notes", "Key": {"owner": S("ada"), "n": N(1)}}
    assert client.get_item(**one, ProjectionExpression="town")["Item"] == {"town": S("Rome")}
    denied(client.get_item, **one)
    denied(client.get_item, **one, ProjectionExpression="secret")
    update = {**one, "UpdateExpression": "SET town = :t", "ExpressionAttributeValues": {":t": S("Oslo")}}
    client.update_item(**update, ReturnValues="UPDATED_NEW")
    denied(client.update_item, **update, ReturnValues="ALL_OLD")
    denied(client.update_item, **{**update, "UpdateExpression": "SET secret = :t"})
    denied(client.update_item, **update, ConditionExpression="secret = :t")
    denied(client.transact_write_items, TransactItems=[{"Update": {**update, "UpdateExpression": "SET secret.x = :t"}}])
    assert client.execute_statement(Statement=f"SELECT town FROM notes {WHERE}")["Items"] == [{"town": S("Oslo")}]
    for statement in (f"SELECT * FROM notes {WHERE}", f"SELECT town, secret FROM notes {WHERE}",
                      f"SELECT town FROM notes {WHERE} AND secret = 'x'",
                      f"UPDATE notes SET town = 'x' {WHERE} RETURNING ALL OLD *", f"UPDATE notes SET secret = 'x' {WHERE}"):
        denied(client.execute_statement, Statement=statement)


def test_each_statement_of_a_batch_is_decided_by_itself(table: str, user: Rights, dynamodb: Any) -> None:
    client = user(allow("PartiQLSelect", "PartiQLInsert", **{"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["ada"]}}))
    mine, theirs = client.batch_execute_statement(Statements=[
        {"Statement": f"SELECT town FROM notes {WHERE}"},
        {"Statement": "SELECT town FROM notes WHERE owner = 'bob' AND n = 1"}])["Responses"]
    assert mine["Item"] == {"town": S("Rome")}
    assert (theirs["Error"]["Code"], theirs["TableName"], "Item" in theirs) == ("AccessDenied", "notes", False)
    assert "not authorized to perform: dynamodb:PartiQLSelect on resource" in theirs["Error"]["Message"]
    told = client.batch_execute_statement(Statements=[
        {"Statement": "INSERT INTO notes VALUE {'owner': 'ada', 'n': 5}"}, {"Statement": f"DELETE FROM notes {WHERE}"},
        {"Statement": "INSERT INTO notes VALUE {'owner': 'bob', 'n': 5}"}])["Responses"]
    assert [one.get("Error", {}).get("Code") for one in told] == [None, "AccessDenied", "AccessDenied"]
    there = {(item["owner"]["S"], item["n"]["N"]) for item in dynamodb.scan(TableName="notes")["Items"]}
    assert there == {("ada", "1"), ("ada", "5"), ("bob", "1")}


def test_another_account_comes_in_by_the_arn_of_a_table(table: str, cloud: Any, dynamodb: Any) -> None:
    arn = dynamodb.describe_table(TableName="notes")["Table"]["TableArn"]
    other = cloud.other()
    theirs = other.client("dynamodb")
    select = f"SELECT town FROM \"{arn}\" {WHERE}"
    denied(theirs.execute_statement, Statement=select)
    dynamodb.put_resource_policy(ResourceArn=arn, Policy=json.dumps({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"AWS": other.account}, "Action": ["dynamodb:PartiQLSelect"], "Resource": arn,
        "Condition": {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["ada"]}}}]}))
    for account in (cloud.account, other.account):
        urlopen(f"{cloud.endpoint}/_cumulet/iam", json.dumps({"subject": account, "mode": "enforce"}).encode()).read()
    assert theirs.execute_statement(Statement=select)["Items"] == [{"town": S("Rome")}]
    denied(theirs.execute_statement, Statement=f"SELECT town FROM \"{arn}\" WHERE owner = 'bob' AND n = 1")
    denied(theirs.execute_statement, Statement=f"DELETE FROM \"{arn}\" {WHERE}")
