// What a new function begins with, and events to try one with.
export const RUNTIMES = ['python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'nodejs24.x', 'nodejs22.x', 'nodejs20.x', 'nodejs18.x', 'provided.al2023']

type Starter = { file: string; handler: string; text: string }

const PYTHON: Starter = {
  file: 'lambda_function.py', handler: 'lambda_function.lambda_handler',
  text: `import json


def lambda_handler(event, context):
    print("event:", json.dumps(event))
    return {"statusCode": 200, "body": "Hello from Lambda!"}
`,
}
const NODE: Starter = {
  file: 'index.mjs', handler: 'index.handler',
  text: `export const handler = async (event) => {
  console.log('event:', JSON.stringify(event))
  return { statusCode: 200, body: 'Hello from Lambda!' }
}
`,
}
const OWN: Starter = {
  file: 'bootstrap', handler: 'bootstrap',
  text: `#!/bin/sh
# The Runtime API gives an event, and takes its answer.
api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation"
while true; do
  head=$(mktemp)
  event=$(curl -sS -D "$head" "$api/next")
  id=$(grep -i lambda-runtime-aws-request-id "$head" | tr -d '\\r' | cut -d' ' -f2)
  curl -sS -X POST "$api/$id/response" -d "$event" > /dev/null
done
`,
}

export const starter = (runtime: string): Starter => (runtime.startsWith('python') ? PYTHON : runtime.startsWith('nodejs') ? NODE : OWN)

export const EVENTS: Record<string, unknown> = {
  Hello: { key1: 'value1', key2: 'value2', key3: 'value3' },
  'S3: object created': {
    Records: [{ eventVersion: '2.1', eventSource: 'aws:s3', awsRegion: 'us-east-1', eventTime: '2026-01-01T00:00:00.000Z', eventName: 'ObjectCreated:Put', s3: { s3SchemaVersion: '1.0', bucket: { name: 'example-bucket', arn: 'arn:aws:s3:::example-bucket' }, object: { key: 'picture.png', size: 1024 } } }],
  },
  'SQS: messages': {
    Records: [{ messageId: '19dd0b57-b21e-4ac1-bd88-01bbb068cb78', receiptHandle: 'handle', body: 'Hello from SQS!', attributes: { ApproximateReceiveCount: '1' }, messageAttributes: {}, eventSource: 'aws:sqs', eventSourceARN: 'arn:aws:sqs:us-east-1:123456789012:queue', awsRegion: 'us-east-1' }],
  },
  'SNS: notification': {
    Records: [{ EventSource: 'aws:sns', EventVersion: '1.0', Sns: { Type: 'Notification', TopicArn: 'arn:aws:sns:us-east-1:123456789012:topic', Subject: 'example', Message: 'Hello from SNS!' } }],
  },
  'EventBridge: scheduled': { version: '0', id: 'cdc73f9d-aea9-11e3-9d5a-835b769c0d9c', 'detail-type': 'Scheduled Event', source: 'aws.events', account: '123456789012', time: '2026-01-01T00:00:00Z', region: 'us-east-1', resources: ['arn:aws:events:us-east-1:123456789012:rule/example'], detail: {} },
  'URL: GET request': { version: '2.0', rawPath: '/path', rawQueryString: 'name=value', headers: { accept: '*/*' }, queryStringParameters: { name: 'value' }, requestContext: { http: { method: 'GET', path: '/path', sourceIp: '127.0.0.1' } }, isBase64Encoded: false },
}
