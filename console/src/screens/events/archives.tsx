// Archives of events, and their replays.
import Button from '@cloudscape-design/components/button'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import { useState } from 'react'
import { invoke } from '../../api/calls'
import { cloudNow } from '../../api/now'
import { useListed } from '../../api/pages'
import { tell } from '../../app/notices'
import { Confirm, Dialog } from '../../parts/confirm'
import { DataTable } from '../../parts/data-table'
import { AreaField, ChoiceField, TextField } from '../../parts/form-bits'
import { moment, size, statusType } from '../../parts/values'
import { PAGES, useBuses } from './bus-choice'

type Archive = { ArchiveName: string; EventSourceArn: string; State: string; RetentionDays?: number; EventCount: number; SizeBytes: number; CreationTime: string }
type Replay = { ReplayName: string; EventSourceArn: string; State: string; EventStartTime: string; EventEndTime: string; EventLastReplayedTime?: string }

export default function Archives() {
  const archives = useListed<Archive>('events', 'ListArchives', 'Archives', PAGES)
  const replays = useListed<Replay>('events', 'ListReplays', 'Replays', PAGES)
  const [picked, setPicked] = useState<Archive[]>([])
  const [doing, setDoing] = useState('')
  const one = picked[0]
  const changed = (): void => { setPicked([]); archives.reload(); replays.reload() }
  const last = (arn: string): string => arn.split('/').pop() ?? arn
  return (
    <SpaceBetween size="l">
      <DataTable variant="container" level="h1" title="Archives" items={archives.rows} loading={archives.loading} more={archives.more} picked={picked} onPick={setPicked} trackBy="ArchiveName" empty={archives.error?.message ?? 'No archives yet.'}
        columns={[
          { id: 'name', header: 'Archive', cell: (each) => each.ArchiveName, isRowHeader: true, sortingField: 'ArchiveName' },
          { id: 'of', header: 'Event bus', cell: (each) => last(each.EventSourceArn), sortingField: 'EventSourceArn', width: 160 },
          { id: 'state', header: 'State', cell: (each) => <StatusIndicator type={statusType(each.State)}>{each.State}</StatusIndicator>, width: 140 },
          { id: 'events', header: 'Events', cell: (each) => each.EventCount, sortingField: 'EventCount', width: 100 },
          { id: 'size', header: 'Size', cell: (each) => size(each.SizeBytes), sortingField: 'SizeBytes', width: 110 },
          { id: 'kept', header: 'Kept', cell: (each) => (each.RetentionDays ? `${each.RetentionDays} days` : 'Indefinitely'), width: 130 },
        ]}
        actions={[
          <Button key="reload" iconName="refresh" ariaLabel="Refresh" onClick={changed} />,
          <Button key="replay" disabled={!one} onClick={() => setDoing('replay')}>Replay</Button>,
          <Button key="delete" disabled={!one} onClick={() => setDoing('delete')}>Delete</Button>,
          <Button key="make" variant="primary" onClick={() => setDoing('make')}>Create archive</Button>,
        ]} />
      <DataTable variant="container" title="Replays" items={replays.rows} loading={replays.loading} more={replays.more} trackBy="ReplayName" empty={replays.error?.message ?? 'No replays yet.'}
        columns={[
          { id: 'name', header: 'Replay', cell: (each) => each.ReplayName, isRowHeader: true, sortingField: 'ReplayName' },
          { id: 'state', header: 'State', cell: (each) => <StatusIndicator type={statusType(each.State)}>{each.State}</StatusIndicator>, width: 160 },
          { id: 'of', header: 'Archive', cell: (each) => last(each.EventSourceArn), width: 180 },
          { id: 'from', header: 'From', cell: (each) => moment(each.EventStartTime), width: 190 },
          { id: 'to', header: 'To', cell: (each) => moment(each.EventEndTime), width: 190 },
        ]} />
      {doing === 'make' && <Make close={() => setDoing('')} done={changed} />}
      {doing === 'replay' && one && <StartReplay archive={one} close={() => setDoing('')} done={changed} />}
      {doing === 'delete' && one && <Confirm title="Delete archive" close={() => setDoing('')} act={async () => { await invoke('events', 'DeleteArchive', { ArchiveName: one.ArchiveName }); tell('success', `${one.ArchiveName} is deleted.`); changed() }}>{one.ArchiveName} goes with its {one.EventCount} events.</Confirm>}
    </SpaceBetween>
  )
}

const arnChoices = (buses: { Name: string; Arn: string }[]): [string, string][] => buses.map((bus) => [bus.Arn, bus.Name])

function Make({ close, done }: { close: () => void; done: () => void }) {
  const buses = useBuses().rows
  const [form, setForm] = useState({ name: '', of: '', pattern: '', days: '' })
  const put = (name: keyof typeof form) => (value: string): void => setForm({ ...form, [name]: value })
  const of = form.of || (buses.find((bus) => bus.Name === 'default')?.Arn ?? '')
  return (
    <Dialog title="Create archive" button="Create archive" close={close} disabled={!form.name || !of} act={async () => {
      await invoke('events', 'CreateArchive', { ArchiveName: form.name, EventSourceArn: of, ...(form.pattern ? { EventPattern: form.pattern } : {}), ...(form.days ? { RetentionDays: Number(form.days) } : {}) })
      tell('success', `${form.name} is there.`)
      done()
    }}>
      <TextField label="Archive name" value={form.name} set={put('name')} />
      <ChoiceField label="Event bus" value={of} set={put('of')} options={arnChoices(buses)} />
      <TextField label={<>Days to keep<i> – optional</i></>} type="number" value={form.days} set={put('days')} />
      <AreaField label={<>Event pattern<i> – optional</i></>} value={form.pattern} set={put('pattern')} rows={4} />
    </Dialog>
  )
}

const DAY = 86_400

function StartReplay({ archive, close, done }: { archive: Archive; close: () => void; done: () => void }) {
  const buses = useBuses().rows
  const [form, setForm] = useState({ name: `${archive.ArchiveName}-again`, to: '', days: '1' })
  const to = form.to || (buses.find((bus) => bus.Name === 'default')?.Arn ?? '')
  const start = async (): Promise<void> => {
    const now = await cloudNow()
    const iso = (seconds: number): string => new Date(seconds * 1000).toISOString()
    await invoke('events', 'StartReplay', { ReplayName: form.name, EventSourceArn: `${archive.EventSourceArn.split(':').slice(0, 5).join(':')}:archive/${archive.ArchiveName}`, EventStartTime: iso(now - Number(form.days) * DAY), EventEndTime: iso(now), Destination: { Arn: to } })
    tell('success', 'The replay has begun.')
    done()
  }
  return (
    <Dialog title={`Replay ${archive.ArchiveName}`} button="Start replay" close={close} disabled={!form.name || !to} act={start}>
      <TextField label="Replay name" value={form.name} set={(name) => setForm({ ...form, name })} />
      <TextField label="Events of the last days" type="number" value={form.days} set={(days) => setForm({ ...form, days })} />
      <ChoiceField label="To the bus" value={to} set={(bus) => setForm({ ...form, to: bus })} options={arnChoices(buses.filter((bus) => bus.Arn === archive.EventSourceArn))} hint="An archive is replayed to the bus that it is of." />
    </Dialog>
  )
}
