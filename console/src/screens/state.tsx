// What this cloud is: its clock, its modes, its snapshots and forks; and how to forget it.
import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import ContentLayout from '@cloudscape-design/components/content-layout'
import FormField from '@cloudscape-design/components/form-field'
import Header from '@cloudscape-design/components/header'
import Input from '@cloudscape-design/components/input'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import SegmentedControl from '@cloudscape-design/components/segmented-control'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Spinner from '@cloudscape-design/components/spinner'
import { useEffect, useState } from 'react'
import { ask, session } from '../api/session'
import { useAsked } from '../api/use'
import { fail, tell } from '../app/notices'
import { Confirm } from '../parts/confirm'
import { DataTable } from '../parts/data-table'
import { moment, size } from '../parts/values'
import { Faults } from './faults'
import { Forks, Snapshots } from './snapshots'

type Time = { now: number; offset: number; frozen: boolean }
type Status = { version: string; pid: number; endpoint: string; python: string; uptime: number; memory_mb: number; iam: string; auth: string; store: string; ephemeral: boolean; data: string; speed: string; calls: number; denied: number; time: Time }
type Dead = { id: number; service: string; what: string; attempts: number; error: string }

export default function State() {
  const status = useAsked(() => ask<Status>('GET', 'control/status'), [])
  if (status.error) return <Alert type="error">{status.error.message}</Alert>
  const told = status.data
  if (!told) return <Box textAlign="center" padding="xxl"><Spinner size="large" /></Box>
  return (
    <ContentLayout header={<Header variant="h1">State</Header>}>
      <SpaceBetween size="l">
        <Clock key={told.time.now} time={told.time} moved={status.reload} />
        <Modes />
        <Snapshots loaded={status.reload} />
        <Forks />
        <Faults />
        <Container header={<Header variant="h2" actions={<Button iconName="refresh" ariaLabel="Refresh" onClick={status.reload} />}>Server</Header>}>
          <KeyValuePairs columns={4} items={[
            { label: 'Version', value: told.version }, { label: 'Endpoint', value: told.endpoint }, { label: 'Process', value: `${told.pid}, Python ${told.python}` }, { label: 'Up for', value: lasting(told.uptime) },
            { label: 'Memory', value: size(told.memory_mb * 1_048_576) }, { label: 'State', value: told.ephemeral ? 'in memory' : `${told.store} in ${told.data}` }, { label: 'Keys', value: told.auth }, { label: 'Calls', value: `${told.calls.toLocaleString()}, ${told.denied.toLocaleString()} denied` },
          ]} />
        </Container>
        <Given />
        <Reset done={status.reload} />
      </SpaceBetween>
    </ContentLayout>
  )
}

const lasting = (seconds: number): string => (seconds < 120 ? `${Math.round(seconds)} s` : seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`)

const STEPS: [string, number][] = [['+1 minute', 60], ['+1 hour', 3600], ['+1 day', 86_400], ['+30 days', 2_592_000]]

function Clock({ time, moved }: { time: Time; moved: () => void }) {
  const [busy, setBusy] = useState('')
  const [tick, setTick] = useState(0)
  const [to, setTo] = useState('')
  const [since] = useState(() => performance.now())
  useEffect(() => {
    const timer = setInterval(() => setTick((t) => t + 1), 1000)
    return () => clearInterval(timer)
  }, [])
  const move = (what: string, how: Record<string, unknown>): void => {
    setBusy(what)
    ask('POST', 'control/time', how).then(() => { tell('success', `${what}: done, and all that was due on the way has happened.`); moved() }, fail).finally(() => setBusy(''))
  }
  const now = time.now + (time.frozen || tick < 0 ? 0 : (performance.now() - since) / 1000)
  return (
    <Container header={<Header variant="h2" description="Timers that are due on the way fire in order: time to live, schedules, rotation, retention.">Clock</Header>}>
      <SpaceBetween size="m">
        <KeyValuePairs columns={3} items={[{ label: 'It is', value: moment(now) }, { label: 'Ahead of the wall', value: Math.abs(time.offset) < 1 ? 'No' : `${Math.round(time.offset).toLocaleString()} s` }, { label: 'Runs', value: time.frozen ? 'No, it stands' : 'Yes' }]} />
        <SpaceBetween direction="horizontal" size="xs">
          {STEPS.map(([text, seconds]) => <Button key={text} loading={busy === text} onClick={() => move(text, { advance: seconds })}>{text}</Button>)}
          {time.frozen ? <Button onClick={() => move('Let it run', { thaw: true })}>Let it run</Button> : <Button onClick={() => move('Stop it', { freeze: true })}>Stop it</Button>}
          <Button onClick={() => move('Back to the wall’s time', { reset: true })}>Back to now</Button>
        </SpaceBetween>
        <FormField label="To a moment"><SpaceBetween direction="horizontal" size="xs"><Input value={to} placeholder="2027-01-31T12:00" ariaLabel="Moment" onChange={(event) => setTo(event.detail.value)} /><Button disabled={Number.isNaN(Date.parse(to))} onClick={() => move(to, { to: Date.parse(to) / 1000 })}>Go</Button></SpaceBetween></FormField>
      </SpaceBetween>
    </Container>
  )
}

function Modes() {
  const account = session.use()?.account ?? ''
  const asked = useAsked(() => ask<{ mode: string; others: Record<string, string> | [string, string][] }>('GET', 'control/iam'), [])
  const others = Object.entries(asked.data?.others ?? {})
  const own = others.find(([subject]) => subject === account)?.[1] ?? asked.data?.mode ?? 'audit'
  const change = (mode: string): void => void ask('POST', 'control/iam', { subject: account, mode }).then(asked.reload, fail)
  return (
    <Container header={<Header variant="h2" description={`The server’s mode is ${asked.data?.mode ?? '…'}; this is that of account ${account}.`}>IAM</Header>}>
      <SpaceBetween size="s">
        <SegmentedControl label="What decisions do" selectedId={own} onChange={(event) => change(event.detail.selectedId)} options={[{ id: 'off', text: 'Off' }, { id: 'audit', text: 'Audit' }, { id: 'enforce', text: 'Enforce' }]} />
        <span>{own === 'enforce' ? 'What policies do not allow is refused.' : own === 'audit' ? 'Policies are decided on; what they do not allow passes, and is noted.' : 'Policies are not looked at.'}</span>
      </SpaceBetween>
    </Container>
  )
}

function Given() {
  const asked = useAsked(() => ask<{ dead: Dead[] }>('GET', 'control/dead'), [])
  if (!asked.data?.dead.length) return null
  return <DataTable variant="container" title="Work that gave up" items={asked.data.dead} columns={[{ id: 'what', header: 'What', cell: (one) => `${one.service}: ${one.what}`, isRowHeader: true }, { id: 'tries', header: 'Attempts', cell: (one) => one.attempts, width: 110 }, { id: 'error', header: 'Error', cell: (one) => one.error }]} />
}

function Reset({ done }: { done: () => void }) {
  const account = session.use()?.account ?? ''
  const [what, setWhat] = useState('')
  return (
    <Container header={<Header variant="h2" description="There is no way back.">Forget</Header>}>
      <SpaceBetween direction="horizontal" size="xs">
        <Button onClick={() => setWhat('account')}>Forget account {account}</Button>
        <Button onClick={() => setWhat('all')}>Forget everything</Button>
      </SpaceBetween>
      {what && <Confirm title={what === 'all' ? 'Forget everything' : `Forget account ${account}`} button="Forget" word={what === 'all' ? 'everything' : account} close={() => setWhat('')} act={async () => { await ask('POST', 'control/reset', what === 'all' ? {} : { account }); tell('success', 'It is forgotten.'); done() }}>{what === 'all' ? 'All accounts and all that is in them.' : 'All that is in this account, in all regions.'}</Confirm>}
    </Container>
  )
}
