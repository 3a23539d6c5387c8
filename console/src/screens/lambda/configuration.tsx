// How a function is set up, and changing it.
import Box from '@cloudscape-design/components/box'
import FormField from '@cloudscape-design/components/form-field'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import Link from '@cloudscape-design/components/link'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import { invoke } from '../../api/calls'
import { tell } from '../../app/notices'
import { at, follow, part } from '../../app/ways'
import { Picker } from '../../generic/field'
import { gone, Listed, PairsDialog, Part, type Texts } from '../../generic/settings'
import { Dialog } from '../../parts/confirm'
import { ChoiceField, TextField } from '../../parts/form-bits'
import { Json } from '../../parts/values'
import type { Configuration } from './functions'
import { RUNTIMES } from './starters'

type Props = { config: Configuration; changed: () => void }

export function Setup({ config, tags, reserved, changed }: Props & { tags: Texts; reserved?: number }) {
  const [doing, setDoing] = useState('')
  const close = (): void => setDoing('')
  const name = config.FunctionName
  const role = config.Role.split('/').pop() ?? ''
  const variables = config.Environment?.Variables ?? {}
  const save = (members: Record<string, unknown>) => async (): Promise<void> => {
    await invoke('lambda', 'UpdateFunctionConfiguration', { FunctionName: name, ...members })
    tell('success', 'The configuration is changed.')
    changed()
  }
  return (
    <SpaceBetween size="l">
      <Part title="General" edit={() => setDoing('general')}>
        <KeyValuePairs columns={4} items={[
          { label: 'Runtime', value: config.Runtime }, { label: 'Handler', value: config.Handler }, { label: 'Memory', value: `${config.MemorySize} MB` }, { label: 'Timeout', value: `${config.Timeout} s` },
          { label: 'Execution role', value: <Link href={at(`/iam/roles/${part(role)}`)} onFollow={follow}>{role}</Link> }, { label: 'Architecture', value: config.Architectures?.join(', ') ?? '–' },
          { label: 'Temporary storage', value: `${config.EphemeralStorage?.Size ?? 512} MB` }, { label: 'Layers', value: config.Layers?.map((one) => one.Arn.split(':').slice(-2).join(':')).join(', ') || 'none' },
        ]} />
      </Part>
      <Part title="Environment variables" edit={() => setDoing('environment')}><Listed pairs={variables} empty="None." /></Part>
      <Part title="Concurrency" edit={() => setDoing('concurrency')}><Box>{reserved === undefined ? 'It takes part in the account’s.' : `${reserved} reserved: no more at a time, and no less are free for it.`}</Box></Part>
      <Part title="Tags" edit={() => setDoing('tags')}><Listed pairs={tags} empty="None." /></Part>
      <div><Box variant="awsui-key-label">As Lambda tells it</Box><Json value={config} label="Configuration" /></div>
      {doing === 'general' && <General config={config} close={close} save={save} />}
      {doing === 'environment' && <PairsDialog title="Environment variables" start={variables} close={close} save={(Variables) => save({ Environment: { Variables } })()} />}
      {doing === 'concurrency' && <Concurrency name={name} reserved={reserved} close={close} changed={changed} />}
      {doing === 'tags' && <PairsDialog title="Tags" start={tags} close={close} save={async (now) => { await retag(config.FunctionArn, tags, now); changed() }} />}
    </SpaceBetween>
  )
}

async function retag(arn: string, before: Texts, now: Texts): Promise<void> {
  const TagKeys = gone(before, now)
  if (TagKeys.length) await invoke('lambda', 'UntagResource', { Resource: arn, TagKeys })
  if (Object.keys(now).length) await invoke('lambda', 'TagResource', { Resource: arn, Tags: now })
}

function General({ config, close, save }: { config: Configuration; close: () => void; save: (members: Record<string, unknown>) => () => Promise<void> }) {
  const [form, setForm] = useState({ description: config.Description ?? '', runtime: config.Runtime ?? '', handler: config.Handler ?? '', memory: String(config.MemorySize), timeout: String(config.Timeout), role: config.Role })
  const put = (name: keyof typeof form) => (value: string): void => setForm({ ...form, [name]: value })
  const runtimes = RUNTIMES.includes(form.runtime) ? RUNTIMES : [form.runtime, ...RUNTIMES]
  const members = { Description: form.description, Runtime: form.runtime, Handler: form.handler, MemorySize: Number(form.memory), Timeout: Number(form.timeout), Role: form.role }
  return (
    <Dialog title="General configuration" button="Save" close={close} act={save(members)}>
      <TextField label="Description" value={form.description} set={put('description')} />
      <ChoiceField label="Runtime" value={form.runtime} set={put('runtime')} options={runtimes} />
      <TextField label="Handler" value={form.handler} set={put('handler')} />
      <TextField label="Memory in MB" type="number" value={form.memory} set={put('memory')} />
      <TextField label="Timeout in seconds" type="number" value={form.timeout} set={put('timeout')} />
      <FormField label="Execution role"><Picker name="Execution role" from={{ service: 'iam', list: 'ListRoles', result: 'Roles', value: 'Arn', label: 'RoleName' }} value={form.role} set={put('role')} /></FormField>
    </Dialog>
  )
}

function Concurrency({ name, reserved, close, changed }: { name: string; reserved?: number; close: () => void; changed: () => void }) {
  const [text, setText] = useState(reserved === undefined ? '' : String(reserved))
  return (
    <Dialog title="Concurrency" button="Save" close={close} act={async () => {
      await (text === '' ? invoke('lambda', 'DeleteFunctionConcurrency', { FunctionName: name }) : invoke('lambda', 'PutFunctionConcurrency', { FunctionName: name, ReservedConcurrentExecutions: Number(text) }))
      changed()
    }}>
      <TextField label={<>Reserved<i> – optional</i></>} type="number" value={text} set={setText} hint="0 stops the function. Empty: it takes part in the account’s." />
    </Dialog>
  )
}
