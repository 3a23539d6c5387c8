// Faults that calls fail with, while they are there.
import Button from '@cloudscape-design/components/button'
import Grid from '@cloudscape-design/components/grid'
import { useState } from 'react'
import { ask } from '../api/session'
import { services } from '../api/spec'
import { useAsked } from '../api/use'
import { nameOf } from '../app/catalogue'
import { fail, tell } from '../app/notices'
import { Dialog } from '../parts/confirm'
import { DataTable } from '../parts/data-table'
import { ChoiceField, TextField } from '../parts/form-bits'

type Fault = {
  id: number; service?: string; operations?: string[]; account?: string; region?: string; resource?: string; principal?: string; places?: string[]
  error?: string; message?: string; status?: number; latency?: number; cut?: string; halts?: string; rate?: number; left?: number; seen: number; struck: number
} & Record<string, unknown>

const KINDS: [string, string][] = [
  ['error', 'Answer with an error'], ['latency', 'Answer later'], ['before', 'Close the connection, nothing is done'], ['after', 'Do it, then close the connection'],
  ['away', 'A region or a zone is away'], ['replication', 'Nothing is copied to other regions'],
]

const HINTS: Record<string, string> = {
  away: 'No connection gets there; what is copied there waits.',
  replication: 'Items of global tables and S3’s replicas wait; no call fails.',
}

const does = (fault: Fault): string => [fault.halts && 'no copies to other regions', fault.error && `error ${fault.error}`, fault.latency && `${Math.round(fault.latency * 1000)} ms later`, fault.cut && (fault.cut === 'after' ? 'done, connection closed' : 'connection closed')].filter(Boolean).join(', ') || '–'
const hits = (fault: Fault): string => [fault.operations?.join(', '), fault.resource, fault.principal, fault.account, fault.region, fault.places?.join(', ')].filter(Boolean).join(' · ') || (fault.halts ? 'every copy' : 'every call')

export function Faults() {
  const asked = useAsked(async () => (await ask<{ faults: Fault[] }>('GET', 'control/faults')).faults, [])
  const [picked, setPicked] = useState<Fault[]>([])
  const [making, setMaking] = useState(false)
  const one = asked.data?.find((fault) => fault.id === picked[0]?.id)
  const clear = (): void => void ask('POST', 'control/faults/clear', { id: one?.id }).then(() => { setPicked([]); asked.reload() }, fail)
  return (
    <>
      <DataTable variant="container" title="Faults" description="Calls fail as is said here, those of this page too; what services ask of each other does not." items={asked.data ?? []} loading={asked.loading} picked={picked} onPick={setPicked} trackBy={(fault) => String(fault.id)} empty={asked.error?.message ?? 'Nothing fails on purpose.'}
        columns={[
          { id: 'service', header: 'Service', cell: (fault) => (fault.service ? nameOf(fault.service) : 'All'), isRowHeader: true, width: 170 },
          { id: 'hits', header: 'Which calls', cell: hits, minWidth: 180 },
          { id: 'does', header: 'What happens', cell: does, minWidth: 220 },
          { id: 'rate', header: 'Part', cell: (fault) => `${Math.round((fault.rate ?? 1) * 100)} %`, width: 90 },
          { id: 'struck', header: 'Struck', cell: (fault) => `${fault.struck} of ${fault.seen}`, width: 120 },
          { id: 'left', header: 'Left', cell: (fault) => (fault.left === undefined ? 'until removed' : `${Math.max(0, Math.round(fault.left))} s`), width: 130 },
        ]}
        actions={[
          <Button key="reload" iconName="refresh" ariaLabel="Refresh faults" onClick={asked.reload} />,
          <Button key="end" disabled={!one} onClick={clear}>Remove fault</Button>,
          <Button key="make" onClick={() => setMaking(true)}>Add fault</Button>,
        ]} />
      {making && <Add close={() => setMaking(false)} done={asked.reload} />}
    </>
  )
}

const FIRST = { kind: 'error', service: '', operations: '', error: 'unavailable', latency: '200', percent: '100', seconds: '', resource: '', region: '', account: '', zones: '', away: '' }

type Form = typeof FIRST

const REGION = /^[a-z]{2}(-[a-z]+)+-\d+$/
const words = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean)

// What the form says, as the control API takes it.
function asFault(form: Form): Record<string, unknown> {
  const { kind } = form
  const region = kind !== 'away' ? form.region : REGION.test(form.away) ? form.away : ''
  const places = words(kind !== 'away' ? form.zones : region ? '' : form.away)
  const about = Object.fromEntries(Object.entries({ service: form.service, resource: form.resource, account: form.account, region }).filter(([, value]) => value))
  const lasts = { ...about, ...(form.seconds ? { seconds: Number(form.seconds) } : {}) }
  if (kind === 'replication') return { ...lasts, halts: kind }
  const what = kind === 'error' ? { error: form.error } : kind === 'latency' ? { latency: Number(form.latency) / 1000 } : { cut: kind === 'away' ? 'before' : kind }
  return { ...lasts, ...what, places, operations: words(form.operations), rate: Number(form.percent) / 100 }
}

function Add({ close, done }: { close: () => void; done: () => void }) {
  const here = useAsked(services, []).data?.filter((one) => one.here) ?? []
  const [form, setForm] = useState(FIRST)
  const put = (name: keyof typeof FIRST) => (value: string): void => setForm({ ...form, [name]: value })
  const add = async (): Promise<void> => {
    await ask('POST', 'control/faults', asFault(form))
    tell('success', 'The fault is there.')
    done()
  }
  const calls = form.kind !== 'replication'
  const half = [{ colspan: { default: 12, xxs: 6 } }, { colspan: { default: 12, xxs: 6 } }]
  return (
    <Dialog title="Add fault" button="Add" close={close} act={add} disabled={form.kind === 'away' && !form.away}>
      <ChoiceField label="What happens" value={form.kind} set={put('kind')} options={KINDS} hint={HINTS[form.kind]} />
      {form.kind === 'error' && <TextField label="Error" value={form.error} set={put('error')} hint="A code of the service’s model; or unavailable, internal, throttle: what the service says then." />}
      {form.kind === 'latency' && <TextField label="Milliseconds" type="number" value={form.latency} set={put('latency')} />}
      {form.kind === 'away' && <TextField label="Region or zone" value={form.away} set={put('away')} placeholder="eu-west-1, or us-east-1a" />}
      <Grid gridDefinition={half}>
        <ChoiceField label="Service" value={form.service} set={put('service')} options={[['', 'All services'], ...here.map((one): [string, string] => [one.id, nameOf(one.id, one.title)])]} />
        {calls && <TextField label={<>Operations<i> – optional</i></>} value={form.operations} set={put('operations')} placeholder="PutItem, GetItem" />}
      </Grid>
      <Grid gridDefinition={half}>
        {calls && <TextField label="Percent of the calls" type="number" value={form.percent} set={put('percent')} />}
        <TextField label={<>For seconds<i> – optional</i></>} type="number" value={form.seconds} set={put('seconds')} />
      </Grid>
      <TextField label={<>Resource<i> – optional</i></>} value={form.resource} set={put('resource')} placeholder="arn:aws:dynamodb:*:*:table/orders" />
      <Grid gridDefinition={half}>
        {form.kind !== 'away' && <TextField label={<>Region<i> – optional</i></>} value={form.region} set={put('region')} />}
        <TextField label={<>Account<i> – optional</i></>} value={form.account} set={put('account')} />
      </Grid>
      {calls && form.kind !== 'away' && <TextField label={<>Only through these zones<i> – optional</i></>} value={form.zones} set={put('zones')} hint="Zones, subnets or VPC endpoints: calls that can come another way pass." placeholder="us-east-1a" />}
    </Dialog>
  )
}
