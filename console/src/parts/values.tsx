// Values as people read them.
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator'
import type { ReactNode } from 'react'
import { copy } from './copy'

const GOOD = /^(active|available|enabled|ok|success|succeeded|running|in_?use|complete|completed|healthy|deployed|issued|create_complete|update_complete|online|verified)$/i
const BAD = /^(failed|error|deleted|terminated|unhealthy|alarm|revoked|expired|rollback_complete|create_failed|denied)$/i
const BUSY = /^(creating|pending|updating|deleting|in_?progress|starting|stopping|provisioning|pending_?\w*|pendingdeletion)$/i

const OFF = /^(disabled|stopped|inactive)$/i

export function statusType(value: string): StatusIndicatorProps.Type {
  return GOOD.test(value) ? 'success' : BAD.test(value) ? 'error' : BUSY.test(value) ? 'in-progress' : OFF.test(value) ? 'stopped' : 'info'
}

const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d/

export const moment = (value: string | number): string => {
  const date = new Date(typeof value === 'number' ? value * 1000 : value)
  return Number.isNaN(date.getTime()) ? String(value) : `${date.toLocaleDateString('sv-SE')} ${date.toLocaleTimeString('sv-SE')}`
}

// The same, to the millisecond.
export const precise = (value: string | number): string => {
  const rest = Math.round(new Date(typeof value === 'number' ? value * 1000 : value).getTime()) % 1000
  return Number.isNaN(rest) ? String(value) : `${moment(value)}.${String(rest).padStart(3, '0')}`
}

export function size(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB']
  const step = bytes > 0 ? Math.min(Math.floor(Math.log2(bytes) / 10), 4) : 0
  return `${(bytes / 1024 ** step).toFixed(step ? 1 : 0)} ${units[step]}`
}

export function shown(name: string, value: unknown): ReactNode {
  if (value === undefined || value === null || value === '') return <Box color="text-status-inactive" tagOverride="span">–</Box>
  if (typeof value === 'boolean') return value ? 'Yes' : 'No'
  if (typeof value === 'object') return <Mono>{JSON.stringify(value)}</Mono>
  const text = String(value)
  if (/(status|state)$/i.test(name)) return <StatusIndicator type={statusType(text)}>{text}</StatusIndicator>
  if (MOMENT.test(text)) return moment(text)
  return text
}

export const Mono = ({ children }: { children: ReactNode }) => <span className="mono">{children}</span>

export function Json({ value, label = 'JSON' }: { value: unknown; label?: string }) {
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2)
  return (
    <div className="code">
      <div className="code-copy">
        <Button iconName="copy" variant="inline-icon" ariaLabel={`Copy ${label}`} onClick={() => copy(text)} />
      </div>
      <pre tabIndex={0} aria-label={label}>{text}</pre>
    </div>
  )
}

// A JSON text as it is read best; other text as it is.
export function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
