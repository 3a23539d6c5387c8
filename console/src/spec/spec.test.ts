// The rules that turn models into pages, against small models and the real answers' forms.
import { describe, expect, test } from 'vitest'
import type { Operation, Shape, Spec } from '../api/spec'
import { control, fields, params, problems } from './forms'
import { actions, aimed, children, columns, filled, kinds, rowsOf, started, valueFor } from './kinds'
import { source } from './pickers'
import { label, singular } from './words'

const text: Shape = { type: 'string' }

function spec(operations: Record<string, Partial<Operation> & { needs?: string[]; takes?: Record<string, string>; gives?: Record<string, string> }>, shapes: Record<string, Shape> = {}): Spec {
  const all: Record<string, Shape> = { String: text, Strings: { type: 'list', of: 'String' }, ...shapes }
  const members = (of: Record<string, string>) => Object.fromEntries(Object.entries(of).map(([name, shape]) => [name, { shape, doc: '' }]))
  const said: Record<string, Operation> = {}
  for (const [name, { needs = [], takes = {}, gives, ...rest }] of Object.entries(operations)) {
    all[`${name}Input`] = { type: 'structure', members: members({ ...Object.fromEntries(needs.map((one) => [one, 'String'])), ...takes }), required: needs }
    if (gives) all[`${name}Output`] = { type: 'structure', members: members(gives) }
    said[name] = { doc: '', here: true, in: `${name}Input`, out: gives ? `${name}Output` : undefined, ...rest }
  }
  return { id: 'x', title: 'X', here: true, operations: said, shapes: all }
}

describe('words', () => {
  test.each([['Queues', 'Queue'], ['Policies', 'Policy'], ['Addresses', 'Address'], ['Aliases', 'Alias'], ['Mailboxes', 'Mailbox'], ['Access', 'Access'], ['Indices', 'Index']])('%s → %s', (many, one) => {
    expect(singular(many)).toBe(one)
  })
  test.each([['QueueUrl', 'Queue URL'], ['VpcId', 'VPC ID'], ['KMSMasterKeyId', 'KMS master key ID'], ['logGroupName', 'Log group name'], ['Tags', 'Tags']])('%s reads %s', (name, shown) => {
    expect(label(name)).toBe(shown)
  })
})

const QUEUES = spec({
  ListQueues: { gives: { QueueUrls: 'Strings', NextToken: 'String' } },
  CreateQueue: { needs: ['QueueName'], gives: { QueueUrl: 'String' } },
  DeleteQueue: { needs: ['QueueUrl'] },
  PurgeQueue: { needs: ['QueueUrl'] },
  ListQueueTags: { needs: ['QueueUrl'], gives: { Tags: 'Strings' } },
  SendMessage: { needs: ['QueueUrl', 'MessageBody'] },
})

describe('kinds', () => {
  test('a list of texts, with what makes and ends them', () => {
    const [queue] = kinds(QUEUES)
    expect(queue).toMatchObject({ noun: 'Queue', list: 'ListQueues', result: 'QueueUrls', create: 'CreateQueue', remove: 'DeleteQueue' })
    const rows = rowsOf(queue, { QueueUrls: ['http://q/1'] }, queue.noun)
    expect(rows).toEqual([{ QueueUrl: 'http://q/1' }])
    expect(filled(QUEUES, 'DeleteQueue', rows[0], 'Queue')).toEqual({ QueueUrl: 'http://q/1' })
    expect(actions(QUEUES, queue, rows[0])).toEqual([{ name: 'PurgeQueue', params: { QueueUrl: 'http://q/1' } }])
    expect(started(QUEUES, 'SendMessage', rows[0], 'Queue')).toEqual({ QueueUrl: 'http://q/1' })
    expect(children(QUEUES, queue, rows[0]).map((child) => child.name)).toEqual(['ListQueueTags'])
  })

  test('things within things are told as things: reservations of instances', () => {
    const ec2 = spec(
      { DescribeInstances: { gives: { Reservations: 'Reservations' }, takes: { InstanceIds: 'Strings' } }, RunInstances: {}, TerminateInstances: { needs: [], takes: {} } },
      {
        Reservations: { type: 'list', of: 'Reservation' }, Reservation: { type: 'structure', members: { Instances: { shape: 'Instances', doc: '' } } },
        Instances: { type: 'list', of: 'Instance' }, Instance: { type: 'structure', members: { InstanceId: { shape: 'String', doc: '' } } },
      },
    )
    const [instance] = kinds(ec2)
    expect(instance).toMatchObject({ noun: 'Instance', inner: 'Instances', item: 'Instance', create: 'RunInstances', remove: 'TerminateInstances' })
    expect(rowsOf(instance, { Reservations: [{ Instances: [{ InstanceId: 'i-1' }] }, { Instances: [{ InstanceId: 'i-2' }] }] }, 'Instance')).toHaveLength(2)
    expect(aimed(ec2, 'DescribeInstances', { InstanceId: 'i-1' }, 'Instance')).toEqual({ InstanceIds: ['i-1'] })
  })

  test('a list below Items is found', () => {
    const cdn = spec({ ListDistributions: { gives: { DistributionList: 'DistributionList' } } }, { DistributionList: { type: 'structure', members: { Items: { shape: 'Strings', doc: '' } } } })
    expect(kinds(cdn)[0].result).toBe('DistributionList.Items')
  })

  test('what can be made here comes before what cannot', () => {
    const two = spec({ ListAs: { gives: { As: 'Strings' }, here: false }, CreateA: {}, DeleteA: {}, ListBs: { gives: { Bs: 'Strings' } } })
    expect(kinds(two).map((kind) => kind.noun)).toEqual(['B', 'A'])
  })

  test.each([
    ['PolicyArn', { Arn: 'arn:p', PolicyName: 'p' }, 'Policy', 'arn:p'],
    ['Bucket', { Name: 'b' }, 'Bucket', 'b'],
    ['SecretId', { ARN: 'arn:s', Name: 's' }, 'Secret', 'arn:s'],
    ['Name', { ParameterName: 'n' }, 'Parameter', 'n'],
    ['ResourceArn', { TopicArn: 'arn:t' }, 'Topic', 'arn:t'],
    ['functionname', { FunctionName: 'f' }, 'Function', 'f'],
    ['QueueUrl', { Name: 'x' }, 'Topic', undefined],
  ])('%s of a thing', (member, row, noun, value) => {
    expect(valueFor(member, row, noun)).toBe(value)
  })

  test('columns begin with the name, go on with what tells of it, and leave out what no row has', () => {
    const users = spec({ ListUsers: { gives: { Users: 'Users' } } }, {
      Users: { type: 'list', of: 'User' },
      User: { type: 'structure', members: { Arn: { shape: 'String', doc: '' }, Path: { shape: 'String', doc: '' }, UserName: { shape: 'String', doc: '' }, Tags: { shape: 'Strings', doc: '' } } },
    })
    expect(columns(users, 'User', [{ Arn: 'a', UserName: 'ann' }], 'User')).toEqual(['UserName', 'Arn'])
    expect(columns(users, 'User', [], 'User')).toEqual(['UserName', 'Arn', 'Path'])
  })
})

const FORM = spec({ Make: { needs: ['Name'], takes: { Size: 'Integer', On: 'Boolean', Colour: 'Colour', Names: 'Strings', Tags: 'Map', Inner: 'Inner', Tree: 'Tree', When: 'Time', Data: 'Blob', Policy: 'String' }, honours: ['Name', 'Size'] } }, {
  Integer: { type: 'integer', min: 1, max: 9 }, Boolean: { type: 'boolean' }, Colour: { type: 'string', enum: ['red', 'blue'] }, Map: { type: 'map', key: 'String', of: 'String' },
  Inner: { type: 'structure', members: { Size: { shape: 'Integer', doc: '' } } }, Trees: { type: 'list', of: 'Tree' },
  Tree: { type: 'structure', members: { Leaves: { shape: 'Trees', doc: '' } } }, Time: { type: 'timestamp' }, Blob: { type: 'blob' },
})

describe('forms', () => {
  test('each member has the control of its shape', () => {
    const found = Object.fromEntries(fields(FORM, 'MakeInput').map((field) => [field.name, field.control]))
    expect(found).toEqual({ Name: 'text', Size: 'number', On: 'flag', Colour: 'choice', Names: 'texts', Tags: 'pairs', Inner: 'group', Tree: 'json', When: 'time', Data: 'blob', Policy: 'policy' })
  })
  test('what is required comes first, what is not honoured last', () => {
    const found = fields(FORM, 'MakeInput', ['Name', 'Tags'])
    expect(found.slice(0, 2).map((field) => [field.name, field.here])).toEqual([['Name', true], ['Tags', true]])
    expect(found.slice(2).some((field) => field.here)).toBe(false)
  })
  test('a shape that holds itself is JSON, at any depth', () => {
    expect(control(FORM, 'Tree', 'Tree')).toBe('json')
    expect(control(FORM, 'Inner', 'Inner', 3)).toBe('json')
  })
  test('what was left empty is not sent, and texts become what the model says', () => {
    expect(params(FORM, 'MakeInput', { Name: 'n', Size: '3', On: true, Colour: '', Names: ['', 'a'], Tags: { '': 'x', k: 'v' }, Inner: { Size: '' } })).toEqual({ Name: 'n', Size: 3, On: true, Names: ['a'], Tags: { k: 'v' } })
  })
  test('problems are told by field', () => {
    expect(problems(FORM, 'MakeInput', { Size: '12' })).toEqual({ Name: 'This is required.', Size: 'At most 9.' })
    expect(problems(FORM, 'MakeInput', { Name: 'n', Size: 'x' })).toEqual({ Size: 'This is no number.' })
  })
})

describe('pickers', () => {
  test('well-known members are picked from where they live', () => {
    expect(source(FORM, 'RoleArn')).toMatchObject({ service: 'iam', list: 'ListRoles' })
    expect(source(FORM, 'SubnetIds')).toMatchObject({ service: 'ec2', value: 'SubnetId' })
    expect(source(FORM, 'Comment')).toBeUndefined()
  })
  test('the name of what is being made is new', () => {
    expect(source(FORM, 'TableName', 'Table')).toBeUndefined()
    expect(source(FORM, 'TableName', 'Backup')).toMatchObject({ service: 'dynamodb' })
  })
  test('a member that names a thing of the same service is picked from its list', () => {
    const api = spec({ GetRestApis: { gives: { Items: 'Apis' } }, ListStages: {} }, { Apis: { type: 'list', of: 'Api' }, Api: { type: 'structure', members: { RestApiId: { shape: 'String', doc: '' } } } })
    expect(source(api, 'RestApiId')).toMatchObject({ list: 'GetRestApis', value: 'RestApiId' })
  })
})
