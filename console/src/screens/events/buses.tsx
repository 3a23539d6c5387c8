// All event buses.
import Button from '@cloudscape-design/components/button'
import Link from '@cloudscape-design/components/link'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import { invoke } from '../../api/calls'
import { tell } from '../../app/notices'
import { at, follow, part } from '../../app/ways'
import { Confirm, Dialog } from '../../parts/confirm'
import { DataTable } from '../../parts/data-table'
import { TextField } from '../../parts/form-bits'
import { Json, pretty } from '../../parts/values'
import { type Bus, useBuses } from './bus-choice'
import { Send } from './send'

export default function Buses() {
  const asked = useBuses()
  const [picked, setPicked] = useState<Bus[]>([])
  const [doing, setDoing] = useState('')
  const one = picked[0]
  const changed = (): void => { setPicked([]); asked.reload() }
  return (
    <SpaceBetween size="l">
      <DataTable
        variant="container" level="h1" title="Event buses" items={asked.rows} loading={asked.loading} more={asked.more} picked={picked} onPick={setPicked} trackBy="Arn" empty={asked.error?.message}
        columns={[
          { id: 'name', header: 'Event bus', cell: (bus) => <Link href={at(`/events?bus=${part(bus.Name)}`)} onFollow={follow}>{bus.Name}</Link>, sortingField: 'Name', isRowHeader: true, minWidth: 220 },
          { id: 'arn', header: 'ARN', cell: (bus) => bus.Arn },
          { id: 'policy', header: 'Policy', cell: (bus) => (bus.Policy ? 'Yes' : '–'), width: 110 },
        ]}
        actions={[
          <Button key="reload" iconName="refresh" ariaLabel="Refresh" onClick={asked.reload} />,
          <Button key="send" disabled={!one} onClick={() => setDoing('send')}>Send events</Button>,
          <Button key="delete" disabled={!one || one.Name === 'default'} onClick={() => setDoing('delete')}>Delete</Button>,
          <Button key="make" variant="primary" onClick={() => setDoing('make')}>Create event bus</Button>,
        ]}
      />
      {one?.Policy && <Json value={pretty(one.Policy)} label="Policy" />}
      {doing === 'make' && <Make close={() => setDoing('')} done={changed} />}
      {doing === 'send' && one && <Send bus={one.Name} close={() => setDoing('')} />}
      {doing === 'delete' && one && <Confirm title="Delete event bus" close={() => setDoing('')} act={async () => { await invoke('events', 'DeleteEventBus', { Name: one.Name }); tell('success', `${one.Name} is deleted.`); changed() }}>{one.Name} goes; it may have no rules.</Confirm>}
    </SpaceBetween>
  )
}

function Make({ close, done }: { close: () => void; done: () => void }) {
  const [name, setName] = useState('')
  return (
    <Dialog title="Create event bus" button="Create event bus" close={close} disabled={!name} act={async () => { await invoke('events', 'CreateEventBus', { Name: name }); tell('success', `${name} is there.`); done() }}>
      <TextField label="Event bus name" value={name} set={setName} />
    </Dialog>
  )
}
