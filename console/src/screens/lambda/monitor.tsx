// What a function did lately, from the reports in its log.
import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import Link from '@cloudscape-design/components/link'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { CallError } from '../../api/calls'
import { insights, type Line } from '../../api/insights'
import { cloudNow } from '../../api/now'
import { useAsked } from '../../api/use'
import { at, follow, part } from '../../app/ways'
import { DataTable } from '../../parts/data-table'
import type { Configuration } from './functions'

const DAY = 86_400
const MOST = 500
const REPORTS = `filter @type = "REPORT" | fields @timestamp, @requestId, @duration, @billedDuration, @maxMemoryUsed, @initDuration, @logStream | sort @timestamp desc | limit ${MOST}`
const FAILURES = 'filter @message like /Task timed out|\\[ERROR\\]|Runtime.ExitError|"errorType"/ | stats count(*) as failures'

export function Monitor({ config }: { config: Configuration }) {
  const group = config.LoggingConfig?.LogGroup ?? `/aws/lambda/${config.FunctionName}`
  const asked = useAsked(async () => {
    const now = await cloudNow()
    const [reports, failures] = await Promise.all([insights([group], REPORTS, now - DAY, now + 60, MOST), insights([group], FAILURES, now - DAY, now + 60)])
    return { rows: reports.rows, failures: failures.rows[0]?.failures ?? '0' }
  }, [group])
  const logs = <Link href={at(`/logs/groups/${part(group)}`)} onFollow={follow}>{group}</Link>
  if (asked.error) return asked.error instanceof CallError && asked.error.code === 'ResourceNotFoundException' ? <Alert type="info" header="It has no log yet">Invoke it once, and its log group {group} is there.</Alert> : <Alert type="error">{asked.error.message}</Alert>
  const rows = asked.data?.rows ?? []
  const of = (name: string): number[] => rows.map((row) => Number(row[name])).filter((value) => !Number.isNaN(value))
  return (
    <SpaceBetween size="m">
      <Container header={<Header variant="h2" description={<>The last day, from {logs}</>}>Summary</Header>}>
        <KeyValuePairs columns={4} items={[
          { label: 'Invocations', value: `${rows.length}${rows.length === MOST ? '+' : ''}` }, { label: 'Log lines of failures', value: asked.data?.failures ?? '–' },
          { label: 'Duration: median, longest', value: `${at50(of('@duration'))} ms, ${most(of('@duration'))} ms` }, { label: 'Most memory', value: `${(Number(most(of('@maxMemoryUsed'))) / 1_000_000 || 0).toFixed(0)} MB of ${config.MemorySize}` },
        ]} />
      </Container>
      <DataTable<Line> variant="container" title="Invocations" items={rows} loading={asked.loading} trackBy="@ptr" empty="None within a day."
        actions={<Button iconName="refresh" ariaLabel="Refresh" onClick={asked.reload} />}
        columns={[
          { id: 'at', header: 'Time', cell: (row) => row['@timestamp'], sortingField: '@timestamp', width: 200 },
          { id: 'id', header: 'Request', cell: (row) => row['@requestId'], isRowHeader: true, minWidth: 220 },
          { id: 'took', header: 'Duration (ms)', cell: (row) => row['@duration'], sortingComparator: by('@duration'), width: 150 },
          { id: 'billed', header: 'Billed (ms)', cell: (row) => row['@billedDuration'], sortingComparator: by('@billedDuration'), width: 130 },
          { id: 'init', header: 'Start (ms)', cell: (row) => row['@initDuration'] ?? '–', sortingComparator: by('@initDuration'), width: 130 },
          { id: 'memory', header: 'Memory (MB)', cell: (row) => (Number(row['@maxMemoryUsed']) / 1_000_000).toFixed(0), sortingComparator: by('@maxMemoryUsed'), width: 160 },
          { id: 'stream', header: 'Log stream', cell: (row) => <Link href={at(`/logs/groups/${part(group)}?stream=${part(row['@logStream'] ?? '')}`)} onFollow={follow}>{row['@logStream']}</Link>, minWidth: 200 },
        ]} />
    </SpaceBetween>
  )
}

const by = (name: string) => (one: Line, other: Line): number => Number(one[name] ?? 0) - Number(other[name] ?? 0)
const at50 = (values: number[]): string => String([...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? '–')
const most = (values: number[]): string => (values.length ? String(Math.max(...values)) : '–')
