import boto3
import pytest
from moto import mock_aws

from shop import configuration

pytestmark = pytest.mark.usefixtures("aws")


def test_parameters_have_versions():
    assert [configuration.put("colour", value) for value in ("red", "blue")] == [1, 2]
    assert configuration.get("colour") == "blue"
    assert configuration.get("shape") is None


def test_all_that_is_set_over_pages():
    wanted = {f"limits/{n}": str(n) for n in range(12)}
    for name, value in wanted.items():
        configuration.put(name, value)
    assert configuration.everything() == wanted


def test_secret_ones_are_not_shown_as_they_are():
    configuration.put("token", "abc", secret=True)
    assert configuration.get("token") == "abc"
    shown = boto3.client("ssm").get_parameter(Name="/shop/token")["Parameter"]
    assert shown["Type"] == "SecureString"
    assert shown["Value"] != "abc"


def test_the_password_and_the_one_before():
    configuration.set_password("first")
    assert configuration.password() == "first"
    configuration.set_password("second")
    assert configuration.password() == "second"
    assert configuration.password("AWSPREVIOUS") == "first"


@mock_aws
def test_no_password_yet():
    with pytest.raises(boto3.client("secretsmanager").exceptions.ResourceNotFoundException):
        configuration.password()


def test_a_secret_is_deleted_later():
    configuration.set_password("first")
    client = boto3.client("secretsmanager")
    client.delete_secret(SecretId="shop/database", RecoveryWindowInDays=7)
    with pytest.raises(client.exceptions.InvalidRequestException):
        configuration.password()
    client.restore_secret(SecretId="shop/database")
    assert configuration.password() == "first"
