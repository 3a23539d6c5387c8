// Forms from the model: which fields an operation's input has, and what their contents become as parameters.
import type { Spec } from '../api/spec'

export type Field = {
  name: string
  shape: string
  doc: string
  required: boolean
  here: boolean // whether this server honours it
  control: 'text' | 'number' | 'flag' | 'choice' | 'texts' | 'pairs' | 'group' | 'groups' | 'json' | 'policy' | 'blob' | 'time' | 'secret'
}

const DEEPEST = 3

export function fields(spec: Spec, shape: string, honours?: string[], depth = 0): Field[] {
  const said = spec.shapes[shape]
  const required = new Set(said?.required ?? [])
  return Object.entries(said?.members ?? {})
    .map(([name, member]) => ({
      name,
      shape: member.shape,
      doc: member.doc,
      required: required.has(name),
      here: honours === undefined || honours.includes(name),
      control: control(spec, name, member.shape, depth),
    }))
    .sort((a, b) => Number(b.required) - Number(a.required) || Number(b.here) - Number(a.here))
}

export function control(spec: Spec, name: string, shape: string, depth = 0): Field['control'] {
  const said = spec.shapes[shape]
  switch (said?.type) {
    case 'boolean':
      return 'flag'
    case 'integer': case 'long': case 'float': case 'double': case 'bigdecimal': case 'short':
      return 'number'
    case 'timestamp':
      return 'time'
    case 'blob':
      return 'blob'
    case 'list':
      return listControl(spec, said.of ?? '', depth)
    case 'map':
      return scalar(spec, said.of ?? '') ? 'pairs' : 'json'
    case 'structure':
      return said.document || depth >= DEEPEST || contains(spec, shape, shape) ? 'json' : 'group'
    default:
      if (said?.enum) return 'choice'
      if (/^(assumeRole)?policy(document|text)?$|PolicyDocument$|^definition$/i.test(name)) return 'policy'
      return said?.sensitive || /password|secretstring/i.test(name) ? 'secret' : 'text'
  }
}

function listControl(spec: Spec, of: string, depth: number): Field['control'] {
  if (scalar(spec, of)) return 'texts'
  return spec.shapes[of]?.type === 'structure' && depth < DEEPEST - 1 && !contains(spec, of, of) ? 'groups' : 'json'
}

const scalar = (spec: Spec, shape: string): boolean => ['string', 'integer', 'long', 'float', 'double'].includes(spec.shapes[shape]?.type)

// Whether a shape holds itself, somewhere below.
function contains(spec: Spec, shape: string, sought: string, seen = new Set<string>()): boolean {
  if (seen.has(shape)) return false
  seen.add(shape)
  const said = spec.shapes[shape]
  const inner = [...Object.values(said?.members ?? {}).map((member) => member.shape), ...(said?.of ? [said.of] : [])]
  return inner.some((one) => one === sought || contains(spec, one, sought, seen))
}

// What was filled in, without what was left empty; texts as what the model says they are.
export function params(spec: Spec, shape: string, value: unknown): unknown {
  const said = spec.shapes[shape]
  if (value === undefined || value === null || value === '') return undefined
  switch (said?.type) {
    case 'structure': {
      if (said.document || typeof value !== 'object') return value
      const kept = Object.entries(value as object)
        .map(([name, one]) => [name, said.members?.[name] ? params(spec, said.members[name].shape, one) : one] as const)
        .filter(([, one]) => one !== undefined)
      return kept.length || Object.keys(value as object).length === 0 ? Object.fromEntries(kept) : undefined
    }
    case 'list': {
      if (!Array.isArray(value)) return value
      const kept = value.map((one) => params(spec, said.of ?? '', one)).filter((one) => one !== undefined)
      return kept.length ? kept : undefined
    }
    case 'map': {
      if (typeof value !== 'object') return value
      const kept = Object.entries(value as object).filter(([key]) => key !== '').map(([key, one]) => [key, params(spec, said.of ?? '', one) ?? ''])
      return kept.length ? Object.fromEntries(kept) : undefined
    }
    case 'integer': case 'long': case 'short':
    case 'float': case 'double': case 'bigdecimal':
      return typeof value === 'string' && value.trim() !== '' && !Number.isNaN(Number(value)) ? Number(value) : value
    case 'boolean':
      return value === 'true' ? true : value === 'false' ? false : value
    default:
      return value
  }
}

// Why a form cannot be sent yet, by field; empty when it can.
export function problems(spec: Spec, shape: string, value: Record<string, unknown>): Record<string, string> {
  const said = spec.shapes[shape]
  const found: Record<string, string> = {}
  for (const name of said?.required ?? []) {
    if (params(spec, said?.members?.[name].shape ?? '', value[name]) === undefined) found[name] = 'This is required.'
  }
  for (const [name, member] of Object.entries(said?.members ?? {})) {
    const one = value[name]
    const inner = spec.shapes[member.shape]
    if (typeof one !== 'string' || one === '' || !inner) continue
    if (['integer', 'long', 'float', 'double'].includes(inner.type)) {
      if (Number.isNaN(Number(one))) found[name] = 'This is no number.'
      else if (inner.min !== undefined && Number(one) < inner.min) found[name] = `At least ${inner.min}.`
      else if (inner.max !== undefined && Number(one) > inner.max) found[name] = `At most ${inner.max}.`
    } else if (inner.type === 'string') {
      if (inner.min !== undefined && one.length < inner.min) found[name] = `At least ${inner.min} characters.`
      else if (inner.max !== undefined && one.length > inner.max) found[name] = `At most ${inner.max} characters.`
    }
  }
  return found
}
