// Where the values of well-known members come from: the things of this or another service.
import type { Spec } from '../api/spec'
import { kinds, type Row } from './kinds'
import { singular } from './words'

export type Source = { service: string; list: string; result: string; inner?: string; value: string; label?: string; params?: Row }

const KNOWN: [RegExp, Source][] = [
  [/^(Vpc|VPC)Ids?$/i, { service: 'ec2', list: 'DescribeVpcs', result: 'Vpcs', value: 'VpcId', label: 'CidrBlock' }],
  [/^Subnet(Id|Ids|s)$|SubnetIds?$/i, { service: 'ec2', list: 'DescribeSubnets', result: 'Subnets', value: 'SubnetId', label: 'CidrBlock' }],
  [/^(Vpc)?SecurityGroup(Id|Ids|s)$|^GroupIds$/i, { service: 'ec2', list: 'DescribeSecurityGroups', result: 'SecurityGroups', value: 'GroupId', label: 'GroupName' }],
  [/^KeyPair(Name)?$/i, { service: 'ec2', list: 'DescribeKeyPairs', result: 'KeyPairs', value: 'KeyName' }],
  [/RoleArns?$|^Role$/i, { service: 'iam', list: 'ListRoles', result: 'Roles', value: 'Arn', label: 'RoleName' }],
  [/^RoleName$/, { service: 'iam', list: 'ListRoles', result: 'Roles', value: 'RoleName' }],
  [/^UserName$/, { service: 'iam', list: 'ListUsers', result: 'Users', value: 'UserName' }],
  [/^GroupName$/, { service: 'iam', list: 'ListGroups', result: 'Groups', value: 'GroupName' }],
  [/^PolicyArn$|PermissionsBoundary$/, { service: 'iam', list: 'ListPolicies', result: 'Policies', value: 'Arn', label: 'PolicyName' }],
  [/Kms(Master)?Key(Id|Arn)?s?$|^KeyIds?$|^TargetKeyId$/i, { service: 'kms', list: 'ListKeys', result: 'Keys', value: 'KeyArn' }],
  [/TopicArns?$/, { service: 'sns', list: 'ListTopics', result: 'Topics', value: 'TopicArn' }],
  [/QueueUrls?$/, { service: 'sqs', list: 'ListQueues', result: 'QueueUrls', value: 'QueueUrl' }],
  [/^TableNames?$/, { service: 'dynamodb', list: 'ListTables', result: 'TableNames', value: 'TableName' }],
  [/^FunctionName$|^LambdaFunction(Arn)?$/, { service: 'lambda', list: 'ListFunctions', result: 'Functions', value: 'FunctionName' }],
  [/^(S3)?Bucket(Name)?$/, { service: 's3', list: 'ListBuckets', result: 'Buckets', value: 'Name' }],
  [/^Secret(Id|Arn)$/, { service: 'secretsmanager', list: 'ListSecrets', result: 'SecretList', value: 'ARN', label: 'Name' }],
  [/^logGroupNames?$/i, { service: 'logs', list: 'describeLogGroups', result: 'logGroups', value: 'logGroupName' }],
  [/CertificateArn$/, { service: 'acm', list: 'ListCertificates', result: 'CertificateSummaryList', value: 'CertificateArn', label: 'DomainName' }],
]

// What may be picked for a member of an operation, if that is known. making: the noun that the form makes; its own name is new.
export function source(spec: Spec, member: string, making = ''): Source | undefined {
  if (making && member.toLowerCase().startsWith(making.toLowerCase())) return undefined
  const own = kinds(spec).find((kind) => kind.here && !kind.needs && spec.shapes[kind.item]?.members?.[singular(member)] && singular(member).startsWith(kind.noun))
  if (own) return { service: spec.id, list: own.list, result: own.result, inner: own.inner, value: singular(member) }
  return KNOWN.find(([pattern]) => pattern.test(member))?.[1]
}
