"""One directory, one permission set, and in the second account a role that does what it says."""

from typing import Any

from cumulet.faces.labs.room import Room, Wrong


def _instance(room: Room) -> dict[str, Any]:
    found: list[dict[str, Any]] = room.client("sso-admin").list_instances()["Instances"]
    if not found:
        raise Wrong("there is no instance of IAM Identity Center in your first account")
    return found[0]


def organization(room: Room) -> None:
    """Both accounts are in it."""
    accounts = {one["Id"] for one in room.client("organizations").list_accounts()["Accounts"]}
    if not set(room.accounts) <= accounts:
        raise Wrong("your second account is not in the organization")
    _instance(room)


def directory(room: Room) -> None:
    """Ana is an auditor."""
    store, people = _instance(room)["IdentityStoreId"], room.client("identitystore")
    users = people.list_users(IdentityStoreId=store, Filters=[{"AttributePath": "UserName", "AttributeValue": "ana"}])["Users"]
    groups = people.list_groups(IdentityStoreId=store, Filters=[
        {"AttributePath": "DisplayName", "AttributeValue": "auditors"}])["Groups"]
    if not users or not groups:
        raise Wrong(f"there is no {'group auditors' if users else 'user ana'}")
    answer = people.is_member_in_groups(IdentityStoreId=store, MemberId={"UserId": users[0]["UserId"]},
                                        GroupIds=[groups[0]["GroupId"]])
    if not answer["Results"][0]["MembershipExists"]:
        raise Wrong("ana is not in the group auditors")


def _audit(room: Room) -> str:
    sso, instance = room.client("sso-admin"), _instance(room)["InstanceArn"]
    for arn in sso.list_permission_sets(InstanceArn=instance)["PermissionSets"]:
        told = sso.describe_permission_set(InstanceArn=instance, PermissionSetArn=arn)["PermissionSet"]
        if told["Name"] == "Audit":
            if told["SessionDuration"] not in ("PT4H", "PT240M"):
                raise Wrong(f"sessions of Audit last {told['SessionDuration']}, and should last four hours")
            return str(arn)
    raise Wrong("there is no permission set Audit")


def permissions(room: Room) -> None:
    """The permission set has AWS's policy."""
    found = room.client("sso-admin").list_managed_policies_in_permission_set(
        InstanceArn=_instance(room)["InstanceArn"], PermissionSetArn=_audit(room))["AttachedManagedPolicies"]
    if "SecurityAudit" not in [policy["Name"] for policy in found]:
        raise Wrong("Audit does not have the policy SecurityAudit")


def _role(room: Room) -> dict[str, Any]:
    iam = room.client("iam", account=room.accounts[1])
    for role in iam.list_roles(PathPrefix="/aws-reserved/sso.amazonaws.com/")["Roles"]:
        if role["RoleName"].startswith("AWSReservedSSO_Audit_"):
            found: dict[str, Any] = iam.get_role(RoleName=role["RoleName"])["Role"]
            return found
    raise Wrong("your second account has no role of the permission set Audit")


def _decision(room: Room, action: str) -> str:
    """What the role in the second account may do."""
    answer = room.client("iam", account=room.accounts[1]).simulate_principal_policy(
        PolicySourceArn=_role(room)["Arn"], ActionNames=[action])
    return str(answer["EvaluationResults"][0]["EvalDecision"])


def assignment(room: Room) -> None:
    """It is a group's, and the role reads and does not write."""
    rows = room.client("sso-admin").list_account_assignments(
        InstanceArn=_instance(room)["InstanceArn"], AccountId=room.accounts[1],
        PermissionSetArn=_audit(room))["AccountAssignments"]
    if "GROUP" not in [row["PrincipalType"] for row in rows]:
        raise Wrong("no group has Audit in your second account")
    for action, due in (("ec2:DescribeInstances", "allowed"), ("ec2:RunInstances", "implicitDeny")):
        if (found := _decision(room, action)) != due:
            raise Wrong(f"{action} is decided as {found} for the role, and should be {due}")


def change(room: Room) -> None:
    """The role in the account says so as well."""
    if (found := _decision(room, "sqs:ListQueues")) != "explicitDeny":
        raise Wrong(f"sqs:ListQueues is decided as {found} for the role in your second account, and should be explicitDeny")


def login(room: Room) -> None:
    """Somebody became the role."""
    if "LastUsedDate" not in _role(room).get("RoleLastUsed", {}):
        raise Wrong("nobody has got credentials for Audit in your second account yet")
