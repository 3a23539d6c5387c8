// One log group: its events as they come, its streams, what is made of them.
import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import Header from '@cloudscape-design/components/header'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import Link from '@cloudscape-design/components/link'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Tabs from '@cloudscape-design/components/tabs'
import { useState } from 'react'
import { useParams, useSearchParams } from 'react-router-dom'
import { invoke } from '../../api/calls'
import { cloudNow } from '../../api/now'
import { useListed } from '../../api/pages'
import { useCall } from '../../api/use'
import { fail } from '../../app/notices'
import { at, follow, go, part } from '../../app/ways'
import { Dialog } from '../../parts/confirm'
import { DataTable } from '../../parts/data-table'
import { AreaField, TextField } from '../../parts/form-bits'
import { Json, moment, size } from '../../parts/values'
import { Events } from './events'
import { type Group, keeps } from './groups'

type Stream = { logStreamName: string; creationTime: number; lastEventTimestamp?: number; firstEventTimestamp?: number; arn: string }
const PAGES = { in: 'nextToken', out: 'nextToken' }

export default function GroupPage() {
  const { group: name = '' } = useParams()
  const [asked, setAsked] = useSearchParams()
  const found = useCall<{ logGroups?: Group[] }>('logs', 'DescribeLogGroups', { logGroupNamePrefix: name })
  const group = found.data?.logGroups?.find((each) => each.logGroupName === name)
  const [put, setPut] = useState(false)
  const [turn, setTurn] = useState(0)
  if (found.error) return <Alert type="error" header={name}>{found.error.message}</Alert>
  if (found.data && !group) return <Alert type="error" header={name}>The specified log group does not exist.</Alert>
  const stream = asked.get('stream') ?? ''
  return (
    <SpaceBetween size="l">
      <Header variant="h1" description={group && `${keeps(group.retentionInDays)}, ${size(group.storedBytes ?? 0)}, since ${moment(group.creationTime / 1000)}`} actions={
        <SpaceBetween direction="horizontal" size="xs">
          <Button onClick={() => setPut(true)}>Put event</Button>
          <Button onClick={() => go(`/logs/insights?group=${part(name)}`)}>Query</Button>
        </SpaceBetween>
      }>{name}</Header>
      <Tabs activeTabId={asked.get('tab') ?? 'events'} onChange={(event) => setAsked({ ...(stream ? { stream } : {}), tab: event.detail.activeTabId }, { replace: true })} tabs={[
        { id: 'events', label: 'Events', content: <Events key={`${stream} ${turn}`} group={name} stream={stream} whole={() => setAsked({}, { replace: true })} /> },
        { id: 'streams', label: 'Streams', content: <Streams group={name} /> },
        { id: 'metrics', label: 'Metric filters', content: <Hung group={name} operation="DescribeMetricFilters" result="metricFilters" title="Metric filters" remove="DeleteMetricFilter" /> },
        { id: 'subscriptions', label: 'Subscription filters', content: <Hung group={name} operation="DescribeSubscriptionFilters" result="subscriptionFilters" title="Subscription filters" remove="DeleteSubscriptionFilter" /> },
        { id: 'details', label: 'Details', content: <KeyValuePairs columns={2} items={[{ label: 'ARN', value: group?.arn }, { label: 'Class', value: group?.logGroupClass ?? 'STANDARD' }, { label: 'KMS key', value: group?.kmsKeyId ?? '–' }]} /> },
      ]} />
      {put && <Put group={name} stream={stream} close={() => setPut(false)} done={() => { setTurn(turn + 1); found.reload() }} />}
    </SpaceBetween>
  )
}

function Streams({ group }: { group: string }) {
  const asked = useListed<Stream>('logs', 'DescribeLogStreams', 'logStreams', PAGES, { logGroupName: group, orderBy: 'LastEventTime', descending: true })
  const [picked, setPicked] = useState<Stream[]>([])
  const end = (): void => void invoke('logs', 'DeleteLogStream', { logGroupName: group, logStreamName: picked[0].logStreamName }).then(() => { setPicked([]); asked.reload() }, fail)
  return (
    <DataTable variant="container" title="Log streams" items={asked.rows} loading={asked.loading} more={asked.more} picked={picked} onPick={setPicked} trackBy="logStreamName" empty={asked.error?.message ?? 'No streams yet.'}
      columns={[
        { id: 'name', header: 'Log stream', cell: (stream) => <Link href={at(`/logs/groups/${part(group)}?stream=${part(stream.logStreamName)}`)} onFollow={follow}>{stream.logStreamName}</Link>, sortingField: 'logStreamName', isRowHeader: true, minWidth: 300 },
        { id: 'first', header: 'First event', cell: (stream) => (stream.firstEventTimestamp ? moment(stream.firstEventTimestamp / 1000) : '–'), sortingField: 'firstEventTimestamp', width: 190 },
        { id: 'last', header: 'Last event', cell: (stream) => (stream.lastEventTimestamp ? moment(stream.lastEventTimestamp / 1000) : '–'), sortingField: 'lastEventTimestamp', width: 190 },
      ]}
      actions={[<Button key="reload" iconName="refresh" ariaLabel="Refresh streams" onClick={asked.reload} />, <Button key="end" disabled={!picked[0]} onClick={end}>Delete stream</Button>]} />
  )
}

type Filter = { filterName: string; filterPattern?: string } & Record<string, unknown>

// Filters that hang on a group, of one kind.
function Hung({ group, operation, result, title, remove }: { group: string; operation: string; result: string; title: string; remove: string }) {
  const asked = useListed<Filter>('logs', operation, result, PAGES, { logGroupName: group })
  const [picked, setPicked] = useState<Filter[]>([])
  const end = (): void => void invoke('logs', remove, { logGroupName: group, filterName: picked[0].filterName }).then(() => { setPicked([]); asked.reload() }, fail)
  return (
    <SpaceBetween size="m">
      <DataTable variant="container" title={title} items={asked.rows} loading={asked.loading} more={asked.more} picked={picked} onPick={setPicked} trackBy="filterName" empty={asked.error?.message ?? 'None.'}
        columns={[{ id: 'name', header: 'Filter', cell: (one) => one.filterName, isRowHeader: true, sortingField: 'filterName' }, { id: 'pattern', header: 'Pattern', cell: (one) => one.filterPattern || 'every event' }]}
        actions={<Button disabled={!picked[0]} onClick={end}>Delete filter</Button>} />
      {picked[0] && <Json value={picked[0]} label={title} />}
    </SpaceBetween>
  )
}

function Put({ group, stream, close, done }: { group: string; stream: string; close: () => void; done: () => void }) {
  const [form, setForm] = useState({ stream: stream || 'console', text: '' })
  const put = async (): Promise<void> => {
    const where = { logGroupName: group, logStreamName: form.stream }
    const streams = await invoke<{ logStreams?: Stream[] }>('logs', 'DescribeLogStreams', { logGroupName: group, logStreamNamePrefix: form.stream })
    if (!streams.logStreams?.some((one) => one.logStreamName === form.stream)) await invoke('logs', 'CreateLogStream', where)
    await invoke('logs', 'PutLogEvents', { ...where, logEvents: [{ timestamp: Math.floor((await cloudNow()) * 1000), message: form.text }] })
    done()
  }
  return (
    <Dialog title="Put event" button="Put" close={close} disabled={!form.text || !form.stream} act={put}>
      <TextField label="Log stream" value={form.stream} set={(one) => setForm({ ...form, stream: one })} hint="It is made if it is not there." />
      <AreaField label="Message" value={form.text} set={(text) => setForm({ ...form, text })} />
    </Dialog>
  )
}
