// Snapshots of the state, what changed since, and forks that go their own way.
import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Link from '@cloudscape-design/components/link'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import { useState } from 'react'
import { ask, session } from '../api/session'
import { useAsked } from '../api/use'
import { fail, tell } from '../app/notices'
import { Confirm, Dialog } from '../parts/confirm'
import { DataTable } from '../parts/data-table'
import { ChoiceField, TextField } from '../parts/form-bits'
import { moment, size } from '../parts/values'

type Snapshot = { name: string; saved: number; clock: number; version: string; account: string; size: number }
type Change = { change: string; account: string; region: string; type: string; id: string; properties?: Record<string, { from: unknown; to: unknown }> }
type Fork = { name: string; endpoint: string; made: number; seconds: number }

export function Snapshots({ loaded }: { loaded: () => void }) {
  const asked = useAsked(async () => (await ask<{ snapshots: Snapshot[] }>('GET', 'control/snapshots')).snapshots, [])
  const [picked, setPicked] = useState<Snapshot[]>([])
  const [doing, setDoing] = useState('')
  const one = picked[0]
  const changed = (): void => { setPicked([]); asked.reload() }
  return (
    <>
      <DataTable variant="container" title="Snapshots" items={asked.data ?? []} loading={asked.loading} picked={picked} onPick={setPicked} trackBy="name" empty={asked.error?.message ?? 'None is saved yet.'}
        columns={[
          { id: 'name', header: 'Name', cell: (snapshot) => snapshot.name, sortingField: 'name', isRowHeader: true },
          { id: 'of', header: 'Of', cell: (snapshot) => snapshot.account || 'Everything', width: 160 },
          { id: 'saved', header: 'Saved', cell: (snapshot) => moment(snapshot.saved), sortingField: 'saved', width: 190 },
          { id: 'size', header: 'Size', cell: (snapshot) => size(snapshot.size), sortingField: 'size', width: 120 },
        ]}
        actions={[
          <Button key="reload" iconName="refresh" ariaLabel="Refresh snapshots" onClick={asked.reload} />,
          <Button key="diff" disabled={!one} onClick={() => setDoing('diff')}>What changed</Button>,
          <Button key="load" disabled={!one} onClick={() => setDoing('load')}>Load</Button>,
          <Button key="delete" disabled={!one} onClick={() => setDoing('delete')}>Delete snapshot</Button>,
          <Button key="save" variant="primary" onClick={() => setDoing('save')}>Save snapshot</Button>,
        ]} />
      {doing === 'save' && <Save close={() => setDoing('')} done={changed} />}
      {doing === 'diff' && one && <Diff snapshot={one} close={() => setDoing('')} />}
      {doing === 'load' && one && <Confirm title="Load snapshot" button="Load" close={() => setDoing('')} act={async () => { await ask('POST', 'control/snapshots/load', { name: one.name, ...(one.account ? { account: one.account } : {}) }); tell('success', `${one.name} is loaded.`); loaded(); changed() }}>{one.account ? `The state of account ${one.account}` : 'All state'} is replaced by that of {moment(one.saved)}. What is not saved is lost.</Confirm>}
      {doing === 'delete' && one && <Confirm title="Delete snapshot" close={() => setDoing('')} act={async () => { await ask('POST', 'control/snapshots/rm', { name: one.name }); changed() }}>{one.name} is deleted.</Confirm>}
    </>
  )
}

function Save({ close, done }: { close: () => void; done: () => void }) {
  const account = session.use()?.account ?? ''
  const [name, setName] = useState('')
  const [of, setOf] = useState('')
  return (
    <Dialog title="Save snapshot" button="Save" close={close} disabled={!name} act={async () => { await ask('POST', 'control/snapshots', { name, ...(of ? { account: of } : {}) }); tell('success', `${name} is saved.`); done() }}>
      <TextField label="Snapshot name" value={name} set={setName} />
      <ChoiceField label="Of" value={of} set={setOf} options={[['', 'Everything'], [account, `Account ${account}`]]} />
    </Dialog>
  )
}

function Diff({ snapshot, close }: { snapshot: Snapshot; close: () => void }) {
  const asked = useAsked(async () => (await ask<{ resources: Change[] }>('GET', `control/snapshots/diff?name=${encodeURIComponent(snapshot.name)}`)).resources, [snapshot.name])
  return (
    <Dialog title={`What changed since ${snapshot.name}`} button="Close" size="max" close={close} act={async () => undefined}>
      {asked.error && <Alert type="error">{asked.error.message}</Alert>}
      <DataTable variant="embedded" title="Resources" items={asked.data ?? []} loading={asked.loading} empty="No resource is another."
        columns={[
          { id: 'change', header: 'Change', cell: (one) => <StatusIndicator type={one.change === 'added' ? 'success' : one.change === 'removed' ? 'error' : 'info'}>{one.change}</StatusIndicator>, sortingField: 'change', width: 130 },
          { id: 'type', header: 'Type', cell: (one) => one.type, sortingField: 'type', width: 220 },
          { id: 'id', header: 'Resource', cell: (one) => one.id, sortingField: 'id', isRowHeader: true, minWidth: 180 },
          { id: 'where', header: 'Where', cell: (one) => `${one.account} ${one.region}`, width: 220 },
          { id: 'what', header: 'What', cell: (one) => (one.change === 'changed' ? Object.entries(one.properties ?? {}).map(([name, { from, to }]) => `${name}: ${JSON.stringify(from)} → ${JSON.stringify(to)}`).join('; ') : ''), minWidth: 200 },
        ]} />
    </Dialog>
  )
}

export function Forks() {
  const asked = useAsked(async () => (await ask<{ forks: Fork[] }>('GET', 'control/forks')).forks, [])
  const [picked, setPicked] = useState<Fork[]>([])
  const [busy, setBusy] = useState(false)
  const make = (): void => {
    setBusy(true)
    ask<Fork>('POST', 'control/forks', {}).then((fork) => { tell('success', `${fork.name} answers at ${fork.endpoint}.`); asked.reload() }, fail).finally(() => setBusy(false))
  }
  const end = (): void => void ask('POST', 'control/forks/rm', { name: picked[0].name }).then(() => { setPicked([]); asked.reload() }, fail)
  return (
    <DataTable variant="container" title="Forks" description="A fork has all state as it is now, at an address of its own; what is done there stays there." items={asked.data ?? []} loading={asked.loading} picked={picked} onPick={setPicked} trackBy="name" empty={asked.error?.message ?? 'No forks.'}
        columns={[
          { id: 'name', header: 'Name', cell: (fork) => fork.name, isRowHeader: true },
          { id: 'at', header: 'Endpoint', cell: (fork) => <Link href={`${fork.endpoint}/_console/`} external target="_blank">{fork.endpoint}</Link> },
          { id: 'made', header: 'Made', cell: (fork) => moment(fork.made), width: 190 },
          { id: 'took', header: 'Took', cell: (fork) => <Box>{Math.round(fork.seconds * 1000)} ms</Box>, width: 110 },
        ]}
        actions={[<Button key="end" disabled={!picked[0]} onClick={end}>End fork</Button>, <Button key="make" loading={busy} onClick={make}>Fork everything</Button>]} />
  )
}
