"""The walkthrough by the SDK; and a second permission set that comes and goes."""

import json
import time
from typing import Any

from cumulet.faces.labs.room import Key, Room

DENY = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "sqs:*", "Resource": "*"}})


def wait(ask: Any, status: str, request: str, **members: str) -> None:
    """Until a request is carried out."""
    for _ in range(100):
        told = ask(**members)[status]
        if told["Status"] != "IN_PROGRESS":
            assert told["Status"] == "SUCCEEDED", f"{request}: {told}"
            return
        time.sleep(0.05)
    raise AssertionError(f"{request} takes too long")


def sign_in(room: Room, store: str, member: str) -> None:
    """Ana at the portal, for a program that waits; and what it gets."""
    oidc, portal = room.client("sso-oidc"), room.client("sso")
    told = oidc.register_client(clientName="lab", clientType="public", scopes=["sso:account:access"])
    program = {"clientId": told["clientId"], "clientSecret": told["clientSecret"]}
    host = f"{store}.awsapps.localhost"
    device = oidc.start_device_authorization(**program, startUrl=f"http://{host}/start")
    asked = {**program, "grantType": "urn:ietf:params:oauth:grant-type:device_code", "deviceCode": device["deviceCode"]}
    room.refused("AuthorizationPendingException", oidc.create_token, **asked)
    form = {"user_code": device["userCode"], "username": "ana", "newpassword": "Anas-secret-1", "newpassword2": "Anas-secret-1"}
    assert room.post(host, "/start/device", form).status == 200
    token = oidc.create_token(**asked)["accessToken"]
    account, = portal.list_accounts(accessToken=token)["accountList"]
    assert account["accountId"] == member
    given = portal.get_role_credentials(accessToken=token, accountId=member, roleName="Audit")["roleCredentials"]
    key = Key(given["accessKeyId"], given["secretAccessKey"], given["sessionToken"])
    room.client("ec2", key).describe_vpcs()
    room.refused("UnauthorizedOperation", room.client("ec2", key).create_vpc, CidrBlock="10.0.0.0/16")
    room.refused("AccessDenied", room.client("sqs", key).list_queues)


def solve(room: Room) -> None:
    """Organization, directory, permission set, assignment, change."""
    _, member = room.accounts
    org = room.client("organizations")
    org.create_organization()
    shake = org.invite_account_to_organization(Target={"Id": member, "Type": "ACCOUNT"})["Handshake"]
    room.client("organizations", account=member).accept_handshake(HandshakeId=shake["Id"])

    sso, people = room.client("sso-admin"), room.client("identitystore")
    instance = sso.create_instance(Name="people")["InstanceArn"]
    store = sso.describe_instance(InstanceArn=instance)["IdentityStoreId"]
    ana = people.create_user(IdentityStoreId=store, UserName="ana", DisplayName="Ana Lima", Name={
        "GivenName": "Ana", "FamilyName": "Lima"}, Emails=[{"Value": "ana@example.com", "Primary": True}])["UserId"]
    auditors = people.create_group(IdentityStoreId=store, DisplayName="auditors")["GroupId"]
    people.create_group_membership(IdentityStoreId=store, GroupId=auditors, MemberId={"UserId": ana})

    audit = sso.create_permission_set(InstanceArn=instance, Name="Audit", SessionDuration="PT4H")["PermissionSet"]
    of = {"InstanceArn": instance, "PermissionSetArn": audit["PermissionSetArn"]}
    sso.attach_managed_policy_to_permission_set(**of, ManagedPolicyArn="arn:aws:iam::aws:policy/SecurityAudit")

    def assign(kind: str, principal: str, **which: str) -> dict[str, str]:
        asked = {**which, "TargetId": member, "TargetType": "AWS_ACCOUNT", "PrincipalType": kind, "PrincipalId": principal}
        told = sso.create_account_assignment(**asked)["AccountAssignmentCreationStatus"]
        wait(sso.describe_account_assignment_creation_status, "AccountAssignmentCreationStatus", "the assignment",
             InstanceArn=instance, AccountAssignmentCreationRequestId=told["RequestId"])
        return asked

    assign("GROUP", auditors, **of)
    sso.put_inline_policy_to_permission_set(**of, InlinePolicy=DENY)
    told = sso.provision_permission_set(**of, TargetType="ALL_PROVISIONED_ACCOUNTS")["PermissionSetProvisioningStatus"]
    wait(sso.describe_permission_set_provisioning_status, "PermissionSetProvisioningStatus", "the provisioning",
         InstanceArn=instance, ProvisionPermissionSetRequestId=told["RequestId"])

    sign_in(room, store, member)

    guest = sso.create_permission_set(InstanceArn=instance, Name="Guest")["PermissionSet"]["PermissionSetArn"]
    asked = assign("USER", ana, InstanceArn=instance, PermissionSetArn=guest)
    iam = room.client("iam", account=member)
    names = [role["RoleName"] for role in iam.list_roles(PathPrefix="/aws-reserved/")["Roles"]]
    assert len(names) == 2, names
    told = sso.delete_account_assignment(**asked)["AccountAssignmentDeletionStatus"]
    wait(sso.describe_account_assignment_deletion_status, "AccountAssignmentDeletionStatus", "the deletion",
         InstanceArn=instance, AccountAssignmentDeletionRequestId=told["RequestId"])
    left, = iam.list_roles(PathPrefix="/aws-reserved/")["Roles"]
    assert left["RoleName"].startswith("AWSReservedSSO_Audit_")
    sso.delete_permission_set(InstanceArn=instance, PermissionSetArn=guest)
