// Addresses of AWS's console, ARNs and names lead to the page that shows them.
import { describe, expect, test } from 'vitest'
import { moved, placeOfArn, placeOfName } from './places'

describe('an ARN', () => {
  test.each([
    ['arn:aws:s3:::photos/2026/a.png', '/s3/buckets/photos'],
    ['arn:aws:sqs:us-east-1:000000000000:jobs', '/sqs/queues/jobs'],
    ['arn:aws:sns:us-east-1:000000000000:news:7e0c', '/sns/topics/arn%3Aaws%3Asns%3Aus-east-1%3A000000000000%3Anews'],
    ['arn:aws:dynamodb:us-east-1:000000000000:table/music/index/year', '/dynamodb/tables/music'],
    ['arn:aws:lambda:us-east-1:000000000000:function:work:live', '/lambda/functions/work'],
    ['arn:aws:logs:us-east-1:000000000000:log-group:/app/web:*', '/logs/groups/%2Fapp%2Fweb'],
    ['arn:aws:events:us-east-1:000000000000:rule/shop/big', '/events/rules/shop/big'],
    ['arn:aws:events:us-east-1:000000000000:rule/hourly', '/events/rules/default/hourly'],
    ['arn:aws:iam::000000000000:role/service-role/worker', '/iam/roles/worker'],
    ['arn:aws:ssm:us-east-1:000000000000:parameter/app/url', '/ssm/parameters/%2Fapp%2Furl'],
    ['arn:aws:apigateway:us-east-1::/restapis/a1b2c3/stages/dev', '/apigateway/rest/a1b2c3'],
    ['arn:aws:apigateway:us-east-1::/apis/a1b2c3', '/apigateway/apis/a1b2c3'],
    ['arn:aws:execute-api:us-east-1:000000000000:a1b2c3/dev/GET/x', '/apigateway'],
    ['arn:aws:kinesis:us-east-1:000000000000:stream/clicks/consumer/reader:1700000000', '/kinesis/streams/clicks'],
    ['arn:aws:ec2:us-east-1:000000000000:vpc/vpc-1', '/service/ec2'],
  ])('%s', (arn, place) => expect(placeOfArn(arn)).toBe(place))
})

describe('a name', () => {
  test.each([['s3', '/s3'], ['ec2', '/service/ec2'], ['inspector', '/inspector'], ['labs/L01', '/labs/L01'], ['s3/buckets/photos', '/s3/buckets/photos'], ['arn:aws:sqs:x:1:q', '/sqs/queues/q']])('%s', (name, place) => expect(placeOfName(name)).toBe(place))
})

describe('an address of AWS’s console', () => {
  test.each([
    ['/s3/buckets/photos', '?region=eu-west-1&tab=objects', '', '/s3/buckets/photos'],
    ['/s3/home', '?region=eu-west-1', '', '/s3'],
    ['/dynamodbv2/home', '', '#table?name=music&tab=overview', '/dynamodb/tables/music'],
    ['/sqs/v3/home', '', '#/queues/https%3A%2F%2Fsqs.us-east-1.amazonaws.com%2F000000000000%2Fjobs', '/sqs/queues/jobs'],
    ['/sns/v3/home', '', '#/topic/arn:aws:sns:us-east-1:000000000000:news', '/sns/topics/arn%3Aaws%3Asns%3Aus-east-1%3A000000000000%3Anews'],
    ['/iam/home', '', '#/users/details/ann?section=permissions', '/iam/users/ann'],
    ['/iamv2/home', '', '#/roles', '/iam/roles'],
    ['/lambda/home', '?region=us-west-2', '#/functions/work?tab=code', '/lambda/functions/work'],
    ['/kms/home', '', '#/kms/keys/1234/', '/kms/keys/1234'],
    ['/cloudwatch/home', '', '#logsV2:log-groups/log-group/$252Fapp$252Fweb/log-events', '/logs/groups/%2Fapp%2Fweb'],
    ['/cloudwatch/home', '', '#logsV2:logs-insights', '/logs/insights'],
    ['/events/home', '', '#/eventbus/default/rules/hourly', '/events/rules/default/hourly'],
    ['/scheduler/home', '', '#schedules', '/events/schedules'],
    ['/systems-manager/parameters', '?region=us-east-1', '', '/ssm'],
    ['/apigateway/home', '', '#/apis/a1b2c3/resources/x', '/apigateway/rest/a1b2c3'],
    ['/kinesis/home', '', '#/streams/details/clicks/monitoring', '/kinesis/streams/clicks'],
    ['/vpcconsole/home', '', '#vpcs:', '/service/ec2'],
  ])('%s%s%s', (path, search, hash, place) => expect(moved(path, search, hash)?.to).toBe(place))
  test('names a region', () => expect(moved('/lambda/home', '?region=us-west-2', '')?.region).toBe('us-west-2'))
  test.each([['/s3/buckets/photos', '?tab=permissions'], ['/lambda/functions/work', ''], ['/', '']])('ours stay: %s%s', (path, search) => expect(moved(path, search, '')).toBeUndefined())
})
