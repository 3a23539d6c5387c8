// The side lists of services that have screens of their own.
export const NAVIGATION: Record<string, [string, string][]> = {
  s3: [['Buckets', '/s3']],
  dynamodb: [['Tables', '/dynamodb']],
  sqs: [['Queues', '/sqs']],
  sns: [['Topics', '/sns'], ['Mailbox', '/sns/mailbox']],
  iam: [['Users', '/iam'], ['Groups', '/iam/groups'], ['Roles', '/iam/roles'], ['Policies', '/iam/policies']],
  kms: [['Keys', '/kms']],
  secretsmanager: [['Secrets', '/secretsmanager']],
  lambda: [['Functions', '/lambda']],
  logs: [['Log groups', '/logs'], ['Logs Insights', '/logs/insights']],
  events: [['Rules', '/events'], ['Event buses', '/events/buses'], ['Archives and replays', '/events/archives'], ['Schedules', '/events/schedules']],
  ssm: [['Parameters', '/ssm']],
  kinesis: [['Data streams', '/kinesis']],
  apigateway: [['APIs', '/apigateway'], ['Everything else of HTTP APIs', '/service/apigatewayv2']],
}
