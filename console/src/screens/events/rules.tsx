// The rules of a bus.
import Button from '@cloudscape-design/components/button'
import Link from '@cloudscape-design/components/link'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import { useState } from 'react'
import { useSearchParams } from 'react-router-dom'
import { invoke } from '../../api/calls'
import { useListed } from '../../api/pages'
import { fail, tell } from '../../app/notices'
import { at, follow, part } from '../../app/ways'
import { Confirm, Dialog } from '../../parts/confirm'
import { DataTable } from '../../parts/data-table'
import { AreaField, ChoiceField, TextField } from '../../parts/form-bits'
import { BusChoice, PAGES } from './bus-choice'
import { Send } from './send'

export type Rule = { Name: string; Arn: string; State: string; EventPattern?: string; ScheduleExpression?: string; Description?: string; ManagedBy?: string; EventBusName?: string }

export default function Rules() {
  const [asked, setAsked] = useSearchParams()
  const bus = asked.get('bus') ?? 'default'
  const rules = useListed<Rule>('events', 'ListRules', 'Rules', PAGES, { EventBusName: bus })
  const [picked, setPicked] = useState<Rule[]>([])
  const [doing, setDoing] = useState('')
  const one = rules.rows.find((rule) => rule.Name === picked[0]?.Name)
  const on = one?.State !== 'DISABLED'
  const changed = (): void => { setPicked([]); rules.reload() }
  return (
    <>
      <DataTable
        title="Rules" items={rules.rows} loading={rules.loading} more={rules.more} picked={picked} onPick={setPicked} trackBy="Arn" empty={rules.error?.message ?? 'This bus has no rules yet.'}
        description={<BusChoice value={bus} set={(name) => setAsked({ bus: name }, { replace: true })} />}
        columns={[
          { id: 'name', header: 'Rule', cell: (rule) => <Link href={at(`/events/rules/${part(bus)}/${part(rule.Name)}`)} onFollow={follow}>{rule.Name}</Link>, sortingField: 'Name', minWidth: 200, isRowHeader: true },
          { id: 'state', header: 'State', cell: (rule) => <StatusIndicator type={rule.State === 'DISABLED' ? 'stopped' : 'success'}>{rule.State}</StatusIndicator>, sortingField: 'State', width: 140 },
          { id: 'when', header: 'Schedule', cell: (rule) => rule.ScheduleExpression ?? '–', sortingField: 'ScheduleExpression', width: 200 },
          { id: 'pattern', header: 'Pattern', cell: (rule) => rule.EventPattern ?? '–', minWidth: 240 },
          { id: 'what', header: 'Description', cell: (rule) => rule.Description ?? '–' },
        ]}
        actions={[
          <Button key="reload" iconName="refresh" ariaLabel="Refresh" onClick={rules.reload} />,
          <Button key="turn" disabled={!one} onClick={() => void invoke('events', on ? 'DisableRule' : 'EnableRule', { Name: one?.Name, EventBusName: bus }).then(changed, fail)}>{on ? 'Disable' : 'Enable'}</Button>,
          <Button key="delete" disabled={!one} onClick={() => setDoing('delete')}>Delete</Button>,
          <Button key="send" onClick={() => setDoing('send')}>Send events</Button>,
          <Button key="make" variant="primary" onClick={() => setDoing('make')}>Create rule</Button>,
        ]}
      />
      {doing === 'make' && <RuleForm bus={bus} close={() => setDoing('')} done={changed} />}
      {doing === 'send' && <Send bus={bus} close={() => setDoing('')} />}
      {doing === 'delete' && one && <Confirm title="Delete rule" close={() => setDoing('')} act={async () => { await remove(bus, one.Name); tell('success', `${one.Name} is deleted.`); changed() }}>{one.Name} goes with its targets.</Confirm>}
    </>
  )
}

// A rule is deleted once it has no targets.
async function remove(EventBusName: string, Rule: string): Promise<void> {
  const { Targets = [] } = await invoke<{ Targets?: { Id: string }[] }>('events', 'ListTargetsByRule', { Rule, EventBusName })
  if (Targets.length) await invoke('events', 'RemoveTargets', { Rule, EventBusName, Ids: Targets.map((target) => target.Id) })
  await invoke('events', 'DeleteRule', { Name: Rule, EventBusName })
}

const PATTERN = '{\n  "source": ["my.app"]\n}'

export function RuleForm({ bus, before, close, done }: { bus: string; before?: Rule; close: () => void; done: () => void }) {
  const [form, setForm] = useState({ name: before?.Name ?? '', what: before?.Description ?? '', kind: before?.ScheduleExpression ? 'schedule' : 'pattern', pattern: before?.EventPattern ?? PATTERN, when: before?.ScheduleExpression ?? 'rate(5 minutes)' })
  const put = (name: keyof typeof form) => (value: string): void => setForm({ ...form, [name]: value })
  const save = async (): Promise<void> => {
    await invoke('events', 'PutRule', { Name: form.name, EventBusName: bus, ...(before ? { State: before.State } : {}), ...(form.what ? { Description: form.what } : {}), ...(form.kind === 'schedule' ? { ScheduleExpression: form.when } : { EventPattern: form.pattern }) })
    tell('success', `${form.name} is ${before ? 'changed' : 'there'}.`)
    done()
  }
  return (
    <Dialog title={before ? `Edit ${before.Name}` : 'Create rule'} button={before ? 'Save' : 'Create rule'} size="large" close={close} disabled={!form.name} act={save}>
      {!before && <TextField label="Rule name" value={form.name} set={put('name')} />}
      <TextField label={<>Description<i> – optional</i></>} value={form.what} set={put('what')} />
      {bus === 'default' && <ChoiceField label="Fires" value={form.kind} set={put('kind')} options={[['pattern', 'On events that fit a pattern'], ['schedule', 'By a schedule']]} />}
      {form.kind === 'schedule' ? <TextField label="Schedule" value={form.when} set={put('when')} hint="rate(5 minutes), cron(0 12 * * ? *)" /> : <AreaField label="Event pattern" value={form.pattern} set={put('pattern')} rows={10} />}
    </Dialog>
  )
}
