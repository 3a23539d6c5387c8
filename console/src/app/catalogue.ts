// Services as people know them: short names, groups, and which have screens of their own.
import type { Service } from '../api/spec'

const GROUPS: Record<string, Record<string, string>> = {
  Compute: { ec2: 'EC2', lambda: 'Lambda', autoscaling: 'EC2 Auto Scaling', batch: 'Batch', elasticbeanstalk: 'Elastic Beanstalk', lightsail: 'Lightsail', 'compute-optimizer': 'Compute Optimizer', serverlessrepo: 'Serverless Application Repository' },
  Containers: { ecs: 'ECS', ecr: 'ECR', eks: 'EKS', apprunner: 'App Runner' },
  Storage: { s3: 'S3', s3control: 'S3 Control', efs: 'EFS', fsx: 'FSx', glacier: 'S3 Glacier', backup: 'Backup', s3tables: 'S3 Tables', s3vectors: 'S3 Vectors', storagegateway: 'Storage Gateway', ebs: 'EBS' },
  Database: { dynamodb: 'DynamoDB', dynamodbstreams: 'DynamoDB Streams', rds: 'RDS', 'rds-data': 'RDS Data', elasticache: 'ElastiCache', memorydb: 'MemoryDB', docdb: 'DocumentDB', neptune: 'Neptune', redshift: 'Redshift', dax: 'DAX', keyspaces: 'Keyspaces', 'timestream-write': 'Timestream', qldb: 'QLDB' },
  'Networking & content delivery': { elbv2: 'Elastic Load Balancing', elb: 'Classic Load Balancing', route53: 'Route 53', cloudfront: 'CloudFront', apigateway: 'API Gateway', apigatewayv2: 'API Gateway V2', apigatewaymanagementapi: 'API Gateway Management', directconnect: 'Direct Connect', globalaccelerator: 'Global Accelerator', 'vpc-lattice': 'VPC Lattice', route53resolver: 'Route 53 Resolver', servicediscovery: 'Cloud Map', 'network-firewall': 'Network Firewall' },
  'Security, identity & compliance': { iam: 'IAM', sts: 'STS', kms: 'KMS', secretsmanager: 'Secrets Manager', 'cognito-idp': 'Cognito user pools', 'cognito-identity': 'Cognito identity pools', acm: 'Certificate Manager', 'acm-pca': 'Private CA', 'sso-admin': 'IAM Identity Center', identitystore: 'Identity Store', accessanalyzer: 'IAM Access Analyzer', wafv2: 'WAF', guardduty: 'GuardDuty', inspector2: 'Inspector', macie2: 'Macie', securityhub: 'Security Hub', shield: 'Shield', ds: 'Directory Service', ram: 'Resource Access Manager', cloudhsmv2: 'CloudHSM', sso: 'SSO portal', 'sso-oidc': 'SSO OIDC' },
  'Application integration': { sqs: 'SQS', sns: 'SNS', events: 'EventBridge', scheduler: 'EventBridge Scheduler', pipes: 'EventBridge Pipes', schemas: 'EventBridge Schemas', stepfunctions: 'Step Functions', mq: 'MQ', appsync: 'AppSync', swf: 'SWF', appflow: 'AppFlow' },
  'Management & governance': { cloudwatch: 'CloudWatch', logs: 'CloudWatch Logs', cloudformation: 'CloudFormation', cloudcontrol: 'Cloud Control API', cloudtrail: 'CloudTrail', config: 'Config', ssm: 'Systems Manager', organizations: 'Organizations', account: 'Account', 'service-quotas': 'Service Quotas', 'resource-groups': 'Resource Groups', resourcegroupstaggingapi: 'Tag editor', health: 'Health', support: 'Support', servicecatalog: 'Service Catalog', appconfig: 'AppConfig', 'application-autoscaling': 'Application Auto Scaling', fis: 'Fault Injection Service', oam: 'Observability Access', controltower: 'Control Tower' },
  'Developer tools': { codecommit: 'CodeCommit', codebuild: 'CodeBuild', codedeploy: 'CodeDeploy', codepipeline: 'CodePipeline', codeartifact: 'CodeArtifact', cloud9: 'Cloud9', xray: 'X-Ray', codestar: 'CodeStar' },
  Analytics: { athena: 'Athena', glue: 'Glue', kinesis: 'Kinesis', firehose: 'Data Firehose', kinesisanalyticsv2: 'Managed Flink', emr: 'EMR', opensearch: 'OpenSearch', kafka: 'MSK', quicksight: 'QuickSight', lakeformation: 'Lake Formation', datapipeline: 'Data Pipeline' },
  'Machine learning': { bedrock: 'Bedrock', sagemaker: 'SageMaker', comprehend: 'Comprehend', rekognition: 'Rekognition', textract: 'Textract', transcribe: 'Transcribe', translate: 'Translate', polly: 'Polly', personalize: 'Personalize', forecast: 'Forecast', 'lexv2-models': 'Lex' },
  'Front-end, messaging & IoT': { ses: 'SES (classic)', sesv2: 'SES', pinpoint: 'Pinpoint', amplify: 'Amplify', iot: 'IoT Core', 'iot-data': 'IoT Data', location: 'Location' },
  'Migration & billing': { dms: 'Database Migration', datasync: 'DataSync', transfer: 'Transfer Family', snowball: 'Snowball', ce: 'Cost Explorer', budgets: 'Budgets', cur: 'Cost and Usage Reports', pricing: 'Price List' },
}

export const OTHER = 'More services'
const SHORT: Record<string, [string, string]> = {}
for (const [group, members] of Object.entries(GROUPS)) for (const [id, name] of Object.entries(members)) SHORT[id] = [name, group]

export const nameOf = (id: string, title = ''): string => SHORT[id]?.[0] ?? (title.replace(/^(Amazon|AWS) /, '') || id)
export const groupOf = (id: string): string => SHORT[id]?.[1] ?? OTHER
export const groups = (): string[] => [...Object.keys(GROUPS), OTHER]

// Services that have screens of their own, and where these begin.
export const SCREENS = ['s3', 'dynamodb', 'sqs', 'sns', 'iam', 'kms', 'secretsmanager', 'ssm', 'lambda', 'logs', 'events', 'apigateway', 'kinesis']
export const pathOf = (id: string): string => (SCREENS.includes(id) ? `/${id}` : `/service/${id}`)

export function grouped(services: Service[]): [string, Service[]][] {
  return groups()
    .map((group): [string, Service[]] => [group, services.filter((service) => groupOf(service.id) === group).sort((a, b) => nameOf(a.id, a.title).localeCompare(nameOf(b.id, b.title)))])
    .filter(([, members]) => members.length > 0)
}

export const REGIONS: [string, string][] = [
  ['us-east-1', 'US East (N. Virginia)'], ['us-east-2', 'US East (Ohio)'], ['us-west-1', 'US West (N. California)'], ['us-west-2', 'US West (Oregon)'],
  ['ap-south-1', 'Asia Pacific (Mumbai)'], ['ap-northeast-3', 'Asia Pacific (Osaka)'], ['ap-northeast-2', 'Asia Pacific (Seoul)'],
  ['ap-southeast-1', 'Asia Pacific (Singapore)'], ['ap-southeast-2', 'Asia Pacific (Sydney)'], ['ap-northeast-1', 'Asia Pacific (Tokyo)'],
  ['ca-central-1', 'Canada (Central)'], ['eu-central-1', 'Europe (Frankfurt)'], ['eu-west-1', 'Europe (Ireland)'], ['eu-west-2', 'Europe (London)'],
  ['eu-west-3', 'Europe (Paris)'], ['eu-north-1', 'Europe (Stockholm)'], ['sa-east-1', 'South America (São Paulo)'],
]

// Where a resource that the search found is shown.
export type Found = { type: string; service: string; id: string; name: string; arn: string }

export function placeOf({ type, service, id, arn }: Found): string {
  const one = encodeURIComponent(id)
  switch (type) {
    case 'AWS::S3::Bucket': return `/s3/buckets/${one}`
    case 'AWS::DynamoDB::Table': return `/dynamodb/tables/${one}`
    case 'AWS::SQS::Queue': return `/sqs/queues/${one}`
    case 'AWS::SNS::Topic': return `/sns/topics/${encodeURIComponent(arn)}`
    case 'AWS::IAM::User': return `/iam/users/${one}`
    case 'AWS::IAM::Role': return `/iam/roles/${one}`
    case 'AWS::IAM::Group': return `/iam/groups/${one}`
    case 'AWS::IAM::ManagedPolicy': return `/iam/policies/${encodeURIComponent(arn)}`
    case 'AWS::KMS::Key': return `/kms/keys/${one}`
    case 'AWS::SSM::Parameter': return `/ssm/parameters/${one}`
    case 'AWS::Lambda::Function': return `/lambda/functions/${one}`
    case 'AWS::Logs::LogGroup': return `/logs/groups/${one}`
    case 'AWS::Events::Rule': return `/events/rules/${id.split('|').map(encodeURIComponent).join('/')}`
    case 'AWS::Scheduler::Schedule': return '/events/schedules'
    case 'AWS::ApiGateway::RestApi': return `/apigateway/rest/${one}`
    case 'AWS::ApiGatewayV2::Api': return `/apigateway/apis/${one}`
    case 'AWS::Kinesis::Stream': return `/kinesis/streams/${one}`
    case 'AWS::Kinesis::StreamConsumer': return `/kinesis/streams/${encodeURIComponent(arn.split('/')[1])}`
    default: return SCREENS.includes(service) ? `/${service}` : `/service/${service}`
  }
}
