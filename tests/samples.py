"""One sample of each resource type: properties as CloudFormation writes them, and a change that needs no replacement."""

from __future__ import annotations

import contextlib
import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from cumulet.kernel import AwsError

# These come and go with another resource (a VPC's defaults, a group's rules).
BORN_WITH_ANOTHER = {"AWS::EC2::NetworkAcl", "AWS::EC2::RouteTable", "AWS::EC2::SecurityGroupRule"}

TRUST = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
ANYBODY = {"Version": "2012-10-17", "Statement": [{**POLICY["Statement"][0], "Principal": "*"}]}


class Sample(NamedTuple):
    """differs: properties that are told in another form than they are given."""

    properties: Callable[[Any], dict[str, Any]]
    change: dict[str, Any] = {}
    no_change: str = ""
    differs: tuple[str, ...] = ()


def package() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        z.writestr("app.py", "def handler(event, context): return event")
    return out.getvalue()


def queue_arn(here: Any) -> str:
    return f"arn:aws:sqs:{here.region}:{here.account}:{here.make('AWS::SQS::Queue')[0]}"


def stream_arn(here: Any) -> str:
    return f"arn:aws:kinesis:{here.region}:{here.account}:stream/{here.make('AWS::Kinesis::Stream')[0]}"


def topic_arn(here: Any) -> str:
    return f"arn:aws:sns:{here.region}:{here.account}:{here.make('AWS::SNS::Topic')[0]}"


HALF = {"TargetValue": 50.0, "PredefinedMetricSpecification": {"PredefinedMetricType": "DynamoDBReadCapacityUtilization"}}


def scaled(here: Any) -> dict[str, Any]:
    """A scalable target whose bounds leave policies nothing to do while other tests move the clock."""
    units = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
    table = here.make("AWS::DynamoDB::Table", BillingMode="PROVISIONED", ProvisionedThroughput=units)[0]
    return {"ServiceNamespace": "dynamodb", "ResourceId": f"table/{table}", "MinCapacity": 5, "MaxCapacity": 5,
            "ScalableDimension": "dynamodb:table:ReadCapacityUnits"}


def scaled_one(here: Any) -> dict[str, Any]:
    names = ("ResourceId", "ScalableDimension", "ServiceNamespace")
    return dict(zip(names, here.make("AWS::ApplicationAutoScaling::ScalableTarget"), strict=True))


def namespace_of_tables(here: Any) -> str:
    """The ARN of a table bucket with the namespace `shop`."""
    arn = f"arn:aws:s3tables:{here.region}:{here.account}:bucket/{here.make('AWS::S3Tables::TableBucket')[0]}"
    here.do(lambda call: call.aws.s3tables.create_namespace(tableBucketARN=arn, namespace=["shop"]))
    return arn


def function(here: Any) -> dict[str, Any]:
    return {"FunctionName": "f" + here.unique(), "Role": f"arn:aws:iam::{here.account}:role/r", "Runtime": "python3.12",
            "Handler": "app.handler", "Code": {"ZipFile": package()}}


def profile_role(here: Any) -> str:
    return here.make("AWS::IAM::Role")[0]


def certificate() -> tuple[str, str]:
    """A self-signed certificate and its key, in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "www.example.com")])
    start = datetime(2020, 1, 1, tzinfo=UTC)
    made = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(start)
            .not_valid_after(start + timedelta(days=30000)).sign(key, hashes.SHA256()))
    text = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return made.public_bytes(serialization.Encoding.PEM).decode(), text.decode()


CERTIFICATE, PRIVATE_KEY = certificate()


def saml_metadata(issuer: str = "https://idp.example.com", **more: str) -> str:
    """What an identity provider says of itself; long enough for AWS's model."""
    body = "".join(CERTIFICATE.split("-----")[2].split())
    given = "".join(f' {k}="{v}"' for k, v in more.items())
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{issuer}"{given}>
  <md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol" WantAuthnRequestsSigned="false">
    <md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">
      <ds:X509Data><ds:X509Certificate>{body}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
    <md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:persistent</md:NameIDFormat>
    <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="{issuer}/sso"/>
  </md:IDPSSODescriptor>
</md:EntityDescriptor>{" " * 300}"""


def primary_key(here: Any) -> str:
    there = type(here)(here.thread, here.account, "eu-central-1" if here.region != "eu-central-1" else "eu-west-2")
    key = there.make("AWS::KMS::Key", MultiRegion=True)[0]
    return f"arn:aws:kms:{there.region}:{there.account}:key/{key}"


def organization_root(here: Any) -> str:
    def found(call: Any) -> str:
        with contextlib.suppress(AwsError):               # there is one already
            call.aws.organizations.create_organization()
        return str(call.aws.organizations.list_roots()["Roots"][0]["Id"])

    return str(here.do(found))


def bus_arn(here: Any) -> str:
    return f"arn:aws:events:{here.region}:{here.account}:event-bus/{here.make('AWS::Events::EventBus')[0]}"


def connection_arn(here: Any) -> str:
    name = here.make("AWS::Events::Connection")[0]
    return str(here.do(lambda call: call.aws.events.describe_connection(Name=name))["ConnectionArn"])


def control_policy(here: Any) -> dict[str, Any]:
    return {"Name": "p" + here.unique(), "Type": "SERVICE_CONTROL_POLICY", "TargetIds": [organization_root(here)],
            "Content": json.dumps(POLICY)}


def http_api(here: Any, **more: Any) -> dict[str, Any]:
    """The API that a part belongs to, and what is said of the part."""
    return {"ApiId": here.make("AWS::ApiGatewayV2::Api")[0], **more}


def websocket_api(here: Any, **more: Any) -> dict[str, Any]:
    return {"ApiId": here.make("AWS::ApiGatewayV2::Api", ProtocolType="WEBSOCKET",
                               RouteSelectionExpression="$request.body.action")[0], **more}


def websocket_part(here: Any, kind: str, name: str, properties: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A part of a WebSocket API, to which another belongs."""
    api = websocket_api(here)["ApiId"]
    return {"ApiId": api, name: here.make(kind, **{**properties, "ApiId": api})[1], **more}


SAMPLES: dict[str, Sample] = {
    "AWS::ApplicationAutoScaling::ScalableTarget": Sample(scaled, {"MaxCapacity": 9}),
    "AWS::ApplicationAutoScaling::ScalingPolicy": Sample(
        lambda here: {"PolicyName": "half", "PolicyType": "TargetTrackingScaling", **scaled_one(here),
                      "TargetTrackingScalingPolicyConfiguration": HALF}, {"TargetTrackingScalingPolicyConfiguration": {
                          **HALF, "TargetValue": 60.0}}),
    "AWS::ApiGatewayV2::Api": Sample(lambda here: {"Name": "api", "ProtocolType": "HTTP"}, {"Description": "changed"}),
    "AWS::ApiGatewayV2::Route": Sample(lambda here: http_api(here, RouteKey="GET /pets"), {"RouteKey": "GET /dogs"}),
    "AWS::ApiGatewayV2::RouteResponse": Sample(
        lambda here: websocket_part(here, "AWS::ApiGatewayV2::Route", "RouteId", {"RouteKey": "say"},
                                    RouteResponseKey="$default"),
        {"ModelSelectionExpression": "default"}),
    "AWS::ApiGatewayV2::Integration": Sample(
        lambda here: http_api(here, IntegrationType="HTTP_PROXY", IntegrationUri="https://example.com", IntegrationMethod="GET",
                              PayloadFormatVersion="1.0"), {"TimeoutInMillis": 1000}),
    "AWS::ApiGatewayV2::IntegrationResponse": Sample(
        lambda here: websocket_part(here, "AWS::ApiGatewayV2::Integration", "IntegrationId", {
            "IntegrationType": "HTTP", "IntegrationUri": "https://example.com", "IntegrationMethod": "POST"},
            IntegrationResponseKey="$default"), {"TemplateSelectionExpression": "default"}),
    "AWS::ApiGatewayV2::Authorizer": Sample(
        lambda here: http_api(here, Name="issuer", AuthorizerType="JWT", IdentitySource=["$request.header.Authorization"],
                              JwtConfiguration={"Issuer": "https://example.com", "Audience": ["app"]}), {"Name": "other"}),
    "AWS::ApiGatewayV2::Model": Sample(lambda here: websocket_api(here, Name="pet", Schema="{}"),
                                       {"Schema": '{"type": "object"}'}),
    "AWS::ApiGatewayV2::Deployment": Sample(
        lambda here: {"ApiId": here.make("AWS::ApiGatewayV2::Route")[0]}, {"Description": "changed"}),
    "AWS::ApiGatewayV2::Stage": Sample(lambda here: http_api(here, StageName="dev"), {"Description": "changed"}),
    "AWS::ApiGatewayV2::DomainName": Sample(
        lambda here: {"DomainName": f"api-{here.unique()}.shop.example", "DomainNameConfigurations": [
            {"CertificateArn": here.make("AWS::CertificateManager::Certificate")[0]}]},
        no_change="its configurations are told with what AWS adds to them", differs=("DomainNameConfigurations",)),
    "AWS::ApiGatewayV2::ApiMapping": Sample(
        lambda here: {"DomainName": here.make("AWS::ApiGatewayV2::DomainName")[0],
                      **dict(zip(("ApiId", "Stage"), here.make("AWS::ApiGatewayV2::Stage"), strict=True))},
        {"ApiMappingKey": "v1"}),
    "AWS::ApiGatewayV2::VpcLink": Sample(
        lambda here: {"Name": "link", "SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}, {"Name": "renamed"}),
    "AWS::ApiGateway::RestApi": Sample(lambda here: {"Name": "api", "Description": "d"},
                                       no_change="it is changed by patch operations, which the lifecycle does not write"),
    "AWS::Organizations::OrganizationalUnit": Sample(
        lambda here: {"Name": "u" + here.unique(), "ParentId": organization_root(here)}, {"Name": "renamed"}),
    "AWS::Organizations::Policy": Sample(control_policy, {"Description": "changed"}, differs=("TargetIds",)),
    "AWS::IAM::User": Sample(lambda here: {"UserName": "u" + here.unique()},
                             no_change="all of its properties here are fixed or relations"),
    "AWS::IAM::Group": Sample(lambda here: {"GroupName": "g" + here.unique()},
                              no_change="all of its properties here are fixed or relations"),
    "AWS::IAM::Role": Sample(
        lambda here: {"RoleName": "r" + here.unique(), "AssumeRolePolicyDocument": json.dumps(TRUST),
                      "ManagedPolicyArns": [here.make("AWS::IAM::ManagedPolicy")[0]]},
        {"Description": "changed", "MaxSessionDuration": 7200}, differs=("ManagedPolicyArns",)),
    "AWS::IAM::ManagedPolicy": Sample(
        lambda here: {"ManagedPolicyName": "p" + here.unique(), "PolicyDocument": json.dumps(POLICY)},
        {"PolicyDocument": json.dumps(POLICY | {"Id": "second"})}),
    "AWS::IAM::InstanceProfile": Sample(
        lambda here: {"InstanceProfileName": "i" + here.unique(), "Roles": [profile_role(here)]},
        no_change="its role is a relation"),
    "AWS::AccessAnalyzer::Analyzer": Sample(
        lambda here: {"AnalyzerName": "a" + here.unique(), "Type": "ACCOUNT_UNUSED_ACCESS",
                      "AnalyzerConfiguration": {"unusedAccess": {"unusedAccessAge": 30}}},
        {"AnalyzerConfiguration": {"unusedAccess": {"unusedAccessAge": 60}}}),
    "AWS::ACMPCA::CertificateAuthority": Sample(
        lambda here: {"Type": "ROOT", "KeyAlgorithm": "EC_prime256v1", "SigningAlgorithm": "SHA256WITHECDSA",
                      "Subject": {"CommonName": "authority " + here.unique()}},
        no_change="it can be changed only after its certificate was imported"),
    "AWS::CertificateManager::Certificate": Sample(
        lambda here: {"DomainName": f"www{here.unique()}.example.com", "ValidationMethod": "DNS",
                      "SubjectAlternativeNames": ["example.com"]},
        {"CertificateTransparencyLoggingPreference": "DISABLED"}, differs=("SubjectAlternativeNames",)),
    "AWS::IAM::OIDCProvider": Sample(
        lambda here: {"Url": f"https://idp{here.unique()}.example.com", "ClientIdList": ["app"], "ThumbprintList": ["a" * 40]},
        {"ThumbprintList": ["b" * 40]}, differs=("Url", "ClientIdList")),
    "AWS::IAM::SAMLProvider": Sample(
        lambda here: {"Name": "s" + here.unique(), "SamlMetadataDocument": saml_metadata()},
        {"SamlMetadataDocument": saml_metadata("https://other.example.com")}),
    "AWS::IAM::ServerCertificate": Sample(
        lambda here: {"ServerCertificateName": "c" + here.unique(), "CertificateBody": CERTIFICATE,
                      "PrivateKey": PRIVATE_KEY},
        no_change="only name and path change, and the name is its id"),
    "AWS::IAM::VirtualMFADevice": Sample(
        lambda here: {"VirtualMfaDeviceName": "m" + here.unique()}, no_change="its name and path are fixed"),
    "AWS::DynamoDB::Table": Sample(
        lambda here: {"TableName": "t" + here.unique(), "BillingMode": "PAY_PER_REQUEST",
                      "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
                      "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]},
        {"DeletionProtectionEnabled": True, "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True}}),
    "AWS::EC2::VPC": Sample(lambda here: {"CidrBlock": "10.0.0.0/16"}, {"EnableDnsHostnames": True}),
    "AWS::EC2::Subnet": Sample(
        lambda here: {"VpcId": here.make("AWS::EC2::VPC")[0], "CidrBlock": "10.0.1.0/24"}, {"MapPublicIpOnLaunch": True},
        differs=("VpcId",)),
    "AWS::EC2::SecurityGroup": Sample(
        lambda here: {"GroupName": "g" + here.unique(), "GroupDescription": "web", "VpcId": here.make("AWS::EC2::VPC")[0]},
        no_change="all of its properties here are fixed", differs=("VpcId", "GroupName")),
    "AWS::EC2::VPCEndpoint": Sample(
        lambda here: {"VpcId": here.make("AWS::EC2::VPC")[0], "ServiceName": f"com.amazonaws.{here.region}.s3"},
        {"PolicyDocument": json.dumps(ANYBODY)}, differs=("VpcId",)),
    "AWS::EventSchemas::Registry": Sample(lambda here: {"RegistryName": "r" + here.unique()}, {"Description": "changed"}),
    "AWS::EventSchemas::Schema": Sample(
        lambda here: {"RegistryName": here.make("AWS::EventSchemas::Registry")[0], "SchemaName": "s" + here.unique(),
                      "Type": "JSONSchemaDraft4", "Content": '{"type": "object"}'}, {"Content": '{"type": "string"}'}),
    "AWS::EventSchemas::Discoverer": Sample(lambda here: {"SourceArn": bus_arn(here)}, {"Description": "changed"}),
    "AWS::Events::EventBus": Sample(lambda here: {"Name": "b" + here.unique()}, {"Description": "changed"}),
    "AWS::Events::Rule": Sample(
        lambda here: {"Name": "r" + here.unique(), "EventPattern": '{"source": ["a"]}'}, {"State": "DISABLED"}),
    "AWS::Events::Archive": Sample(
        lambda here: {"ArchiveName": "a" + here.unique(), "SourceArn": bus_arn(here)}, {"RetentionDays": 7},
        differs=("SourceArn",)),
    "AWS::Events::Endpoint": Sample(
        lambda here: {"Name": "e" + here.unique(), "ReplicationConfig": {"State": "DISABLED"},
                      "EventBuses": [{"EventBusArn": f"arn:aws:events:{region}:{here.account}:event-bus/default"}
                                     for region in (here.region, "ap-south-1")],
                      "RoutingConfig": {"FailoverConfig": {
                          "Primary": {"HealthCheck": "arn:aws:route53:::healthcheck/8ad2b1f5-0000-4000-8000-000000000000"},
                          "Secondary": {"Route": "ap-south-1"}}}},
        {"Description": "changed"}),
    "AWS::Events::Connection": Sample(
        lambda here: {"Name": "c" + here.unique(), "AuthorizationType": "API_KEY", "AuthParameters": {
            "ApiKeyAuthParameters": {"ApiKeyName": "key", "ApiKeyValue": "hidden"}}},
        {"Description": "changed"}, differs=("AuthParameters",)),
    "AWS::Events::ApiDestination": Sample(
        lambda here: {"Name": "d" + here.unique(), "ConnectionArn": connection_arn(here), "HttpMethod": "POST",
                      "InvocationEndpoint": "https://example.com/hook"},
        {"InvocationRateLimitPerSecond": 10}, differs=("ConnectionArn",)),
    "AWS::KMS::Key": Sample(lambda here: {"Description": "first", "EnableKeyRotation": True},
                            {"Description": "second", "PendingWindowInDays": 7, "EnableKeyRotation": False, "Enabled": False}),
    "AWS::KMS::ReplicaKey": Sample(
        lambda here: {"PrimaryKeyArn": primary_key(here), "Description": "first"}, {"Description": "second"},
        differs=("PrimaryKeyArn",)),
    "AWS::KMS::Alias": Sample(
        lambda here: {"AliasName": "alias/a" + here.unique(), "TargetKeyId": here.make("AWS::KMS::Key")[0]},
        no_change="its key is changed to another one of the same kind", differs=("TargetKeyId",)),
    "AWS::Lambda::Function": Sample(function, {"Timeout": 30}, differs=("FunctionName",)),
    "AWS::Lambda::Alias": Sample(
        lambda here: {"FunctionName": here.make("AWS::Lambda::Function")[0], "Name": "live", "FunctionVersion": "$LATEST"},
        {"Description": "changed"}),
    "AWS::Lambda::CapacityProvider": Sample(
        lambda here: {"CapacityProviderName": "c" + here.unique(), "PermissionsConfig": {
            "CapacityProviderOperatorRoleArn": f"arn:aws:iam::{here.account}:role/operator"},
            "VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}}, {"PropagateTags": {"Mode": "None"}}),
    "AWS::Lambda::CodeSigningConfig": Sample(
        lambda here: {"AllowedPublishers": {"SigningProfileVersionArns": [
            f"arn:aws:signer:{here.region}:{here.account}:/signing-profiles/p/abcdefghij"]}}, {"Description": "changed"}),
    "AWS::Lambda::EventSourceMapping": Sample(
        lambda here: {"FunctionName": here.make("AWS::Lambda::Function")[0], "EventSourceArn": queue_arn(here)},
        {"BatchSize": 5}, differs=("FunctionName",)),
    "AWS::Logs::LogGroup": Sample(
        lambda here: {"LogGroupName": "l" + here.unique()}, {"RetentionInDays": 7, "BearerTokenAuthenticationEnabled": True}),
    "AWS::Logs::LogStream": Sample(
        lambda here: {"LogGroupName": here.make("AWS::Logs::LogGroup")[0], "LogStreamName": "s" + here.unique()},
        no_change="its names are fixed", differs=("LogGroupName",)),
    "AWS::S3::Bucket": Sample(lambda here: {"BucketName": "b" + here.unique()},
                              {"VersioningConfiguration": {"Status": "Enabled"}}),
    "AWS::S3Vectors::VectorBucket": Sample(
        lambda here: {"VectorBucketName": "v" + here.unique(), "EncryptionConfiguration": {"SseType": "AES256"}},
        no_change="all that it has is fixed"),
    "AWS::S3Vectors::Index": Sample(
        lambda here: {"VectorBucketName": here.make("AWS::S3Vectors::VectorBucket")[0], "IndexName": "i" + here.unique(),
                      "DataType": "float32", "Dimension": 3, "DistanceMetric": "cosine",
                      "EncryptionConfiguration": {"SseType": "AES256"},
                      "MetadataConfiguration": {"NonFilterableMetadataKeys": ["text"]}},
        no_change="all that it has is fixed", differs=("VectorBucketName",)),
    "AWS::S3Tables::TableBucket": Sample(lambda here: {"TableBucketName": "b" + here.unique()}, no_change="its name is fixed"),
    "AWS::S3Tables::Table": Sample(
        lambda here: {"TableBucketARN": namespace_of_tables(here), "Namespace": "shop", "TableName": "orders",
                      "OpenTableFormat": "ICEBERG"}, no_change="its names are fixed", differs=("TableBucketARN",)),
    "AWS::Scheduler::ScheduleGroup": Sample(
        lambda here: {"Name": "g" + here.unique()}, no_change="its name is fixed"),
    "AWS::Scheduler::Schedule": Sample(
        lambda here: {"Name": "s" + here.unique(), "ScheduleExpression": "cron(0 0 1 1 ? *)",
                      "FlexibleTimeWindow": {"Mode": "OFF"},
                      "Target": {"Arn": queue_arn(here), "RoleArn": f"arn:aws:iam::{here.account}:role/r"}},
        {"Description": "changed"}),
    "AWS::SecretsManager::Secret": Sample(
        lambda here: {"Name": "s" + here.unique(), "SecretString": "hidden"}, {"Description": "changed"}),
    "AWS::Kinesis::Stream": Sample(
        lambda here: {"Name": "s" + here.unique(), "ShardCount": 1, "RetentionPeriodHours": 72},
        {"RetentionPeriodHours": 48, "MaxRecordSizeInKiB": 2048,
         "StreamEncryption": {"EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"}}),
    "AWS::Kinesis::StreamConsumer": Sample(
        lambda here: {"StreamARN": stream_arn(here), "ConsumerName": "c" + here.unique()},
        no_change="all of its properties here are fixed or relations"),
    "AWS::SNS::Topic": Sample(lambda here: {"TopicName": "n" + here.unique()}, {"DisplayName": "News"}),
    "AWS::SNS::Subscription": Sample(
        lambda here: {"TopicArn": topic_arn(here), "Protocol": "sqs", "Endpoint": queue_arn(here)},
        {"RawMessageDelivery": True}),
    "AWS::SSM::Parameter": Sample(lambda here: {"Name": "p" + here.unique(), "Type": "String", "Value": "one"},
                                  {"Value": "two"}),
    "AWS::SQS::Queue": Sample(lambda here: {"QueueName": "q" + here.unique()}, {"VisibilityTimeout": 45}),
}
