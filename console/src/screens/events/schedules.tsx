// The schedules of EventBridge Scheduler.
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import FormField from '@cloudscape-design/components/form-field'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import { useState } from 'react'
import { invoke } from '../../api/calls'
import { useListed } from '../../api/pages'
import { makeRole } from '../../api/roles'
import { useAsked, useCall } from '../../api/use'
import { fail, tell } from '../../app/notices'
import { Picker } from '../../generic/field'
import { Confirm, Dialog } from '../../parts/confirm'
import { DataTable } from '../../parts/data-table'
import { AreaField, ChoiceField, TextField } from '../../parts/form-bits'
import { Json, moment } from '../../parts/values'
import { PAGES } from './bus-choice'
import { targets } from './targets'

type Schedule = { Name: string; GroupName: string; State: string; Arn: string; Target?: { Arn: string }; LastModificationDate?: string }

export default function Schedules() {
  const asked = useListed<Schedule>('scheduler', 'ListSchedules', 'Schedules', PAGES)
  const [picked, setPicked] = useState<Schedule[]>([])
  const [doing, setDoing] = useState('')
  const one = asked.rows.find((each) => each.Arn === picked[0]?.Arn)
  const changed = (): void => { setPicked([]); asked.reload() }
  return (
    <SpaceBetween size="l">
      <DataTable variant="container" level="h1" title="Schedules" items={asked.rows} loading={asked.loading} more={asked.more} picked={picked} onPick={setPicked} trackBy="Arn" empty={asked.error?.message ?? 'No schedules yet.'}
        columns={[
          { id: 'name', header: 'Schedule', cell: (each) => each.Name, isRowHeader: true, sortingField: 'Name', minWidth: 200 },
          { id: 'group', header: 'Group', cell: (each) => each.GroupName, sortingField: 'GroupName', width: 150 },
          { id: 'state', header: 'State', cell: (each) => <StatusIndicator type={each.State === 'DISABLED' ? 'stopped' : 'success'}>{each.State}</StatusIndicator>, width: 140 },
          { id: 'target', header: 'Target', cell: (each) => each.Target?.Arn ?? '–', minWidth: 260 },
          { id: 'when', header: 'Changed', cell: (each) => moment(each.LastModificationDate ?? ''), width: 190 },
        ]}
        actions={[
          <Button key="reload" iconName="refresh" ariaLabel="Refresh" onClick={asked.reload} />,
          <Button key="turn" disabled={!one} onClick={() => one && void turned(one).then(changed, fail)}>{one?.State === 'DISABLED' ? 'Enable' : 'Disable'}</Button>,
          <Button key="delete" disabled={!one} onClick={() => setDoing('delete')}>Delete</Button>,
          <Button key="make" variant="primary" onClick={() => setDoing('make')}>Create schedule</Button>,
        ]} />
      {one && <Details key={one.Arn + one.State} schedule={one} />}
      {doing === 'make' && <Make close={() => setDoing('')} done={changed} />}
      {doing === 'delete' && one && <Confirm title="Delete schedule" close={() => setDoing('')} act={async () => { await invoke('scheduler', 'DeleteSchedule', { Name: one.Name, GroupName: one.GroupName }); tell('success', `${one.Name} is deleted.`); changed() }}>{one.Name} fires no more.</Confirm>}
    </SpaceBetween>
  )
}

// An update replaces the whole schedule: it is told with all that it is.
async function turned(one: Schedule): Promise<void> {
  const { Arn: _, CreationDate: __, LastModificationDate: ___, ...whole } = await invoke('scheduler', 'GetSchedule', { Name: one.Name, GroupName: one.GroupName })
  await invoke('scheduler', 'UpdateSchedule', { ...whole, State: one.State === 'DISABLED' ? 'ENABLED' : 'DISABLED' })
}

function Details({ schedule }: { schedule: Schedule }) {
  const asked = useCall('scheduler', 'GetSchedule', { Name: schedule.Name, GroupName: schedule.GroupName })
  return <Container header={<Header variant="h2">{schedule.Name}</Header>}><Json value={asked.error?.message ?? asked.data ?? {}} label="Schedule" /></Container>
}

const ACTIONS: Record<string, string> = { sqs: 'sqs:SendMessage', sns: 'sns:Publish', lambda: 'lambda:InvokeFunction', events: 'events:PutEvents' }

// A role that Scheduler may take, for this target alone.
async function roleFor(name: string, target: string): Promise<string> {
  const allow = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: ACTIONS[target.split(':')[2]], Resource: target }] }
  const RoleName = `${name.slice(0, 45)}-schedule-role`
  const arn = await makeRole(RoleName, 'scheduler.amazonaws.com')
  await invoke('iam', 'PutRolePolicy', { RoleName, PolicyName: 'target', PolicyDocument: JSON.stringify(allow) })
  return arn
}

function Make({ close, done }: { close: () => void; done: () => void }) {
  const all = useAsked(targets, [])
  const [form, setForm] = useState({ name: '', when: 'rate(1 hour)', zone: 'UTC', target: '', role: '', input: '' })
  const put = (name: keyof typeof form) => (value: string): void => setForm({ ...form, [name]: value })
  const make = async (): Promise<void> => {
    const RoleArn = form.role || (await roleFor(form.name, form.target))
    await invoke('scheduler', 'CreateSchedule', { Name: form.name, ScheduleExpression: form.when, ScheduleExpressionTimezone: form.zone, FlexibleTimeWindow: { Mode: 'OFF' }, Target: { Arn: form.target, RoleArn, ...(form.input ? { Input: form.input } : {}) } })
    tell('success', `${form.name} is there.`)
    done()
  }
  return (
    <Dialog title="Create schedule" button="Create schedule" size="large" close={close} disabled={!form.name || !form.target} act={make}>
      <TextField label="Schedule name" value={form.name} set={put('name')} />
      <TextField label="When" value={form.when} set={put('when')} hint="rate(1 hour), cron(0 3 * * ? *), at(2027-01-01T00:00:00)" />
      <TextField label="Time zone" value={form.zone} set={put('zone')} />
      <ChoiceField label="Target" value={form.target} set={put('target')} options={(all.data ?? []).filter(([arn]) => arn.split(':')[2] in ACTIONS)} />
      <FormField label={<>Execution role<i> – optional</i></>} description="Without one, a role is made that may tell this target."><Picker name="Execution role" from={{ service: 'iam', list: 'ListRoles', result: 'Roles', value: 'Arn', label: 'RoleName' }} value={form.role} set={put('role')} /></FormField>
      <AreaField label={<>Input<i> – optional</i></>} value={form.input} set={put('input')} rows={4} />
    </Dialog>
  )
}
