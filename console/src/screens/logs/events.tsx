// Events of a group or stream, by a pattern and a time; or as they come.
import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Grid from '@cloudscape-design/components/grid'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import Toggle from '@cloudscape-design/components/toggle'
import { useState } from 'react'
import { invoke, quietly } from '../../api/calls'
import { cloudNow } from '../../api/now'
import { usePaged } from '../../api/pages'
import { region, session } from '../../api/session'
import { useEachSecond } from '../../api/use'
import { DataTable } from '../../parts/data-table'
import { ChoiceField, TextField } from '../../parts/form-bits'
import { Json, Mono, moment, precise, pretty } from '../../parts/values'

export type Event = { eventId: string; timestamp: number; message: string; logStreamName?: string }
type Page = { events?: Event[]; nextToken?: string }

export const SPANS: [string, string][] = [['300', 'Last 5 minutes'], ['3600', 'Last hour'], ['86400', 'Last day'], ['604800', 'Last 7 days'], ['', 'All time']]
const PAGE = 1000
const MOST = 2000

export function Events({ group, stream, whole }: { group: string; stream: string; whole: () => void }) {
  const [form, setForm] = useState({ pattern: '', span: '' })
  const [question, setQuestion] = useState(form)
  const [live, setLive] = useState(false)
  const where = { logGroupName: group, ...(stream ? { logStreamNames: [stream] } : {}), ...(question.pattern ? { filterPattern: question.pattern } : {}) }
  const earlier = usePaged<Event>(async (nextToken) => {
    const startTime = question.span ? Math.floor(((await cloudNow()) - Number(question.span)) * 1000) : undefined
    const page = await invoke<Page>('logs', 'FilterLogEvents', { ...where, limit: PAGE, ...(startTime === undefined ? {} : { startTime }), ...(nextToken ? { nextToken } : {}) })
    return { rows: page.events ?? [], next: page.nextToken }
  }, [JSON.stringify(where), question.span, region.use(), session.use()?.token], !live)
  const tail = useTail(where, live)
  const [picked, setPicked] = useState<Event[]>([])
  const rows = live ? tail.rows : earlier.rows
  const problem = live ? tail.problem : earlier.error
  const choose = (span: string): void => { setForm({ ...form, span }); setQuestion({ ...form, span }) }
  return (
    <SpaceBetween size="m">
      <form onSubmit={(event) => { event.preventDefault(); setQuestion(form) }}>
        <Grid gridDefinition={[{ colspan: { default: 12, s: 6 } }, { colspan: { default: 12, s: 3 } }, { colspan: { default: 12, s: 3 } }]}>
          <TextField label="Filter pattern" value={form.pattern} set={(pattern) => setForm({ ...form, pattern })} placeholder={'ERROR, "a phrase", { $.level = "error" }'} />
          <ChoiceField label="Time" value={form.span} set={choose} options={SPANS} />
          <div className="beside"><SpaceBetween direction="horizontal" size="s" alignItems="center"><Button>Filter</Button><Toggle checked={live} onChange={(event) => setLive(event.detail.checked)}>Live tail</Toggle></SpaceBetween></div>
        </Grid>
      </form>
      {problem && <Alert type="error">{problem.message}</Alert>}
      <DataTable<Event> variant="container" title="Events" items={rows} loading={!live && earlier.loading} more={live ? undefined : earlier.more} picked={picked} onPick={setPicked} trackBy="eventId" size={100}
        description={live ? <StatusIndicator type="success">Live: what comes from now on</StatusIndicator> : stream && <>Of the stream {stream}. <Button variant="inline-link" onClick={whole}>Of all streams</Button></>}
        empty={live ? 'Nothing came yet.' : 'No event fits.'}
        actions={live ? undefined : <Button iconName="refresh" ariaLabel="Refresh events" onClick={earlier.reload} />}
        columns={[
          { id: 'at', header: 'Time', cell: (event) => precise(event.timestamp / 1000), sortingField: 'timestamp', width: 220 },
          { id: 'text', header: 'Message', cell: (event) => <Mono>{event.message.slice(0, 400)}</Mono>, isRowHeader: true, minWidth: 400 },
          { id: 'stream', header: 'Stream', cell: (event) => event.logStreamName ?? stream, sortingField: 'logStreamName', width: 220 },
        ]} />
      {picked[0] && <Container header={<Header variant="h2">{moment(picked[0].timestamp / 1000)}</Header>}><Json value={pretty(picked[0].message)} label="Message" /></Container>}
    </SpaceBetween>
  )
}

// What comes from now on, asked for each second.
function useTail(where: Record<string, unknown>, on: boolean): { rows: Event[]; problem?: Error } {
  const [rows, setRows] = useState<Event[]>([])
  const [problem, setProblem] = useState<Error>()
  useEachSecond(on, [JSON.stringify(where)], () => {
    const seen = new Set<string>()
    let from = 0
    setRows([])
    return async (signal) => {
      from ||= Math.floor((await cloudNow()) * 1000)
      const { events = [] } = await quietly<Page>('logs', 'FilterLogEvents', { ...where, startTime: from, limit: PAGE }, signal)
      const fresh = events.filter((event) => !seen.has(event.eventId))
      fresh.forEach((event) => seen.add(event.eventId))
      if (fresh.length) setRows((before) => [...before, ...fresh].slice(-MOST))
      from = Math.max(from, ...fresh.map((event) => event.timestamp))
    }
  }, setProblem)
  return { rows, problem }
}
