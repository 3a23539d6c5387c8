// Lists that come in pages: the first at once, further ones when somebody goes there.
import { useEffect, useRef, useState } from 'react'
import { invoke, type Params } from './calls'
import { region, session } from './session'

type Token = { in: string; out: string }
export type Listed<T> = { rows: T[]; loading: boolean; error?: Error; more?: () => void; reload: () => void }

export function useListed<T>(service: string, operation: string, result: string, token: Token, params: Params = {}, when = true): Listed<T> {
  const where = region.use()
  const who = session.use()?.token
  return usePaged<T>(async (next) => {
    const answer = await invoke(service, operation, { ...params, ...(next ? { [token.in]: next } : {}) })
    return { rows: (answer[result] as T[] | undefined) ?? [], next: answer[token.out] as string | undefined }
  }, [service, operation, JSON.stringify(params), where, who], when)
}

// ask: the page that a token leads to, and the token of the next one. parts: what the question is about.
export function usePaged<T>(ask: (next?: string) => Promise<{ rows: T[]; next?: string }>, parts: unknown[], when = true): Listed<T> {
  const [rows, setRows] = useState<T[]>([])
  const [state, setState] = useState<{ next?: string; loading: boolean; error?: Error }>({ loading: when })
  const [turn, setTurn] = useState(0)
  const latest = useRef(0)
  const load = (before: T[], token?: string): void => {
    const mine = ++latest.current
    const live = (): boolean => mine === latest.current
    setState({ loading: true })
    ask(token).then(
      (page) => {
        if (!live()) return
        setRows([...before, ...page.rows])
        setState({ loading: false, next: page.next })
      },
      (error: Error) => {
        if (!live()) return
        if (token === undefined) setRows([])
        setState({ loading: false, error })
      },
    )
  }
  useEffect(() => {
    if (when) load([])
    else setRows([])
    return () => {
      latest.current += 1
    }
  }, [...parts, turn, when])
  const { next, loading, error } = state
  return { rows, loading, error, more: next ? () => load(rows, next) : undefined, reload: () => setTurn((t) => t + 1) }
}
