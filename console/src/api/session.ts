// Who is signed in here, in which region, and with which other sessions one may go back to.
import { Kept } from './store'

export type Session = {
  token: string
  account: string
  alias: string
  name: string
  arn: string
  kind: 'root' | 'user' | 'role'
  mfa: boolean
  expires: number
  settings: { region: string; iam: string; auth: string; account: string }
}

export const session = new Kept<Session | null>('cumulet.session', null)
// The session that a role was switched to from.
export const before = new Kept<Session | null>('cumulet.before', null)
export const region = new Kept<string>('cumulet.region', 'us-east-1')

export class Unanswered extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly asks: string = '',
  ) {
    super(message)
  }
}

export async function ask<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const response = await raw(method, path, body === undefined ? undefined : JSON.stringify(body), {}, signal)
  const told = await response.json().catch(() => ({}))
  if (response.ok) return told as T
  if (response.status === 401 && told.asks === 'sign-in') session.set(null)
  throw new Unanswered(told.error ?? `The server answered ${response.status}.`, response.status, told.asks)
}

export async function raw(
  method: string,
  path: string,
  body?: BodyInit,
  headers: Record<string, string> = {},
  signal?: AbortSignal,
): Promise<Response> {
  const token = session.get()?.token
  try {
    return await fetch(`/_console/api/${path}`, {
      method,
      body,
      signal,
      headers: { ...(token ? { 'x-cumulet-token': token } : {}), 'x-cumulet-region': region.get(), ...headers },
    })
  } catch (problem) {
    if (signal?.aborted) throw problem
    throw new Unanswered('The server does not answer. Is it running?', 0)
  }
}

export async function signIn(asked: Record<string, string>): Promise<void> {
  const told = await ask<Session>('POST', 'sign-in', asked)
  before.set(null)
  if (localStorage.getItem('cumulet.region') === null) region.set(told.settings.region)
  session.set(told)
}

export async function signOut(): Promise<void> {
  await ask('POST', 'sign-out').catch(() => undefined)
  before.set(null)
  session.set(null)
}

export async function switchRole(role: string): Promise<void> {
  const told = await ask<Session>('POST', 'switch', { role })
  if (before.get() === null) before.set(session.get())
  session.set(told)
}

export function switchBack(): void {
  session.set(before.get())
  before.set(null)
}
