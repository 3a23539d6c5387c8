// Events for a bus, and which of its rules they would meet.
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import { useState } from 'react'
import { invoke } from '../../api/calls'
import { region, session } from '../../api/session'
import { tell } from '../../app/notices'
import { Dialog } from '../../parts/confirm'
import { AreaField, TextField } from '../../parts/form-bits'
import type { Rule } from './rules'

type Form = { source: string; type: string; detail: string }

// The event as patterns are tested against.
export const wrapped = (form: Form, account: string, where: string): string => JSON.stringify({ version: '0', id: '00000000-0000-0000-0000-000000000000', 'detail-type': form.type, source: form.source, account, time: '2026-01-01T00:00:00Z', region: where, resources: [], detail: JSON.parse(form.detail) })

async function fitting(bus: string, event: string): Promise<string[]> {
  const { Rules = [] } = await invoke<{ Rules?: Rule[] }>('events', 'ListRules', { EventBusName: bus })
  const fit = await Promise.all(Rules.filter((rule) => rule.EventPattern && rule.State !== 'DISABLED').map(async (rule) => ((await invoke<{ Result: boolean }>('events', 'TestEventPattern', { EventPattern: rule.EventPattern, Event: event })).Result ? rule.Name : '')))
  return fit.filter(Boolean)
}

export function Send({ bus, close }: { bus: string; close: () => void }) {
  const [form, setForm] = useState<Form>({ source: 'my.app', type: 'Order placed', detail: '{\n  "total": 120\n}' })
  const [fit, setFit] = useState<string[]>()
  const [problem, setProblem] = useState('')
  const put = (name: keyof Form) => (value: string): void => { setForm({ ...form, [name]: value }); setFit(undefined) }
  const send = async (): Promise<void> => {
    const { Entries = [] } = await invoke<{ Entries?: { EventId?: string; ErrorCode?: string; ErrorMessage?: string }[] }>('events', 'PutEvents', { Entries: [{ EventBusName: bus, Source: form.source, DetailType: form.type, Detail: form.detail }] })
    const wrong = Entries.find((entry) => entry.ErrorCode)
    if (wrong) throw new Error(`${wrong.ErrorCode}: ${wrong.ErrorMessage ?? ''}`)
    tell('success', `The event ${Entries[0]?.EventId ?? ''} is sent.`)
  }
  const look = (): void => {
    setProblem('')
    Promise.resolve().then(() => fitting(bus, wrapped(form, session.get()?.account ?? '', region.get()))).then(setFit, (error: Error) => setProblem(error.message))
  }
  return (
    <Dialog title={`Send an event to ${bus}`} button="Send" size="large" close={close} disabled={!form.source || !form.type} act={send}>
      <TextField label="Source" value={form.source} set={put('source')} />
      <TextField label="Detail type" value={form.type} set={put('type')} />
      <AreaField label="Event detail" value={form.detail} set={put('detail')} rows={10} />
      <Button formAction="none" onClick={look}>Which rules fit?</Button>
      {fit && <StatusIndicator type={fit.length ? 'success' : 'info'}>{fit.length ? `It fits ${fit.join(', ')}.` : 'No rule of this bus fits it.'}</StatusIndicator>}
      {problem && <Box color="text-status-error">{problem}</Box>}
    </Dialog>
  )
}
