// The calls of everybody, as they are answered.
import { ask, raw, session } from './session'
import { Store } from './store'

export type Entry = {
  id: string; at: number; took: number; service: string; operation: string; account: string; region: string; principal: string
  status: number; error: string; decision: string; members: string[]; cause: string; client: string
}

const MOST = 2000
export const entries = new Store<Entry[]>([])
export const live = new Store<'off' | 'on' | 'lost'>('off')

// Follows until `stop` is called. What was before is asked for first; what comes is shown a few times a second.
export function follow(): () => void {
  const ended = new AbortController()
  void run(ended.signal)
  return () => ended.abort()
}

async function run(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const earlier = await ask<{ calls: Entry[] }>('GET', 'control/calls?limit=500', undefined, signal)
      entries.set(merged(entries.get(), earlier.calls))
      live.set('on')
      await read(signal)
    } catch {
      if (signal.aborted || session.get() === null) break
      live.set('lost')
    }
    await new Promise((done) => setTimeout(done, 1000))
  }
  live.set('off')
}

async function read(signal: AbortSignal): Promise<void> {
  const response = await raw('GET', 'control/calls?follow=1', undefined, {}, signal)
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  let waiting: Entry[] = []
  let due = 0
  const flush = (): void => {
    due = 0
    entries.set(merged(entries.get(), waiting))
    waiting = []
  }
  for (;;) {
    const part = await reader?.read()
    if (!part || part.done) return
    const lines = (rest + part.value).split('\n')
    rest = lines.pop() ?? ''
    waiting.push(...lines.filter(Boolean).map((line) => JSON.parse(line) as Entry))
    due ||= window.setTimeout(flush, 200)
  }
}

function merged(old: Entry[], more: Entry[]): Entry[] {
  const known = new Set(old.map((entry) => entry.id))
  return [...old, ...more.filter((entry) => !known.has(entry.id))].slice(-MOST)
}

