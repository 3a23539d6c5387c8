// A try: an event in, the answer and the end of the log out.
import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Grid from '@cloudscape-design/components/grid'
import Header from '@cloudscape-design/components/header'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import { invoke } from '../../api/calls'
import { Kept } from '../../api/store'
import { useCall } from '../../api/use'
import { fail } from '../../app/notices'
import { type Bytes, textOf } from '../../parts/bytes'
import { Dialog } from '../../parts/confirm'
import { AreaField, ChoiceField, TextField } from '../../parts/form-bits'
import { Json, pretty } from '../../parts/values'
import { EVENTS } from './starters'

type Answer = { StatusCode: number; FunctionError?: string; LogResult?: string; Payload?: Bytes; ExecutedVersion?: string }

// Events that somebody kept in this browser, beside the ready ones.
const kept = new Kept<Record<string, string>>('cumulet.events', {})

export function Try({ name }: { name: string }) {
  const own = kept.use()
  const all: Record<string, string> = { ...Object.fromEntries(Object.entries(EVENTS).map(([title, event]) => [title, JSON.stringify(event, null, 2)])), ...own }
  const [title, setTitle] = useState('Hello')
  const [text, setText] = useState(all.Hello)
  const [form, setForm] = useState({ kind: 'RequestResponse', qualifier: '$LATEST' })
  const [answer, setAnswer] = useState<Answer>()
  const [busy, setBusy] = useState(false)
  const [keeping, setKeeping] = useState(false)
  const aliases = useCall<{ Aliases?: { Name: string }[] }>('lambda', 'ListAliases', { FunctionName: name })
  const versions = useCall<{ Versions?: { Version: string }[] }>('lambda', 'ListVersionsByFunction', { FunctionName: name })
  const run = (): void => {
    setBusy(true)
    setAnswer(undefined)
    invoke<Answer>('lambda', 'Invoke', { FunctionName: name, InvocationType: form.kind, Payload: text, ...(form.qualifier === '$LATEST' ? {} : { Qualifier: form.qualifier }), ...(form.kind === 'RequestResponse' ? { LogType: 'Tail' } : {}) }).then(setAnswer, fail).finally(() => setBusy(false))
  }
  const qualifiers = ['$LATEST', ...(versions.data?.Versions ?? []).map((one) => one.Version).filter((one) => one !== '$LATEST'), ...(aliases.data?.Aliases ?? []).map((one) => one.Name)]
  return (
    <SpaceBetween size="l">
      {answer && <Result answer={answer} />}
      <Container header={<Header variant="h2" actions={<SpaceBetween direction="horizontal" size="xs"><Button onClick={() => setKeeping(true)}>Keep event</Button><Button variant="primary" loading={busy} onClick={run}>Test</Button></SpaceBetween>}>Test event</Header>}>
        <SpaceBetween size="m">
          <Grid gridDefinition={[{ colspan: { default: 12, s: 4 } }, { colspan: { default: 12, s: 4 } }, { colspan: { default: 12, s: 4 } }]}>
            <ChoiceField label="Event" value={title} set={(one) => { setTitle(one); setText(all[one]) }} options={Object.keys(all)} />
            <ChoiceField label="Invocation" value={form.kind} set={(kind) => setForm({ ...form, kind })} options={[['RequestResponse', 'Synchronous'], ['Event', 'Asynchronous'], ['DryRun', 'Dry run']]} />
            <ChoiceField label="Version or alias" value={form.qualifier} set={(qualifier) => setForm({ ...form, qualifier })} options={qualifiers} />
          </Grid>
          <AreaField label="Event JSON" value={text} set={setText} rows={12} />
        </SpaceBetween>
      </Container>
      {keeping && <Keep title={title} close={() => setKeeping(false)} keep={(as) => { kept.set({ ...own, [as]: text }); setTitle(as) }} />}
    </SpaceBetween>
  )
}

function Result({ answer }: { answer: Answer }) {
  const log = answer.LogResult ? textOf(answer.LogResult) : ''
  const report = /REPORT RequestId: .*/.exec(log)?.[0] ?? ''
  const told = (what: string): string => new RegExp(`${what}: ([\\d.]+ \\w+)`).exec(report)?.[1] ?? '–'
  const text = answer.Payload ? textOf(answer.Payload.base64) : ''
  const header = answer.FunctionError ? `The function failed: ${answer.FunctionError}` : answer.StatusCode === 202 ? 'The event is taken' : answer.StatusCode === 204 ? 'It might be invoked' : 'Succeeded'
  return (
    <SpaceBetween size="m">
      <Alert type={answer.FunctionError ? 'error' : 'success'} header={header}>{answer.StatusCode === 202 ? 'It runs now; its log tells what came of it.' : `Status ${answer.StatusCode}${answer.ExecutedVersion ? `, version ${answer.ExecutedVersion}` : ''}`}</Alert>
      {report && <Container><KeyValuePairs columns={4} items={[{ label: 'Duration', value: told('Duration') }, { label: 'Billed', value: told('Billed Duration') }, { label: 'Max memory used', value: told('Max Memory Used') }, { label: 'Start', value: told('Init Duration') }]} /></Container>}
      {text && <div><Box variant="awsui-key-label">Answer</Box><Json value={pretty(text)} label="Answer" /></div>}
      {log && <div><Box variant="awsui-key-label">Log, its last 4 KB</Box><Json value={log} label="Log" /></div>}
    </SpaceBetween>
  )
}

function Keep({ title, close, keep }: { title: string; close: () => void; keep: (title: string) => void }) {
  const [name, setName] = useState(title in EVENTS ? '' : title)
  return (
    <Dialog title="Keep this event" button="Keep" close={close} disabled={!name || name in EVENTS} act={async () => keep(name)}>
      <TextField label="Event name" value={name} set={setName} hint="This browser remembers it, for all functions." />
    </Dialog>
  )
}
