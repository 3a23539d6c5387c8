// What the page says at its top: done, refused, why.
import Button from '@cloudscape-design/components/button'
import Flashbar, { type FlashbarProps } from '@cloudscape-design/components/flashbar'
import type { ReactNode } from 'react'
import { CallError } from '../api/calls'
import { Store } from '../api/store'
import { go } from './ways'

type Notice = { id: string; type: FlashbarProps.Type; header?: ReactNode; content: ReactNode; action?: ReactNode }

const notices = new Store<Notice[]>([])
let count = 0

export function tell(type: FlashbarProps.Type, content: ReactNode, header?: ReactNode, action?: ReactNode): void {
  const id = String(++count)
  notices.set([{ id, type, content, header, action }, ...notices.get()].slice(0, 4))
  if (type === 'success') setTimeout(() => dismiss(id), 8000)
}

const dismiss = (id: string): void => notices.set(notices.get().filter((notice) => notice.id !== id))

export function fail(problem: unknown, what?: string): void {
  const error = problem as Error
  const told = error instanceof CallError ? error.told : undefined
  const header = what ?? (error instanceof CallError ? error.code : 'That did not work')
  tell('error', error.message, header, told?.decision && !told.decision.allowed ? <ExplainButton request={told.request} /> : undefined)
}

export const ExplainButton = ({ request }: { request: string }) => <Button onClick={() => go(`/explain/${request}`)}>Explain</Button>

export function Notices() {
  const items = notices.use().map((notice) => ({ ...notice, dismissible: true, dismissLabel: 'Dismiss', onDismiss: () => dismiss(notice.id) }))
  return <Flashbar items={items} stackItems={items.length > 2} />
}
