// One rule: what it waits for, whom it tells.
import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import { useState } from 'react'
import { useParams } from 'react-router-dom'
import { invoke } from '../../api/calls'
import { useListed } from '../../api/pages'
import { useAsked, useCall } from '../../api/use'
import { fail, tell } from '../../app/notices'
import { Dialog } from '../../parts/confirm'
import { DataTable } from '../../parts/data-table'
import { AreaField, ChoiceField, TextField } from '../../parts/form-bits'
import { Json, pretty } from '../../parts/values'
import { PAGES } from './bus-choice'
import { type Rule, RuleForm } from './rules'
import { Send } from './send'
import { targets } from './targets'

type Target = { Id: string; Arn: string; Input?: string; InputPath?: string; InputTransformer?: unknown; RoleArn?: string; DeadLetterConfig?: { Arn?: string } }

export default function RulePage() {
  const { bus = '', rule: name = '' } = useParams()
  const asked = useCall<Rule>('events', 'DescribeRule', { Name: name, EventBusName: bus })
  const told = useListed<Target>('events', 'ListTargetsByRule', 'Targets', PAGES, { Rule: name, EventBusName: bus })
  const [picked, setPicked] = useState<Target[]>([])
  const [doing, setDoing] = useState('')
  const rule = asked.data
  if (asked.error) return <Alert type="error" header={name}>{asked.error.message}</Alert>
  if (!rule) return null
  const end = (): void => void invoke('events', 'RemoveTargets', { Rule: name, EventBusName: bus, Ids: [picked[0].Id] }).then(() => { setPicked([]); told.reload() }, fail)
  return (
    <SpaceBetween size="l">
      <Header variant="h1" description={rule.Description || rule.Arn} actions={
        <SpaceBetween direction="horizontal" size="xs"><Button onClick={() => setDoing('send')}>Send events</Button><Button onClick={() => setDoing('edit')}>Edit</Button></SpaceBetween>
      }>{name}</Header>
      <Container>
        <KeyValuePairs columns={3} items={[{ label: 'Event bus', value: bus }, { label: 'State', value: <StatusIndicator type={rule.State === 'DISABLED' ? 'stopped' : 'success'}>{rule.State}</StatusIndicator> }, { label: 'Schedule', value: rule.ScheduleExpression ?? '–' }]} />
      </Container>
      {rule.EventPattern && <div><Box variant="awsui-key-label">Event pattern</Box><Json value={pretty(rule.EventPattern)} label="Event pattern" /></div>}
      <DataTable variant="container" title="Targets" items={told.rows} loading={told.loading} more={told.more} picked={picked} onPick={setPicked} trackBy="Id" empty={told.error?.message ?? 'It tells nobody yet.'}
        columns={[
          { id: 'id', header: 'Target', cell: (one) => one.Id, isRowHeader: true, width: 180, sortingField: 'Id' },
          { id: 'arn', header: 'ARN', cell: (one) => one.Arn, minWidth: 300, sortingField: 'Arn' },
          { id: 'input', header: 'Input', cell: (one) => one.Input ?? one.InputPath ?? (one.InputTransformer ? JSON.stringify(one.InputTransformer) : 'the event') },
          { id: 'dead', header: 'Dead-letter queue', cell: (one) => one.DeadLetterConfig?.Arn ?? '–', width: 180 },
        ]}
        actions={[<Button key="end" disabled={!picked[0]} onClick={end}>Remove target</Button>, <Button key="make" onClick={() => setDoing('target')}>Add target</Button>]} />
      {doing === 'send' && <Send bus={bus} close={() => setDoing('')} />}
      {doing === 'edit' && <RuleForm bus={bus} before={rule} close={() => setDoing('')} done={asked.reload} />}
      {doing === 'target' && <AddTarget bus={bus} rule={name} taken={told.rows.map((one) => one.Id)} close={() => setDoing('')} done={told.reload} />}
    </SpaceBetween>
  )
}

function AddTarget({ bus, rule, taken, close, done }: { bus: string; rule: string; taken: string[]; close: () => void; done: () => void }) {
  const all = useAsked(targets, [])
  const free = Array.from({ length: taken.length + 1 }, (_, at) => `target${at + 1}`).find((id) => !taken.includes(id)) ?? ''
  const [form, setForm] = useState({ known: '', arn: '', id: free, input: '' })
  const put = (name: keyof typeof form) => (value: string): void => setForm({ ...form, [name]: value })
  const arn = form.arn || form.known
  const add = async (): Promise<void> => {
    const { FailedEntries = [] } = await invoke<{ FailedEntries?: { ErrorMessage?: string }[] }>('events', 'PutTargets', { Rule: rule, EventBusName: bus, Targets: [{ Id: form.id, Arn: arn, ...(form.input ? { Input: form.input } : {}) }] })
    if (FailedEntries.length) throw new Error(FailedEntries[0].ErrorMessage)
    if (arn.includes(':lambda:')) await invoke('lambda', 'AddPermission', { FunctionName: arn, StatementId: `events-${rule}-${form.id}`.slice(0, 100), Action: 'lambda:InvokeFunction', Principal: 'events.amazonaws.com' }).catch(fail)
    tell('success', `${rule} tells ${arn.split(':').pop()}.`)
    done()
  }
  return (
    <Dialog title="Add target" button="Add" close={close} disabled={!arn || !form.id} act={add}>
      <ChoiceField label="Target" value={form.known} set={put('known')} options={all.data ?? []} hint={all.error?.message ?? 'Queues, topics, functions, log groups and buses of this account and region.'} />
      <TextField label={<>Another ARN<i> – optional</i></>} value={form.arn} set={put('arn')} />
      <TextField label="Target ID" value={form.id} set={put('id')} />
      <AreaField label={<>Constant input<i> – optional</i></>} value={form.input} set={put('input')} rows={3} placeholder="JSON that it is told instead of the event" />
    </Dialog>
  )
}
