// Which kinds of things a service has, read from its operations: what lists them, makes, shows and ends them.
import type { Operation, Shape, Spec } from '../api/spec'
import { singular } from './words'

export type Kind = {
  noun: string // "VpcEndpoint"
  many: string // "VpcEndpoints"
  list: string
  result: string // where the list lies in the answer: "Reservations", "DistributionList.Items"
  inner?: string // a list within each of the list's elements that holds the things: EC2's Instances
  item: string // the shape of one
  here: boolean
  given: Row // what the list is asked with: the account, the first of the choices that it must be given
  needs?: string // the one member besides that somebody must say first: which instance, which store
  create?: string
  read?: string
  remove?: string
}

export type Row = Record<string, unknown>

const LISTS = /^(List|Describe|Search|Get)/
const MAKES = ['Create', 'Put', 'Register', 'Allocate', 'Run', 'Request', 'Import', 'Start', 'Add', 'Generate', 'Publish']
const ENDS = ['Delete', 'Remove', 'Deregister', 'Terminate', 'Release', 'Cancel', 'Close', 'Disassociate', 'Schedule']
const READS = ['Get', 'Describe', 'Head']

export const input = (spec: Spec, name: string): Shape | undefined => {
  const shape = spec.operations[name]?.in
  return shape === undefined ? undefined : spec.shapes[shape]
}

// The list in an answer: by the paginator's word for it, else the first member that is one.
export function resultOf(spec: Spec, operation: Operation): { path: string; of: string } | undefined {
  const out = operation.out === undefined ? undefined : spec.shapes[operation.out]
  if (!out?.members) return undefined
  const said = operation.page?.result
  const named = (Array.isArray(said) ? said : said ? [said] : []).map(String)
  for (const path of [...named, ...Object.keys(out.members)]) {
    const shape = at(spec, out, path)
    if (shape?.type === 'list' && shape.of) return { path, of: shape.of }
  }
  for (const [name, member] of Object.entries(out.members)) {
    const inner = spec.shapes[member.shape]
    const items = inner?.members?.Items && spec.shapes[inner.members.Items.shape]
    if (items?.type === 'list' && items.of) return { path: `${name}.Items`, of: items.of }
  }
  return undefined
}

function at(spec: Spec, shape: Shape, path: string): Shape | undefined {
  let found: Shape | undefined = shape
  for (const part of path.split('.')) {
    const member: string | undefined = found?.members?.[part]?.shape
    found = member === undefined ? undefined : spec.shapes[member]
  }
  return found
}

export const valueAt = (value: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((found, part) => (found as Row | undefined)?.[part], value)

export function kinds(spec: Spec, account = ''): Kind[] {
  const found: Kind[] = []
  for (const [name, operation] of Object.entries(spec.operations)) {
    const verb = LISTS.exec(name)?.[0]
    const asked = verb && needed(spec, name, account)
    if (!asked) continue
    const many = name.slice(verb.length).replace(/V\d$/, '')
    const noun = singular(many)
    if (noun === many && verb !== 'List') continue
    const result = resultOf(spec, operation)
    if (!result) continue
    const inner = innerOf(spec, result.of, many)
    // DescribeAlarms tells MetricAlarms, and PutMetricAlarm makes one.
    const nouns = [noun, many, singular(result.path)].filter((one, at, all) => all.indexOf(one) === at && !one.includes('.'))
    const kind: Kind = {
      noun, many, list: name, result: result.path, inner: inner?.name, item: inner?.of ?? result.of, here: operation.here, ...asked,
      create: first(spec, MAKES, nouns), read: first(spec, READS, [noun]), remove: first(spec, ENDS, nouns),
    }
    const twin = found.findIndex((other) => other.noun === noun)
    if (twin < 0) found.push(kind)
    else if (weight(kind, name) > weight(found[twin], found[twin].list)) found[twin] = kind
  }
  return found.sort((a, b) => rank(spec, b) - rank(spec, a) || a.noun.length - b.noun.length || a.many.localeCompare(b.many))
}

// What a list must be asked with: known, or one member that somebody must say. Nothing where it needs more than that.
function needed(spec: Spec, operation: string, account: string): { given: Row; needs?: string } | undefined {
  const shape = input(spec, operation)
  const given: Row = {}
  const open: string[] = []
  for (const name of shape?.required ?? []) {
    const said = spec.shapes[shape?.members?.[name].shape ?? '']
    if (name === 'AccountId' && account) given[name] = account
    else if (said?.enum) given[name] = said.enum[0]
    else if (said?.type === 'string') open.push(name)
    else return undefined
  }
  return open.length > 1 ? undefined : { given, ...(open.length ? { needs: open[0] } : {}) }
}

// DescribeInstances gives reservations, which hold instances.
function innerOf(spec: Spec, item: string, many: string): { name: string; of: string } | undefined {
  const member = spec.shapes[item]?.members?.[many]
  const shape = member && spec.shapes[member.shape]
  return shape?.type === 'list' && shape.of ? { name: many, of: shape.of } : undefined
}

// What can be made and ended here comes first, then what can be seen, then what is not here.
const rank = (spec: Spec, kind: Kind): number => {
  const here = (name?: string): number => (name === undefined ? 0 : spec.operations[name].here ? 2 : 1)
  return here(kind.list) * 64 + here(kind.create) * 16 + here(kind.remove) * 4 + here(kind.read) - (kind.noun === 'Tag' ? 40 : 0) - (kind.needs ? 60 : 0)
}
const weight = (kind: Kind, name: string): number => (kind.needs ? -8 : 0) + (kind.here ? 4 : 0) + (/V\d$/.test(name) ? 2 : 0) + (name.startsWith('Describe') ? 1 : 0)

function first(spec: Spec, verbs: string[], nouns: string[]): string | undefined {
  const names = verbs.flatMap((verb) => nouns.map((noun) => (verb === 'Schedule' ? `Schedule${noun}Deletion` : verb + noun))).filter((name) => name in spec.operations)
  return names.find((name) => spec.operations[name].here) ?? names[0]
}

// --- the things in an answer ---

export function rowsOf(kind: Pick<Kind, 'result' | 'inner'>, answer: unknown, noun: string): Row[] {
  const list = valueAt(answer, kind.result)
  if (!Array.isArray(list)) return []
  const items = kind.inner ? list.flatMap((one) => (one as Row)[kind.inner as string] ?? []) : list
  const name = singular(kind.result.split('.').pop() ?? noun)
  return items.map((item) => (item !== null && typeof item === 'object' ? (item as Row) : { [name]: item }))
}

const IDS = /(^|[a-z])(Name|Id)$|^(name|id|key|url)$|Url$/i

// How much a member tells of a thing of this noun; less is more. Ids of other things tell less than its own.
function scored(name: string, noun: string): number {
  const own = name.toLowerCase().startsWith(noun.toLowerCase()) || /^(name|id|key|url|arn)$/i.test(name)
  if (IDS.test(name)) return own ? 0 : 2.6
  if (/arn$/i.test(name)) return own ? 1 : 5
  if (/status|state$/i.test(name)) return own ? 1.5 : 1.6
  if (/cidr|address|domain|endpoint|description$/i.test(name)) return 2
  return /type|class|engine|runtime/i.test(name) ? 2.4 : /date|time|created|modified/i.test(name) ? 3 : 4
}

// The members that a table shows, most telling first: those of this noun before others, none that no row has.
export function columns(spec: Spec, item: string, rows: Row[], noun: string, most = 6): string[] {
  const shape = spec.shapes[item]
  const plain = (name: string): boolean => {
    const type = spec.shapes[shape?.members?.[name]?.shape ?? '']?.type
    return type === undefined || !['structure', 'list', 'map'].includes(type)
  }
  const names = shape?.members ? Object.keys(shape.members).filter(plain) : [...new Set(rows.flatMap(Object.keys))]
  const filled = names.filter((name) => rows.some((row) => row[name] !== undefined && row[name] !== null && row[name] !== ''))
  return (rows.length ? filled : names).sort((a, b) => scored(a, noun) - scored(b, noun)).slice(0, most)
}

// --- from a thing to the members of an operation on it ---

const field = (row: Row, name: string): unknown => {
  const key = Object.keys(row).find((one) => one.toLowerCase() === name.toLowerCase())
  return key === undefined ? undefined : row[key]
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

export function valueFor(member: string, row: Row, noun: string): string | undefined {
  const lower = member.toLowerCase()
  const tries = [member]
  if (lower.startsWith(noun.toLowerCase()) && lower !== noun.toLowerCase()) tries.push(member.slice(noun.length))
  if (lower === noun.toLowerCase()) tries.push('Name', 'Id', `${noun}Name`, `${noun}Id`, 'Arn')
  if (/^(name|id|arn|identifier|url)$/i.test(member)) tries.push(noun + member)
  if (/^resource(arn|id)?$/i.test(member)) tries.push('Arn', `${noun}Arn`, `${noun}Id`)
  if (/(id|identifier)$/i.test(member) && (lower.startsWith(noun.toLowerCase()) || /^(id|identifier)$/i.test(member))) tries.push('Arn', `${noun}Arn`, 'Name', `${noun}Name`)
  return tries.map((name) => field(row, name)).find(isText)
}

// The required members of an operation, filled from a thing; undefined when one is not known from it.
export function filled(spec: Spec, operation: string, row: Row, noun: string): Row | undefined {
  const shape = input(spec, operation)
  const params: Row = {}
  for (const member of shape?.required ?? []) {
    const type = spec.shapes[shape?.members?.[member].shape ?? '']?.type
    if (type === 'list') {
      const one = valueFor(singular(member), row, noun)
      if (one === undefined) return undefined
      params[member] = [one]
    } else if (type === 'string') {
      const one = valueFor(member, row, noun)
      if (one === undefined) return undefined
      params[member] = one
    } else return undefined
  }
  return params
}

// One that is not required, but says which: DescribeVpcs has VpcIds, DeleteVpc of EC2 requires VpcId, DeleteKeyPair neither.
export function aimed(spec: Spec, operation: string, row: Row, noun: string): Row | undefined {
  const params = filled(spec, operation, row, noun)
  if (params === undefined || Object.keys(params).length > 0) return params
  for (const [member, said] of Object.entries(input(spec, operation)?.members ?? {})) {
    const list = spec.shapes[said.shape]?.type === 'list'
    const name = list ? singular(member) : member
    if (!name.toLowerCase().startsWith(noun.toLowerCase()) && !/^(arn|id|name)$/i.test(name)) continue
    const one = valueFor(name, row, noun)
    if (one !== undefined) return { [member]: list ? [one] : one }
  }
  return undefined
}

// What else can be done with one thing: operations about its noun whose required members it fills, or most of them.
export function actions(spec: Spec, kind: Kind, row: Row): { name: string; params: Row }[] {
  const known = new Set([kind.list, kind.create, kind.read, kind.remove])
  return Object.keys(spec.operations)
    .filter((name) => !known.has(name) && !LISTS.test(name) && !/^(Batch|Tag|Untag)/.test(name) && new RegExp(`${kind.noun}(s|$|[A-Z])`).test(name))
    .flatMap((name) => {
      const params = started(spec, name, row, kind.noun)
      return params ? [{ name, params }] : []
    })
}

// As `filled`, but at least one required member is enough: a form asks for the others.
export function started(spec: Spec, operation: string, row: Row, noun: string): Row | undefined {
  const shape = input(spec, operation)
  const params: Row = {}
  for (const member of shape?.required ?? []) {
    const list = spec.shapes[shape?.members?.[member].shape ?? '']?.type === 'list'
    const one = valueFor(list ? singular(member) : member, row, noun)
    if (one !== undefined) params[member] = list ? [one] : one
  }
  return Object.keys(params).length > 0 ? params : aimed(spec, operation, row, noun)
}

// What hangs on one thing: lists that need just it.
export function children(spec: Spec, kind: Kind, row: Row): { name: string; params: Row; kind: Pick<Kind, 'result' | 'item' | 'noun'> }[] {
  return Object.entries(spec.operations).flatMap(([name, operation]) => {
    if (!/^(List|Describe)/.test(name) || name === kind.list || name === kind.read || !operation.here) return []
    if ((input(spec, name)?.required?.length ?? 0) === 0) return []
    const params = filled(spec, name, row, kind.noun)
    const result = resultOf(spec, operation)
    if (!params || !result) return []
    const many = name.replace(/^(List|Describe)/, '').replace(/V\d$/, '')
    return [{ name, params, kind: { result: result.path, item: result.of, noun: singular(many) } }]
  })
}
