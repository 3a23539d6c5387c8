// Lambda's event source mappings, of one function or of one source: listed, picked, switched, removed.
import Button from '@cloudscape-design/components/button'
import { useState } from 'react'
import { invoke } from '../api/calls'
import { useListed } from '../api/pages'
import { fail } from '../app/notices'

export type Mapping = { UUID: string; EventSourceArn?: string; FunctionArn: string; State: string; BatchSize?: number; StartingPosition?: string; LastProcessingResult?: string }

export function useMappings(of: { FunctionName: string } | { EventSourceArn: string }, removal: string) {
  const asked = useListed<Mapping>('lambda', 'ListEventSourceMappings', 'EventSourceMappings', { in: 'Marker', out: 'NextMarker' }, of)
  const [picked, setPicked] = useState<Mapping[]>([])
  const one = asked.rows.find((each) => each.UUID === picked[0]?.UUID)
  const on = !/^Disabl/.test(one?.State ?? '')
  const act = (work: Promise<unknown>): void => void work.then(() => { setPicked([]); asked.reload() }, fail)
  const actions = [
    <Button key="turn" disabled={!one} onClick={() => act(invoke('lambda', 'UpdateEventSourceMapping', { UUID: one?.UUID, Enabled: !on }))}>{on ? 'Disable' : 'Enable'}</Button>,
    <Button key="end" disabled={!one} onClick={() => act(invoke('lambda', 'DeleteEventSourceMapping', { UUID: one?.UUID }))}>{removal}</Button>,
  ]
  return { asked, picked, setPicked, actions }
}
