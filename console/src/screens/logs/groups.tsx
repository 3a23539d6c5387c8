// All log groups.
import Button from '@cloudscape-design/components/button'
import Link from '@cloudscape-design/components/link'
import { useState } from 'react'
import { invoke } from '../../api/calls'
import { useListed } from '../../api/pages'
import { tell } from '../../app/notices'
import { at, follow, go, part } from '../../app/ways'
import { Confirm, Dialog } from '../../parts/confirm'
import { DataTable } from '../../parts/data-table'
import { ChoiceField, TextField } from '../../parts/form-bits'
import { moment, size } from '../../parts/values'

export type Group = { logGroupName: string; arn: string; creationTime: number; retentionInDays?: number; storedBytes?: number; metricFilterCount?: number; logGroupClass?: string; kmsKeyId?: string }

const DAYS = ['1', '3', '5', '7', '14', '30', '60', '90', '120', '150', '180', '365', '400', '545', '731', '1096', '1827', '2192', '2557', '2922', '3288', '3653']
const RETENTIONS: [string, string][] = [['', 'Never expire'], ...DAYS.map((days): [string, string] => [days, days === '1' ? '1 day' : `${days} days`])]

export default function Groups() {
  const asked = useListed<Group>('logs', 'DescribeLogGroups', 'logGroups', { in: 'nextToken', out: 'nextToken' })
  const [picked, setPicked] = useState<Group[]>([])
  const [doing, setDoing] = useState('')
  const one = picked[0]
  const changed = (): void => { setPicked([]); asked.reload() }
  return (
    <>
      <DataTable
        title="Log groups" items={asked.rows} loading={asked.loading} more={asked.more} picked={picked} onPick={setPicked} multi trackBy="logGroupName" empty={asked.error?.message ?? 'No log groups yet.'}
        columns={[
          { id: 'name', header: 'Log group', cell: (group) => <Link href={at(`/logs/groups/${part(group.logGroupName)}`)} onFollow={follow}>{group.logGroupName}</Link>, sortingField: 'logGroupName', minWidth: 260, isRowHeader: true },
          { id: 'kept', header: 'Retention', cell: (group) => keeps(group.retentionInDays), sortingField: 'retentionInDays', width: 150 },
          { id: 'size', header: 'Stored', cell: (group) => size(group.storedBytes ?? 0), sortingField: 'storedBytes', width: 120 },
          { id: 'filters', header: 'Metric filters', cell: (group) => group.metricFilterCount ?? 0, sortingField: 'metricFilterCount', width: 140 },
          { id: 'class', header: 'Class', cell: (group) => group.logGroupClass ?? 'STANDARD', width: 160 },
          { id: 'made', header: 'Created', cell: (group) => moment(group.creationTime / 1000), sortingField: 'creationTime', width: 190 },
        ]}
        actions={[
          <Button key="reload" iconName="refresh" ariaLabel="Refresh" onClick={asked.reload} />,
          <Button key="ask" disabled={!one} onClick={() => go(`/logs/insights?${picked.map((group) => `group=${part(group.logGroupName)}`).join('&')}`)}>Query</Button>,
          <Button key="keep" disabled={picked.length !== 1} onClick={() => setDoing('keep')}>Retention</Button>,
          <Button key="delete" disabled={!one} onClick={() => setDoing('delete')}>Delete</Button>,
          <Button key="make" variant="primary" onClick={() => setDoing('make')}>Create log group</Button>,
        ]}
      />
      {doing === 'make' && <Make close={() => setDoing('')} done={changed} />}
      {doing === 'keep' && one && <Retention group={one} close={() => setDoing('')} done={changed} />}
      {doing === 'delete' && one && (
        <Confirm title={`Delete ${picked.length === 1 ? one.logGroupName : `${picked.length} log groups`}`} close={() => setDoing('')} act={async () => {
          for (const { logGroupName } of picked) await invoke('logs', 'DeleteLogGroup', { logGroupName })
          tell('success', `${picked.length === 1 ? `${one.logGroupName} is` : `${picked.length} log groups are`} deleted.`)
          changed()
        }}>All streams and events go with it.</Confirm>
      )}
    </>
  )
}

export const keeps = (days?: number): string => (days ? `${days} day${days === 1 ? '' : 's'}` : 'Never expire')

const keep = (logGroupName: string, days: string): Promise<unknown> => (days ? invoke('logs', 'PutRetentionPolicy', { logGroupName, retentionInDays: Number(days) }) : invoke('logs', 'DeleteRetentionPolicy', { logGroupName }))

function Make({ close, done }: { close: () => void; done: () => void }) {
  const [form, setForm] = useState({ name: '', days: '', kind: 'STANDARD' })
  const make = async (): Promise<void> => {
    await invoke('logs', 'CreateLogGroup', { logGroupName: form.name, logGroupClass: form.kind })
    if (form.days) await keep(form.name, form.days)
    tell('success', `${form.name} is there.`)
    done()
  }
  return (
    <Dialog title="Create log group" button="Create log group" close={close} act={make} disabled={!form.name}>
      <TextField label="Log group name" value={form.name} set={(name) => setForm({ ...form, name })} />
      <ChoiceField label="Retention" value={form.days} set={(days) => setForm({ ...form, days })} options={RETENTIONS} />
      <ChoiceField label="Class" value={form.kind} set={(kind) => setForm({ ...form, kind })} options={[['STANDARD', 'Standard'], ['INFREQUENT_ACCESS', 'Infrequent access']]} />
    </Dialog>
  )
}

function Retention({ group, close, done }: { group: Group; close: () => void; done: () => void }) {
  const [days, setDays] = useState(String(group.retentionInDays ?? ''))
  return (
    <Dialog title={`Retention of ${group.logGroupName}`} button="Save" close={close} act={async () => { await keep(group.logGroupName, days); done() }}>
      <ChoiceField label="Retention" value={days} set={setDays} options={RETENTIONS} />
    </Dialog>
  )
}
