"""Who works in the shop, and what they may do."""

import json

import boto3


def policy(*actions):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}]})


def hire(name, team):
    iam = boto3.client("iam")
    iam.create_user(UserName=name, Tags=[{"Key": "team", "Value": team}])
    if team not in [group["GroupName"] for group in iam.list_groups()["Groups"]]:
        iam.create_group(GroupName=team)
    iam.add_user_to_group(GroupName=team, UserName=name)
    return iam.create_access_key(UserName=name)["AccessKey"]


def teams(name):
    return [group["GroupName"] for group in boto3.client("iam").list_groups_for_user(UserName=name)["Groups"]]


def fire(name):
    iam = boto3.client("iam")
    for key in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]:
        iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    for team in teams(name):
        iam.remove_user_from_group(GroupName=team, UserName=name)
    iam.delete_user(UserName=name)


def role(name, service, *actions):
    iam = boto3.client("iam")
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": service},
                                                     "Action": "sts:AssumeRole"}]}
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    made = iam.create_policy(PolicyName=f"{name}-may", PolicyDocument=policy(*actions))["Policy"]["Arn"]
    iam.attach_role_policy(RoleName=name, PolicyArn=made)
    return arn


def may(name):
    iam = boto3.client("iam")
    found = []
    for each in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
        version = iam.get_policy(PolicyArn=each["PolicyArn"])["Policy"]["DefaultVersionId"]
        document = iam.get_policy_version(PolicyArn=each["PolicyArn"], VersionId=version)["PolicyVersion"]["Document"]
        found += [action for statement in document["Statement"] for action in statement["Action"]]
    return found
