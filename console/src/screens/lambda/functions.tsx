// All functions, and new ones with their first lines of code.
import Button from '@cloudscape-design/components/button'
import FormField from '@cloudscape-design/components/form-field'
import Link from '@cloudscape-design/components/link'
import { useState } from 'react'
import { invoke } from '../../api/calls'
import { useListed } from '../../api/pages'
import { makeRole } from '../../api/roles'
import { ask, region } from '../../api/session'
import { tell } from '../../app/notices'
import { at, follow, part } from '../../app/ways'
import { Picker } from '../../generic/field'
import type { Bytes } from '../../parts/bytes'
import { Confirm, Dialog } from '../../parts/confirm'
import { DataTable } from '../../parts/data-table'
import { AreaField, ChoiceField, TextField } from '../../parts/form-bits'
import { moment, size } from '../../parts/values'
import { RUNTIMES, starter } from './starters'

export type Configuration = {
  FunctionName: string; FunctionArn: string; Runtime?: string; Role: string; Handler?: string; CodeSize: number; Description?: string; Timeout: number; MemorySize: number
  LastModified: string; Version: string; State?: string; PackageType?: string; Environment?: { Variables?: Record<string, string> }; Layers?: { Arn: string }[]; EphemeralStorage?: { Size: number }
  LoggingConfig?: { LogGroup?: string }; Architectures?: string[]
}

export default function Functions() {
  const asked = useListed<Configuration>('lambda', 'ListFunctions', 'Functions', { in: 'Marker', out: 'NextMarker' })
  const [picked, setPicked] = useState<Configuration[]>([])
  const [doing, setDoing] = useState('')
  const one = picked[0]
  const changed = (): void => { setPicked([]); asked.reload() }
  return (
    <>
      <DataTable
        title="Functions" items={asked.rows} loading={asked.loading} more={asked.more} picked={picked} onPick={setPicked} trackBy="FunctionArn" empty={asked.error?.message ?? 'No functions yet.'}
        columns={[
          { id: 'name', header: 'Function name', cell: (each) => <Link href={at(`/lambda/functions/${part(each.FunctionName)}`)} onFollow={follow}>{each.FunctionName}</Link>, sortingField: 'FunctionName', minWidth: 220, isRowHeader: true },
          { id: 'what', header: 'Description', cell: (each) => each.Description || '–', sortingField: 'Description' },
          { id: 'runtime', header: 'Runtime', cell: (each) => each.Runtime ?? '–', sortingField: 'Runtime', width: 150 },
          { id: 'memory', header: 'Memory', cell: (each) => `${each.MemorySize} MB`, sortingField: 'MemorySize', width: 120 },
          { id: 'size', header: 'Code size', cell: (each) => size(each.CodeSize), sortingField: 'CodeSize', width: 120 },
          { id: 'when', header: 'Last modified', cell: (each) => moment(each.LastModified.replace('+0000', 'Z')), sortingField: 'LastModified', width: 190 },
        ]}
        actions={[
          <Button key="reload" iconName="refresh" ariaLabel="Refresh" onClick={asked.reload} />,
          <Button key="delete" disabled={!one} onClick={() => setDoing('delete')}>Delete</Button>,
          <Button key="make" variant="primary" onClick={() => setDoing('make')}>Create function</Button>,
        ]}
      />
      {doing === 'make' && <Make close={() => setDoing('')} done={changed} />}
      {doing === 'delete' && one && <Confirm title="Delete function" word={one.FunctionName} close={() => setDoing('')} act={async () => { await invoke('lambda', 'DeleteFunction', { FunctionName: one.FunctionName }); tell('success', `${one.FunctionName} is deleted.`); changed() }}>The function goes with its versions and aliases. Its logs stay.</Confirm>}
    </>
  )
}

// A role that functions may take, with leave to write logs.
async function roleFor(name: string): Promise<string> {
  const RoleName = `${name.slice(0, 50)}-role`
  const arn = await makeRole(RoleName, 'lambda.amazonaws.com')
  await invoke('iam', 'AttachRolePolicy', { RoleName, PolicyArn: 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole' })
  return arn
}

function Make({ close, done }: { close: () => void; done: () => void }) {
  const [form, setForm] = useState({ name: '', runtime: 'python3.11', role: '', text: starter('python3.11').text, handler: starter('python3.11').handler })
  const put = (name: keyof typeof form) => (value: string): void => setForm({ ...form, [name]: value })
  const turn = (runtime: string): void => {
    const { text, handler } = starter(runtime)
    setForm({ ...form, runtime, handler, ...(form.text === starter(form.runtime).text ? { text } : {}) })
  }
  const make = async (): Promise<void> => {
    const ZipFile = await ask<Bytes>('POST', 'function/package', { files: { [starter(form.runtime).file]: form.text }, region: region.get() })
    const Role = form.role || (await roleFor(form.name))
    await invoke('lambda', 'CreateFunction', { FunctionName: form.name, Runtime: form.runtime, Handler: form.handler, Role, Code: { ZipFile } })
    tell('success', `${form.name} is there.`)
    done()
  }
  return (
    <Dialog title="Create function" button="Create function" size="large" close={close} act={make} disabled={!form.name || !form.handler}>
      <TextField label="Function name" value={form.name} set={put('name')} />
      <ChoiceField label="Runtime" value={form.runtime} set={turn} options={RUNTIMES} hint="It runs where this machine has its program." />
      <FormField label={<>Execution role<i> – optional</i></>} description="Without one, a role is made that may write logs."><Picker name="Execution role" from={{ service: 'iam', list: 'ListRoles', result: 'Roles', value: 'Arn', label: 'RoleName' }} value={form.role} set={put('role')} /></FormField>
      <TextField label="Handler" value={form.handler} set={put('handler')} />
      <AreaField label="Code" hint={starter(form.runtime).file} value={form.text} set={put('text')} rows={12} />
    </Dialog>
  )
}
