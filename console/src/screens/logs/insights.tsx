// Logs Insights: a query over groups, its answer as a table.
import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import FormField from '@cloudscape-design/components/form-field'
import Grid from '@cloudscape-design/components/grid'
import Header from '@cloudscape-design/components/header'
import Multiselect from '@cloudscape-design/components/multiselect'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import { useSearchParams } from 'react-router-dom'
import { type Found, insights, type Line } from '../../api/insights'
import { cloudNow } from '../../api/now'
import { useListed } from '../../api/pages'
import { save } from '../../parts/copy'
import { DataTable } from '../../parts/data-table'
import { AreaField, ChoiceField } from '../../parts/form-bits'
import { Mono, size } from '../../parts/values'
import { SPANS } from './events'
import type { Group } from './groups'

const FIRST = 'fields @timestamp, @message, @logStream\n| sort @timestamp desc\n| limit 100'
const SAMPLES: [string, string][] = [
  [FIRST, 'The newest events'],
  ['filter @message like /(?i)error/\n| fields @timestamp, @message, @logStream\n| sort @timestamp desc', 'Events that say "error"'],
  ['stats count(*) as events by bin(5m)', 'How many in five minutes'],
  ['filter @type = "REPORT"\n| stats count(*) as invocations, avg(@duration) as average, max(@duration) as longest, max(@maxMemoryUsed) as memory by bin(5m)', 'Lambda: invocations, durations, memory'],
  ['stats count(*) as events by @logStream\n| sort events desc', 'How many of each stream'],
]

export default function Insights() {
  const [asked, setAsked] = useSearchParams()
  const all = useListed<Group>('logs', 'DescribeLogGroups', 'logGroups', { in: 'nextToken', out: 'nextToken' })
  const groups = asked.getAll('group')
  const [form, setForm] = useState({ text: FIRST, span: '3600' })
  const [found, setFound] = useState<Found>()
  const [problem, setProblem] = useState('')
  const [busy, setBusy] = useState(false)
  const run = async (): Promise<void> => {
    setBusy(true)
    setProblem('')
    try {
      const now = await cloudNow()
      setFound(await insights(groups, form.text, form.span ? now - Number(form.span) : 0, now + 60))
    } catch (error) {
      setFound(undefined)
      setProblem((error as Error).message)
    } finally {
      setBusy(false)
    }
  }
  const option = (value: string): { value: string; label: string } => ({ value, label: value })
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h1" actions={<Button variant="primary" loading={busy} disabled={groups.length === 0 || !form.text.trim()} onClick={() => void run()}>Run query</Button>}>Logs Insights</Header>}>
        <SpaceBetween size="m">
          <Grid gridDefinition={[{ colspan: { default: 12, s: 6 } }, { colspan: { default: 12, s: 3 } }, { colspan: { default: 12, s: 3 } }]}>
            <FormField stretch label="Log groups"><Multiselect selectedOptions={groups.map(option)} options={all.rows.map((group) => option(group.logGroupName))} onChange={(event) => setAsked(event.detail.selectedOptions.map((one): [string, string] => ['group', one.value ?? '']), { replace: true })} filteringType="auto" placeholder="Choose log groups" empty="No log groups yet" expandToViewport /></FormField>
            <ChoiceField label="Time" value={form.span} set={(span) => setForm({ ...form, span })} options={SPANS} />
            <ChoiceField label="Samples" value={form.text} set={(text) => setForm({ ...form, text })} options={SAMPLES} />
          </Grid>
          <AreaField label="Query" value={form.text} set={(text) => setForm({ ...form, text })} rows={6} />
        </SpaceBetween>
      </Container>
      {problem && <Alert type="error" header="The query was not run">{problem}</Alert>}
      {found && <Answer found={found} />}
    </SpaceBetween>
  )
}

const WIDTHS: Record<string, number> = { '@timestamp': 220, '@message': 560 }

const cell = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
const asCsv = ({ names, rows }: Found): string => [names, ...rows.map((row) => names.map((name) => row[name] ?? ''))].map((line) => line.map(cell).join(',')).join('\n')

function Answer({ found }: { found: Found }) {
  const numbers = (name: string): boolean => found.rows.every((row) => row[name] === undefined || !Number.isNaN(Number(row[name])))
  return (
    <DataTable<Line> variant="container" title="Results" items={found.rows} size={100} empty="No event fits."
      description={`${found.status}: ${found.matched.toLocaleString()} of ${found.scanned.toLocaleString()} events fit, ${size(found.bytes)} were read.`}
      actions={<Button disabled={found.rows.length === 0} onClick={() => save('insights.csv', asCsv(found), 'text/csv')}>Download CSV</Button>}
      columns={found.names.map((name) => ({ id: name, header: name, cell: (row) => <Mono>{(row[name] ?? '–').slice(0, 400)}</Mono>, width: WIDTHS[name], minWidth: 150, sortingComparator: (one, other) => (numbers(name) ? Number(one[name] ?? 0) - Number(other[name] ?? 0) : (one[name] ?? '').localeCompare(other[name] ?? '')) }))} />
  )
}
