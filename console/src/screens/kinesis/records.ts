// The records that a viewer has read, and reading on: when somebody asks for more, or each second.
import { useEffect, useRef, useState } from 'react'
import { invoke, quietly } from '../../api/calls'
import { useEachSecond } from '../../api/use'
import { type Ask, begin, type Cursor, read, type Row, type Start } from './reading'

const MOST = 2000

const aloud: Ask = (operation, params) => invoke('kinesis', operation, params)
type State = { rows: Row[]; cursors: Cursor[]; loading: boolean; error?: Error }
export type Records = State & { get: (shards: string[], start: Start, all: boolean) => void; further: () => void }

export function useRecords(stream: string, following: boolean): Records {
  const [state, setState] = useState<State>({ rows: [], cursors: [], loading: false })
  const place = useRef<{ cursors: Cursor[]; all: boolean }>({ cursors: [], all: false })
  const latest = useRef(0) // which question is the current one: answers to earlier ones are late
  const busy = useRef(false) // with what somebody asked for, so following waits: nothing is read twice
  const step = async (ask: Ask, keep: number): Promise<void> => {
    const mine = latest.current
    const { cursors, all } = place.current
    const page = await read(ask, stream, cursors, all)
    if (mine !== latest.current) return
    place.current = { cursors: page.cursors, all }
    setState((old) => ({ rows: [...old.rows, ...page.rows].slice(-keep), cursors: page.cursors, loading: false }))
  }
  const run = (work: () => Promise<void>): void => {
    const mine = ++latest.current
    busy.current = true
    setState((old) => ({ ...old, loading: true, error: undefined }))
    work().catch((error: Error) => mine === latest.current && setState((old) => ({ ...old, loading: false, error }))).finally(() => {
      if (mine === latest.current) busy.current = false
    })
  }
  const get = (shards: string[], start: Start, all: boolean): void => {
    place.current = { cursors: [], all }
    setState({ rows: [], cursors: [], loading: true })
    run(async () => {
      const mine = latest.current
      const cursors = await begin(aloud, stream, shards, start)
      if (mine !== latest.current) return
      place.current = { cursors, all }
      await step(aloud, Infinity)
    })
  }
  const waits = (): boolean => busy.current || place.current.cursors.length === 0
  const follow = (signal: AbortSignal): Promise<void> => step((operation, params) => quietly('kinesis', operation, params, signal), MOST)
  useEachSecond(following, [], () => async (signal) => { if (!waits()) await follow(signal) }, (error) => { if (!waits()) setState((old) => ({ ...old, error })) })
  useEffect(() => () => void (latest.current += 1), [])
  return { ...state, get, further: () => run(() => step(aloud, Infinity)) }
}
