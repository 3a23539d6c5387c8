// Units that Application Auto Scaling changes with the load: of a table and of its global indexes.
import Button from '@cloudscape-design/components/button'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import { invoke } from '../../api/calls'
import { useListed } from '../../api/pages'
import { region, session } from '../../api/session'
import { useAsked } from '../../api/use'
import { tell } from '../../app/notices'
import { Confirm, Dialog } from '../../parts/confirm'
import { DataTable } from '../../parts/data-table'
import { TextField } from '../../parts/form-bits'
import { moment, shown } from '../../parts/values'
import type { Table, Units } from './tables'

const SERVICE = 'application-autoscaling'
const SPACE = { ServiceNamespace: 'dynamodb' }

type Subject = { name: string; what: 'Read' | 'Write'; units?: number; ResourceId: string; ScalableDimension: string }
type Target = { ResourceId: string; ScalableDimension: string; MinCapacity: number; MaxCapacity: number }
type Policy = { PolicyName: string; ResourceId: string; ScalableDimension: string; TargetTrackingScalingPolicyConfiguration?: { TargetValue: number } }
type Row = Subject & { target?: Target; policy?: Policy }
type Activity = { ActivityId: string; StartTime: string; Description: string; Cause: string; StatusCode: string }

function subjects(table: Table): Subject[] {
  const of = (name: string, kind: string, id: string, units?: Units): Subject[] => (['Read', 'Write'] as const).map((what) => ({ name, what, units: units?.[`${what}CapacityUnits`], ResourceId: id, ScalableDimension: `dynamodb:${kind}:${what}CapacityUnits` }))
  const id = `table/${table.TableName}`
  return [...of(table.TableName, 'table', id, table.ProvisionedThroughput), ...(table.GlobalSecondaryIndexes ?? []).flatMap((index) => of(index.IndexName, 'index', `${id}/index/${index.IndexName}`, index.ProvisionedThroughput))]
}

// Few are asked for: a table and its indexes, at most twenty.
async function rowsOf(table: Table): Promise<Row[]> {
  const all = subjects(table)
  const ResourceIds = [...new Set(all.map((one) => one.ResourceId))]
  const { ScalableTargets: targets } = await invoke<{ ScalableTargets: Target[] }>(SERVICE, 'DescribeScalableTargets', { ...SPACE, ResourceIds })
  const found = await Promise.all(ResourceIds.map((ResourceId) => invoke<{ ScalingPolicies: Policy[] }>(SERVICE, 'DescribeScalingPolicies', { ...SPACE, ResourceId })))
  const policies = found.flatMap((told) => told.ScalingPolicies).filter((policy) => policy.TargetTrackingScalingPolicyConfiguration)
  const fits = (one: Subject) => (other: Target | Policy): boolean => other.ResourceId === one.ResourceId && other.ScalableDimension === one.ScalableDimension
  return all.map((one) => ({ ...one, target: targets.find(fits(one)), policy: policies.find(fits(one)) }))
}

export function Scaling({ table, changed }: { table: Table; changed: () => void }) {
  const asked = useAsked(() => rowsOf(table), [JSON.stringify(subjects(table)), region.use(), session.use()?.token])
  const done = useListed<Activity>(SERVICE, 'DescribeScalingActivities', 'ScalingActivities', { in: 'NextToken', out: 'NextToken' }, { ...SPACE, ResourceId: `table/${table.TableName}` })
  const [picked, setPicked] = useState<Row[]>([])
  const [doing, setDoing] = useState('')
  const one = picked[0]
  const reload = (): void => { setPicked([]); asked.reload(); done.reload(); changed() }
  return (
    <SpaceBetween size="l">
      <DataTable variant="container" title="Auto scaling" description="Units go up and down with what is used of them." items={asked.data ?? []} loading={asked.loading} picked={picked} onPick={setPicked} trackBy={(row) => `${row.ResourceId} ${row.what}`} empty={asked.error?.message}
        columns={[
          { id: 'name', header: 'Table or index', cell: (row) => row.name, isRowHeader: true, minWidth: 180 },
          { id: 'what', header: 'Units', cell: (row) => `${row.what} units`, width: 130 },
          { id: 'now', header: 'Now', cell: (row) => row.units ?? '–', width: 90 },
          { id: 'range', header: 'Range', cell: (row) => (row.target ? `${row.target.MinCapacity} to ${row.target.MaxCapacity}` : 'Off'), width: 150 },
          { id: 'aim', header: 'Aims at', cell: (row) => (row.policy ? `${row.policy.TargetTrackingScalingPolicyConfiguration?.TargetValue} % used` : '–'), width: 130 },
        ]}
        actions={[
          <Button key="reload" iconName="refresh" ariaLabel="Refresh auto scaling" onClick={reload} />,
          <Button key="off" disabled={!one?.target} onClick={() => setDoing('off')}>Turn off</Button>,
          <Button key="set" disabled={!one} onClick={() => setDoing('set')}>Set</Button>,
        ]} />
      <DataTable variant="container" title="Scaling activities" items={done.rows} loading={done.loading} more={done.more} trackBy="ActivityId" empty={done.error?.message ?? 'The table was not scaled yet.'}
        columns={[
          { id: 'at', header: 'When', cell: (each) => moment(each.StartTime), sortingField: 'StartTime', width: 190 },
          { id: 'status', header: 'Status', cell: (each) => shown('Status', each.StatusCode), width: 140 },
          { id: 'what', header: 'What', cell: (each) => each.Description, isRowHeader: true, width: 320 },
          { id: 'why', header: 'Why', cell: (each) => each.Cause },
        ]} />
      {doing === 'set' && one && <SetRange row={one} close={() => setDoing('')} done={reload} />}
      {doing === 'off' && one && <Confirm title="Turn off auto scaling" button="Turn off" close={() => setDoing('')} act={async () => { await invoke(SERVICE, 'DeregisterScalableTarget', { ...SPACE, ...idOf(one) }); reload() }}>The {one.what.toLowerCase()} units of {one.name} stay as they are, whatever is used of them. The policy goes with its alarms.</Confirm>}
    </SpaceBetween>
  )
}

const idOf = ({ ResourceId, ScalableDimension }: Subject): { ResourceId: string; ScalableDimension: string } => ({ ResourceId, ScalableDimension })

function SetRange({ row, close, done }: { row: Row; close: () => void; done: () => void }) {
  const [form, setForm] = useState({ least: String(row.target?.MinCapacity ?? 1), most: String(row.target?.MaxCapacity ?? 10), aim: String(row.policy?.TargetTrackingScalingPolicyConfiguration?.TargetValue ?? 70) })
  const put = (name: keyof typeof form) => (value: string): void => setForm({ ...form, [name]: value })
  const save = async (): Promise<void> => {
    const PredefinedMetricType = `DynamoDB${row.what}CapacityUtilization`
    await invoke(SERVICE, 'RegisterScalableTarget', { ...SPACE, ...idOf(row), MinCapacity: Number(form.least), MaxCapacity: Number(form.most) })
    await invoke(SERVICE, 'PutScalingPolicy', {
      ...SPACE, ...idOf(row), PolicyName: row.policy?.PolicyName ?? `${PredefinedMetricType}:${row.ResourceId}`, PolicyType: 'TargetTrackingScaling',
      TargetTrackingScalingPolicyConfiguration: { ...row.policy?.TargetTrackingScalingPolicyConfiguration, TargetValue: Number(form.aim), PredefinedMetricSpecification: { PredefinedMetricType } },
    })
    tell('success', `The ${row.what.toLowerCase()} units of ${row.name} follow what is used of them.`)
    done()
  }
  return (
    <Dialog title={`${row.what} units of ${row.name}`} button="Save" close={close} act={save} disabled={!form.least || !form.most || !form.aim}>
      <TextField label="Units at least" type="number" value={form.least} set={put('least')} />
      <TextField label="Units at most" type="number" value={form.most} set={put('most')} />
      <TextField label="Used of them in percent" type="number" value={form.aim} set={put('aim')} hint="20 to 90: what auto scaling aims at." />
    </Dialog>
  )
}
