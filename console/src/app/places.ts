// Where things are shown: what an ARN names, and what AWS's own console has at its addresses.
import { pathOf, SCREENS } from './catalogue'

const part = encodeURIComponent

// The service of an ARN is not always the SDK's.
const NAMES: Record<string, string> = { 'execute-api': 'apigateway', sso: 'sso-admin', 'access-analyzer': 'accessanalyzer', 'acm-pca': 'acm-pca', states: 'stepfunctions' }

export function placeOfArn(arn: string): string {
  const [, , named = '', , , ...rest] = arn.split(':')
  const service = NAMES[named] ?? named
  const resource = rest.join(':')
  const [kind, ...tail] = resource.split(/[/:]/)
  const last = resource.split('/').pop() ?? ''
  switch (service) {
    case 's3': return `/s3/buckets/${part(resource.split('/')[0])}`
    case 'sqs': return `/sqs/queues/${part(resource)}`
    case 'sns': return `/sns/topics/${part(arn.split(':').slice(0, 6).join(':'))}`
    case 'dynamodb': return kind === 'table' ? `/dynamodb/tables/${part(tail[0])}` : '/dynamodb'
    case 'lambda': return kind === 'function' ? `/lambda/functions/${part(tail[0])}` : '/lambda'
    case 'logs': return kind === 'log-group' ? `/logs/groups/${part(resource.slice(10).replace(/:(\*|log-stream.*)$/, ''))}` : '/logs'
    case 'events': return kind === 'rule' ? `/events/rules/${tail.length > 1 ? part(tail[0]) : 'default'}/${part(last)}` : '/events'
    case 'iam': return ({ user: `/iam/users/${part(last)}`, role: `/iam/roles/${part(last)}`, group: `/iam/groups/${part(last)}`, policy: `/iam/policies/${part(arn)}` })[kind] ?? '/iam'
    case 'kms': return kind === 'key' ? `/kms/keys/${part(last)}` : '/kms'
    case 'secretsmanager': return `/secretsmanager/secrets/${part(arn)}`
    case 'ssm': return kind === 'parameter' ? `/ssm/parameters/${part(tail.length > 1 ? resource.slice(9) : last)}` : '/service/ssm'
    case 'scheduler': return '/events/schedules'
    case 'kinesis': return kind === 'stream' ? `/kinesis/streams/${part(tail[0])}` : '/kinesis'
    case 'apigateway': return apiPlace(resource.split('/').filter(Boolean))
    default: return pathOf(service)
  }
}

// `/restapis/ID/stages/…`, `/apis/ID/…`
const apiPlace = ([kind, id]: string[]): string => (id && kind === 'restapis' ? `/apigateway/rest/${part(id)}` : id && kind === 'apis' ? `/apigateway/apis/${part(id)}` : '/apigateway')

// What somebody names on the command line: a page, a service, an ARN.
export function placeOfName(name: string): string {
  if (name.startsWith('arn:')) return placeOfArn(name)
  const [first] = name.split(/[/?]/)
  return PAGES.has(first) || (SCREENS.includes(first) && name !== first) ? `/${name}` : pathOf(first)
}

const PAGES = new Set(['', 'inspector', 'explain', 'state', 'coverage', 'labs', 'service'])

// The first part of addresses in AWS's console, where it is not the SDK's name of the service.
const HOMES: Record<string, string> = {
  dynamodbv2: 'dynamodb', iamv2: 'iam', 'systems-manager': 'ssm', cloudwatch: 'logs', vpcconsole: 'ec2', vpc: 'ec2', singlesignon: 'sso-admin', 'acm-pca': 'acm-pca', 'access-analyzer': 'accessanalyzer',
}
const IAM: Record<string, string> = { users: 'users', roles: 'roles', groups: 'groups', user_groups: 'groups', policies: 'policies' }

// The page for an address of AWS's console below `/_console`, and the region that it names; undefined for our own addresses.
export function moved(path: string, search: string, hash: string): { to: string; region: string } | undefined {
  const asked = new URLSearchParams(search)
  const home = /^\/([^/]+)(?:\/v\d+)?\/(home|buckets|object|secret|listsecrets|parameters)(?:\/(.*))?$/.exec(path)
  if (!home || !(home[2] === 'home' || asked.has('region') || home[2] === 'object')) return undefined
  const [, first, page, rest = ''] = home
  const service = HOMES[first] ?? first
  return { to: placeOfHome(service, page, decodeURIComponent(rest), asked, decodeURIComponent(hash.replace(/^#\/?/, ''))), region: asked.get('region') ?? '' }
}

function placeOfHome(service: string, page: string, rest: string, asked: URLSearchParams, hash: string): string {
  const [where, query = ''] = hash.split('?')
  const inside = new URLSearchParams(query)
  const parts = where.split('/').filter(Boolean)
  const last = parts.at(-1) ?? ''
  switch (service) {
    case 's3': return rest ? `/s3/buckets/${part(rest.replace(/\/$/, ''))}` : '/s3'
    case 'dynamodb': return inside.get('name') ?? inside.get('table') ? `/dynamodb/tables/${part(inside.get('name') ?? inside.get('table') ?? '')}` : '/dynamodb'
    case 'sqs': return parts[0] === 'queues' && parts.length > 1 ? `/sqs/queues/${part(last)}` : '/sqs'
    case 'sns': return parts[0] === 'topic' ? `/sns/topics/${part(where.slice(6))}` : '/sns'
    case 'iam': return iamPlace(parts)
    case 'lambda': return parts[0] === 'functions' && parts[1] ? `/lambda/functions/${part(parts[1])}` : '/lambda'
    case 'kms': return parts.includes('keys') && last !== 'keys' ? `/kms/keys/${part(last)}` : '/kms'
    case 'secretsmanager': return asked.get('name') ? `/secretsmanager/secrets/${part(asked.get('name') ?? '')}` : '/secretsmanager'
    case 'ssm': return rest ? `/ssm/parameters/${part(rest.replace(/\/description$/, ''))}` : page === 'parameters' ? '/ssm' : '/service/ssm'
    case 'logs': return logsPlace(where)
    case 'events': return parts[0] === 'eventbus' && parts[3] ? `/events/rules/${part(parts[1])}/${part(parts[3])}` : parts[0] === 'eventbuses' ? '/events/buses' : '/events'
    case 'scheduler': return '/events/schedules'
    case 'kinesis': return parts[1] === 'details' && parts[2] ? `/kinesis/streams/${part(parts[2])}` : '/kinesis'
    case 'apigateway': return parts[0] === 'apis' && parts[1] ? `/apigateway/rest/${part(parts[1])}` : '/apigateway'
    default: return pathOf(service)
  }
}

function iamPlace(parts: string[]): string {
  const kind = IAM[parts[0]]
  const name = parts[1] === 'details' ? parts.slice(2).join('/') : parts.slice(1).join('/')
  if (!kind) return '/iam'
  return name ? `/iam/${kind}/${part(kind === 'policies' ? name : name.split('/')[0])}` : kind === 'users' ? '/iam' : `/iam/${kind}`
}

// `logsV2:log-groups/log-group/$252Fapp$252Fweb`: names are written with `$25` for `%`, twice over.
function logsPlace(where: string): string {
  if (!where.startsWith('logsV2:')) return where.startsWith('logs') ? '/logs' : '/service/cloudwatch'
  if (where.includes('logs-insights')) return '/logs/insights'
  const found = /log-group\/([^/]+)/.exec(where)?.[1]
  return found ? `/logs/groups/${part(decodeURIComponent(decodeURIComponent(found.replaceAll('$', '%'))))}` : '/logs'
}
