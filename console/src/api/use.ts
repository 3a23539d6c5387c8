// Answers as components use them: loading, there, or refused; asked again on demand.
import { useCallback, useEffect, useRef, useState } from 'react'
import { invoke, type Params } from './calls'
import { region, session } from './session'

export type Asked<T> = { data?: T; error?: Error; loading: boolean; reload: () => void }

export function useAsked<T>(question: () => Promise<T>, parts: unknown[]): Asked<T> {
  const [state, setState] = useState<{ data?: T; error?: Error; loading: boolean }>({ loading: true })
  const [turn, setTurn] = useState(0)
  const latest = useRef(0)
  useEffect(() => {
    const mine = ++latest.current
    setState((old) => ({ ...old, loading: true }))
    question().then(
      (data) => mine === latest.current && setState({ data, loading: false }),
      (error: Error) => mine === latest.current && setState({ error, loading: false }),
    )
    return () => {
      latest.current += 1
    }
    // The question is made anew at every rendering; what it is about is in `parts`.
  }, [...parts, turn])
  return { ...state, reload: useCallback(() => setTurn((t) => t + 1), []) }
}

export function useCall<T = Record<string, unknown>>(service: string, operation: string, params: Params = {}, when = true): Asked<T> {
  const where = region.use()
  const who = session.use()?.token
  return useAsked<T>(
    () => (when ? invoke<T>(service, operation, params) : new Promise<T>(() => undefined)),
    [service, operation, JSON.stringify(params), when, where, who],
  )
}

const EVERY = 1000

// Done again and again while `on`, each time a second after the last; `begin` gives what is done. Its problems are told until it does well.
export function useEachSecond(on: boolean, parts: unknown[], begin: () => (signal: AbortSignal) => Promise<void>, tell: (problem?: Error) => void): void {
  useEffect(() => {
    if (!on) return undefined
    const stop = new AbortController()
    const work = begin()
    let timer = 0
    const turn = (): void => {
      work(stop.signal).then(() => tell(undefined), (error: Error) => stop.signal.aborted || tell(error)).finally(() => {
        if (!stop.signal.aborted) timer = window.setTimeout(turn, EVERY)
      })
    }
    turn()
    return () => {
      stop.abort()
      clearTimeout(timer)
    }
  }, [...parts, on])
}
