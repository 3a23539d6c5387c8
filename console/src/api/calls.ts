// Calls of AWS operations, and the record of what this page did.
import { ask, region } from './session'
import { Store } from './store'

export type Params = Record<string, unknown>
export type Decision = { allowed: boolean; mode: string; reason: string; message: string } | null

export type Told = {
  status: number
  ms: number
  cli: string
  request: string
  decision: Decision
  result?: Record<string, unknown>
  error?: { code: string; message: string }
}

export type Recorded = Told & { at: number; service: string; operation: string; params: Params }

export class CallError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly told: Told,
  ) {
    super(message)
  }
}

const MOST = 500
export const recorded = new Store<Recorded[]>([])

export async function invoke<T = Record<string, unknown>>(service: string, operation: string, params: Params = {}, where = ''): Promise<T> {
  const told = await ask<Told>('POST', 'invoke', { service, operation, params, region: where || region.get() })
  recorded.set([...recorded.get().slice(-MOST), { ...told, at: Date.now(), service, operation, params }])
  return resultOf(told)
}

// The same, and not in the record of commands, which what is asked for each second would fill.
export const quietly = async <T = Record<string, unknown>>(service: string, operation: string, params: Params, signal?: AbortSignal): Promise<T> => resultOf(await ask<Told>('POST', 'invoke', { service, operation, params, region: region.get() }, signal))

function resultOf<T>(told: Told): T {
  if (told.error) throw new CallError(told.error.code, told.error.message || told.error.code, told)
  return told.result as T
}

// Whether a call only looks, as far as its name says.
export const looks = (operation: string): boolean => /^(List|Describe|Get|Head|Lookup|Search|Scan|Query|BatchGet|Select)/.test(operation)
