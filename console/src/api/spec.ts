// What the server tells of services.
import { ask } from './session'

export type Shape = {
  type: string
  enum?: string[]
  min?: number
  max?: number
  pattern?: string
  sensitive?: boolean
  document?: boolean
  members?: Record<string, { shape: string; doc: string }>
  required?: string[]
  of?: string
  key?: string
}

export type Operation = {
  doc: string
  here: boolean
  in?: string
  out?: string
  honours?: string[]
  page?: { result: string | string[] | null; in: string | string[] | null; out: string | string[] | null; limit?: string | null }
}

export type Spec = { id: string; title: string; here: boolean; operations: Record<string, Operation>; shapes: Record<string, Shape> }
export type Service = { id: string; title: string; here: boolean }

const specs = new Map<string, Promise<Spec>>()
let all: Promise<Service[]> | undefined

export function specOf(service: string): Promise<Spec> {
  const known = specs.get(service)
  if (known) return known
  const asked = ask<Spec>('GET', `spec/${service}`)
  specs.set(service, asked)
  asked.catch(() => specs.delete(service))
  return asked
}

export function services(): Promise<Service[]> {
  all ??= ask<{ services: Service[] }>('GET', 'services').then((told) => told.services)
  all.catch(() => (all = undefined))
  return all
}
