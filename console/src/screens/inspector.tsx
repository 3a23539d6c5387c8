// The calls of everybody as they come: who, what, how it ended, what IAM said, what it caused.
import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import ColumnLayout from '@cloudscape-design/components/column-layout'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import SegmentedControl from '@cloudscape-design/components/segmented-control'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import Toggle from '@cloudscape-design/components/toggle'
import { useEffect, useState } from 'react'
import { type Entry, entries, follow, live } from '../api/feed'
import { invoke, type Params } from '../api/calls'
import { ask, session } from '../api/session'
import { useAsked } from '../api/use'
import { fail, tell } from '../app/notices'
import { go } from '../app/ways'
import { DataTable } from '../parts/data-table'
import { Json, moment } from '../parts/values'

type Show = 'all' | 'errors' | 'denied'
const denied = (entry: Entry): boolean => /deny/.test(entry.decision)

export default function Inspector() {
  const all = entries.use()
  const state = live.use()
  const account = session.use()?.account
  const [running, setRunning] = useState(true)
  const [show, setShow] = useState<Show>('all')
  const [mine, setMine] = useState(false)
  const [inner, setInner] = useState(true)
  const [picked, setPicked] = useState<Entry[]>([])
  useEffect(() => (running ? follow() : undefined), [running])
  const seen = all.filter((entry) => (show === 'all' || (show === 'errors' ? entry.status >= 400 : denied(entry))) && (!mine || entry.account === account) && (inner || !entry.cause)).reverse()
  return (
    <SpaceBetween size="l">
      <DataTable
        variant="container" level="h1" title="Request inspector" label="Calls" items={seen} trackBy="id" picked={picked} onPick={setPicked} size={100}
        empty="No call fits. Make one: with the CLI, with an SDK, or here."
        description={<StatusIndicator type={state === 'on' ? 'success' : state === 'lost' ? 'warning' : 'stopped'}>{state === 'on' ? 'Live' : state === 'lost' ? 'The server does not answer' : 'Paused'}</StatusIndicator>}
        actions={[
          <div key="show" className="choice"><SegmentedControl label="Which calls" selectedId={show} onChange={(event) => setShow(event.detail.selectedId as Show)} options={[{ id: 'all', text: 'All' }, { id: 'errors', text: 'Errors' }, { id: 'denied', text: 'Denied' }]} /></div>,
          <Button key="run" iconName={running ? 'pause' : 'play'} onClick={() => setRunning(!running)}>{running ? 'Pause' : 'Resume'}</Button>,
          <Button key="clear" onClick={() => entries.set([])}>Clear</Button>,
        ]}
        columns={[
          { id: 'at', header: 'Time', cell: (entry) => moment(entry.at).slice(11), sortingField: 'at', width: 100 },
          { id: 'service', header: 'Service', cell: (entry) => entry.service, sortingField: 'service', width: 155 },
          { id: 'operation', header: 'Operation', cell: (entry) => (entry.cause ? `↳ ${entry.operation}` : entry.operation), sortingField: 'operation', width: 190 },
          { id: 'status', header: 'Status', cell: (entry) => <StatusIndicator type={entry.status < 400 ? 'success' : 'error'}>{entry.status}{entry.error && ` ${entry.error}`}</StatusIndicator>, sortingField: 'status', width: 150 },
          { id: 'iam', header: 'IAM', cell: (entry) => (denied(entry) ? <Box color="text-status-error">{entry.decision}</Box> : entry.decision), sortingField: 'decision', width: 190 },
          { id: 'took', header: 'Took', cell: (entry) => `${(entry.took * 1000).toFixed(2)} ms`, sortingField: 'took', width: 115 },
          { id: 'who', header: 'Principal', cell: (entry) => entry.principal.split(':').slice(-2).join(':') || '–', sortingField: 'principal', width: 220 },
          { id: 'region', header: 'Region', cell: (entry) => entry.region, sortingField: 'region', width: 120 },
        ]}
      />
      <SpaceBetween direction="horizontal" size="l">
        <Toggle checked={mine} onChange={(event) => setMine(event.detail.checked)}>Only account {account}</Toggle>
        <Toggle checked={inner} onChange={(event) => setInner(event.detail.checked)}>Also calls that services make</Toggle>
      </SpaceBetween>
      {picked[0] && <Details entry={picked[0]} all={all} pick={(entry) => setPicked([entry])} />}
    </SpaceBetween>
  )
}

function Details({ entry, all, pick }: { entry: Entry; all: Entry[]; pick: (entry: Entry) => void }) {
  const root = all.find((one) => one.id === entry.cause) ?? entry
  return (
    <Container header={<Header variant="h2" actions={<Button disabled={entry.principal.endsWith(':root') || !entry.decision} onClick={() => go(`/explain/${entry.id}`)}>Explain the decision</Button>}>{entry.service}:{entry.operation}</Header>}>
      <SpaceBetween size="m">
        {entry.error && <Alert type="error" header={`${entry.status} ${entry.error}`}>{denied(entry) ? 'IAM had its part in it.' : 'The operation refused it.'}</Alert>}
        <KeyValuePairs columns={3} items={[
          { label: 'Request', value: entry.id }, { label: 'Principal', value: entry.principal || '–' }, { label: 'When', value: moment(entry.at) },
          { label: 'Account and region', value: `${entry.account} ${entry.region}` }, { label: 'IAM', value: entry.decision || '–' }, { label: 'From', value: entry.client || 'another service' },
          { label: 'Took', value: `${(entry.took * 1000).toFixed(3)} ms` },
        ]} />
        <Payload entry={entry} />
        <div>
          <Box variant="awsui-key-label">What caused what</Box>
          <Tree entry={root} all={all} now={entry} pick={pick} />
        </div>
      </SpaceBetween>
    </Container>
  )
}

type Told = { request: Params | null; response: unknown; cli: string }

// What is masked, or left out, cannot be asked again.
const partial = (request: Params): boolean => /"\*\*\*"|"\(\d+ bytes\)"|…"/.test(JSON.stringify(request))

// What was asked and answered. The server keeps it of the last calls, where it is small, without secrets and bytes.
function Payload({ entry }: { entry: Entry }) {
  const asked = useAsked(() => ask<Told>('GET', `control/call?id=${entry.id}`), [entry.id])
  const { request = null, response = null, cli = '' } = asked.data ?? {}
  const [busy, setBusy] = useState(false)
  const again = (): void => {
    setBusy(true)
    invoke(entry.service, entry.operation, request ?? {}, entry.region).then(() => tell('success', `${entry.service}:${entry.operation} was asked again, as whoever is signed in here.`), fail).finally(() => setBusy(false))
  }
  if (asked.loading) return null
  if (request === null) return <KeyValuePairs items={[{ label: 'Members', value: entry.members.join(', ') || 'none' }, { label: 'Their values', value: 'Not kept: the call is too long ago, or too large.' }]} />
  return (
    <SpaceBetween size="m">
      <ColumnLayout columns={2}>
        <div><Box variant="awsui-key-label">Request</Box><Json value={request} label="Request" /></div>
        <div><Box variant="awsui-key-label">Answer</Box>{response === null ? <Box color="text-body-secondary">{entry.cause ? 'Not kept of calls that services make.' : 'Nothing.'}</Box> : <Json value={response} label="Answer" />}</div>
      </ColumnLayout>
      <div><Box variant="awsui-key-label">As a command</Box><Json value={cli} label="Command" /></div>
      <Button loading={busy} disabled={partial(request) || entry.cause !== ''} onClick={again}>Ask it again</Button>
    </SpaceBetween>
  )
}

function Tree({ entry, all, now, pick }: { entry: Entry; all: Entry[]; now: Entry; pick: (entry: Entry) => void }) {
  const caused = all.filter((one) => one.cause === entry.id)
  return (
    <ul className="chain">
      <li>
        {entry.id === now.id ? <b>{entry.service}:{entry.operation}</b> : <Button variant="inline-link" onClick={() => pick(entry)}>{entry.service}:{entry.operation}</Button>} <Box tagOverride="span" color={entry.status < 400 ? 'text-body-secondary' : 'text-status-error'}>{entry.status} {entry.error}</Box>
        {caused.map((one) => <Tree key={one.id} entry={one} all={all} now={now} pick={pick} />)}
      </li>
    </ul>
  )
}
