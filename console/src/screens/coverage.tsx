// What works here, counted by the server: operations, members, tests.
import Alert from '@cloudscape-design/components/alert'
import Link from '@cloudscape-design/components/link'
import ProgressBar from '@cloudscape-design/components/progress-bar'
import { ask } from '../api/session'
import { useAsked } from '../api/use'
import { nameOf } from '../app/catalogue'
import { at, follow } from '../app/ways'
import { DataTable } from '../parts/data-table'

type Counts = { total: number; implemented: number; tested: number; grade: string; members: { total: number; promised: number; tested: number } }
type Row = Counts & { id: string }

export default function Coverage() {
  const asked = useAsked(async () => Object.entries((await ask<{ services: Record<string, Counts> }>('GET', 'coverage')).services).map(([id, counts]): Row => ({ id, ...counts })), [])
  if (asked.error) return <Alert type="error">{asked.error.message}</Alert>
  return (
    <DataTable
      title="Coverage" label="Services" items={asked.data ?? []} loading={asked.loading} size={100}
      description="What a service does not do, it answers with 501 and its name. A member is honoured when it has an effect; it is tested when a test sent it and looked at what came of it."
      columns={[
        { id: 'name', header: 'Service', cell: (row) => <Link href={at(`/service/${row.id}?tab=operations`)} onFollow={follow}>{nameOf(row.id)}</Link>, sortingComparator: (a, b) => nameOf(a.id).localeCompare(nameOf(b.id)), minWidth: 200, isRowHeader: true },
        { id: 'share', header: 'Operations', cell: (row) => <ProgressBar value={(100 * row.implemented) / row.total} additionalInfo={`${row.implemented} of ${row.total}`} ariaLabel={`${nameOf(row.id)}: ${row.implemented} of ${row.total} operations`} />, sortingComparator: (a, b) => a.implemented / a.total - b.implemented / b.total, minWidth: 240 },
        { id: 'tested', header: 'Tested', cell: (row) => row.tested, sortingField: 'tested', width: 110 },
        { id: 'promised', header: 'Members honoured', cell: (row) => `${row.members.promised} of ${row.members.total}`, sortingComparator: (a, b) => a.members.promised - b.members.promised, width: 185 },
        { id: 'members', header: 'Members tested', cell: (row) => row.members.tested, sortingComparator: (a, b) => a.members.tested - b.members.tested, width: 175 },
        { id: 'grade', header: 'Grade', cell: (row) => (row.grade === 'none' ? '–' : row.grade), sortingField: 'grade', width: 110 },
      ]}
    />
  )
}
