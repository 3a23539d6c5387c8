// A try of a WebSocket API: one connection, what was sent and what came.
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import { useEffect, useRef, useState } from 'react'
import { AreaField, ChoiceField } from '../../parts/form-bits'
import { Json } from '../../parts/values'
import { pathOf } from './urls'

export function Talk({ api, stages }: { api: string; stages: string[] }) {
  const [form, setForm] = useState({ stage: '', text: '{"action": ""}' })
  const [lines, setLines] = useState<string[]>([])
  const [open, setOpen] = useState(false)
  const socket = useRef<WebSocket>(undefined)
  const stage = form.stage || stages[0] || ''
  const note = (line: string): void => setLines((before) => [...before, line])
  useEffect(() => () => socket.current?.close(), [])
  const connect = (): void => {
    const made = new WebSocket(location.origin.replace(/^http/, 'ws') + pathOf(api, stage))
    socket.current = made
    made.onopen = () => { setOpen(true); note(`connected to ${stage}`) }
    made.onmessage = (event) => note(`< ${typeof event.data === 'string' ? event.data : '(bytes)'}`)
    made.onclose = (event) => { setOpen(false); note(`ended: ${event.code}${event.reason && `, ${event.reason}`}`) }
  }
  const send = (): void => { socket.current?.send(form.text); note(`> ${form.text}`) }
  return (
    <Container header={<Header variant="h2" actions={<SpaceBetween direction="horizontal" size="xs">
      {open ? <Button onClick={() => socket.current?.close()}>Disconnect</Button> : <Button disabled={!stage} onClick={connect}>Connect</Button>}
      <Button variant="primary" disabled={!open} onClick={send}>Send message</Button>
    </SpaceBetween>}>Connection</Header>}>
      <SpaceBetween size="m">
        <StatusIndicator type={open ? 'success' : 'stopped'}>{open ? 'Connected' : 'Not connected'}</StatusIndicator>
        <ChoiceField label="Stage" value={stage} set={(one) => setForm({ ...form, stage: one })} options={stages} />
        <AreaField label="Message" value={form.text} set={(text) => setForm({ ...form, text })} rows={4} />
        {lines.length > 0 && <Json value={lines.join('\n')} label="Messages" />}
      </SpaceBetween>
    </Container>
  )
}
