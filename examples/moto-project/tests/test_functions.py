import boto3
import pytest
from moto import mock_aws

from shop import functions

ONE = "def handler(event, context):\n    return 1\n"
TWO = "def handler(event, context):\n    return 2\n"


@pytest.fixture
def deployed(aws):
    return functions.deploy("greet", ONE, WORD="hello")


def test_the_first_version(deployed):
    assert deployed == "1"
    assert functions.live("greet") == "1"
    assert functions.names() == ["greet"]


def test_its_configuration(deployed):
    told = boto3.client("lambda").get_function_configuration(FunctionName="greet")
    assert told["Environment"]["Variables"] == {"WORD": "hello"}
    assert told["Handler"] == "main.handler"
    assert told["Role"].endswith(":role/greet-role")


def test_new_code_is_a_new_version(deployed):
    assert functions.deploy("greet", TWO) == "2"
    assert functions.live("greet") == "2"
    versions = boto3.client("lambda").list_versions_by_function(FunctionName="greet")["Versions"]
    assert [each["Version"] for each in versions] == ["$LATEST", "1", "2"]


def test_two_packages_have_two_digests(deployed):
    first = boto3.client("lambda").get_function(FunctionName="greet")["Configuration"]["CodeSha256"]
    functions.deploy("greet", TWO)
    assert boto3.client("lambda").get_function(FunctionName="greet")["Configuration"]["CodeSha256"] != first


@mock_aws
def test_a_function_that_is_not_there():
    client = boto3.client("lambda")
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.delete_function(FunctionName="missing")
    assert functions.names() == []
