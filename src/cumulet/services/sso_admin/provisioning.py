"""What a permission set is in an account: a role that people of the directory assume by way of a SAML provider.

https://docs.aws.amazon.com/singlesignon/latest/userguide/permissionsetsconcept.html
"""

from __future__ import annotations

import base64
import json
from typing import Any

from cumulet.kernel import AwsError

from . import standing
from .resources import Assignment, DirectoryPassword, PermissionSet, Provisioned, Request

_PATH = "/aws-reserved/sso.amazonaws.com/"
_INLINE = "AwsSSOInlinePolicy"
_LONGEST = 43200
_METADATA = """<?xml version="1.0" encoding="UTF-8"?>
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{entity}">
  <md:IDPSSODescriptor WantAuthnRequestsSigned="false" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data>
      <ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
    <md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:persistent</md:NameIDFormat>
    <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="{entity}"/>
  </md:IDPSSODescriptor>
</md:EntityDescriptor>
"""


def assign(place: standing.Place, asked: Request) -> None:
    """Somebody gets a permission set in an account; with the first one the role comes."""
    row = place.set(asked.set)
    table = place.call.table(Assignment)
    if table.get(row.arn, asked.target, asked.type, asked.principal) is None:
        table.put(Assignment(set=row.arn, target=asked.target, type=asked.type, principal=asked.principal,
                             created=place.call.now))
    provision(place, row, asked.target)


def unassign(place: standing.Place, asked: Request) -> None:
    """The opposite; with the last one the role goes."""
    table = place.call.table(Assignment)
    table.delete(asked.set, asked.target, asked.type, asked.principal)
    made = place.call.table(Provisioned).get(asked.set, asked.target)
    if made is not None and not table.scan(asked.set, asked.target, limit=1):
        _remove(place, made)


def provision(place: standing.Place, row: PermissionSet, target: str) -> None:
    """Make the account's role what the permission set is now."""
    call = place.call
    iam = call.as_service(account=target).iam
    made = call.table(Provisioned).get(row.arn, target)
    if made is None:
        name = call.token(16, prefix=f"AWSReservedSSO_{row.name}_")
        path = _PATH if place.instance.region == "us-east-1" else f"{_PATH}{place.instance.region}/"
        trust = {"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"Federated": _provider(place, target)},
            "Action": ["sts:AssumeRoleWithSAML", "sts:TagSession"],
            "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}}]}
        iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=json.dumps(trust),
                        Description=row.description, MaxSessionDuration=_LONGEST)
        made = Provisioned(set=row.arn, target=target, role=name, version=0)
    if row.description is not None:
        iam.update_role_description(RoleName=made.role, Description=row.description)
    _policies(iam, row, target, made.role)
    made.version = row.version
    call.put(made)


def _policies(iam: Any, row: PermissionSet, target: str, role: str) -> None:
    due = {*row.managed, *(custom_arn(target, pair) for pair in row.custom)}
    has = _attached(iam, role)
    for arn in sorted(has - due):
        iam.detach_role_policy(RoleName=role, PolicyArn=arn)
    for arn in sorted(due - has):
        iam.attach_role_policy(RoleName=role, PolicyArn=arn)
    inline = _INLINE in iam.list_role_policies(RoleName=role)["PolicyNames"]
    if row.inline:
        iam.put_role_policy(RoleName=role, PolicyName=_INLINE, PolicyDocument=row.inline)
    elif inline:
        iam.delete_role_policy(RoleName=role, PolicyName=_INLINE)
    boundary = row.boundary or (custom_arn(target, row.custom_boundary) if row.custom_boundary else "")
    if boundary:
        iam.put_role_permissions_boundary(RoleName=role, PermissionsBoundary=boundary)
    else:
        iam.delete_role_permissions_boundary(RoleName=role)


def custom_arn(account: str, pair: tuple[str, str]) -> str:
    """The account's own policy of this name and path."""
    name, path = pair
    return f"arn:aws:iam::{account}:policy{path}{name}"


def _attached(iam: Any, role: str) -> set[str]:
    found = iam.list_attached_role_policies(RoleName=role, MaxItems=1000)["AttachedPolicies"]
    return {one["PolicyArn"] for one in found}


def _provider(place: standing.Place, target: str) -> str:
    """The account's SAML provider of this instance, made when it is not there; its ARN."""
    from cryptography.hazmat.primitives.serialization import Encoding

    name = f"AWSSSO_{place.instance.mark}_DO_NOT_DELETE"
    arn = f"arn:aws:iam::{target}:saml-provider/{name}"
    iam = place.call.as_service(account=target).iam
    try:
        iam.get_saml_provider(SAMLProviderArn=arn)
    except AwsError:
        _, certificate = place.call.authority()
        text = base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()
        entity = f"https://portal.sso.{place.instance.region}.amazonaws.com/saml/assertion/{place.instance.store}"
        iam.create_saml_provider(Name=name, SAMLMetadataDocument=_METADATA.format(entity=entity, certificate=text))
    return arn


def _remove(place: standing.Place, made: Provisioned) -> None:
    """The role goes. Somebody may have taken it away already."""
    iam = place.call.as_service(account=made.target).iam
    place.call.table(Provisioned).delete(made.set, made.target)
    try:
        iam.get_role(RoleName=made.role)
    except AwsError:
        return
    for arn in sorted(_attached(iam, made.role)):
        iam.detach_role_policy(RoleName=made.role, PolicyArn=arn)
    for name in iam.list_role_policies(RoleName=made.role)["PolicyNames"]:
        iam.delete_role_policy(RoleName=made.role, PolicyName=name)
    iam.delete_role(RoleName=made.role)


def forget(place: standing.Place) -> None:
    """The instance goes, and all that it made in accounts."""
    call = place.call
    targets = set()
    for made in list(call.table(Provisioned).scan()):
        targets.add(made.target)
        _remove(place, made)
    for kind in (Assignment, Request, PermissionSet):
        call.table(kind).delete_all()
    call.table(DirectoryPassword).delete_all(place.instance.store)
    for target in sorted({*targets, *standing.accounts(place)}):
        arn = f"arn:aws:iam::{target}:saml-provider/AWSSSO_{place.instance.mark}_DO_NOT_DELETE"
        iam = call.as_service(account=target).iam
        if any(one["Arn"] == arn for one in iam.list_saml_providers()["SAMLProviderList"]):
            iam.delete_saml_provider(SAMLProviderArn=arn)
