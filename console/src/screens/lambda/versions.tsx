// A function's versions, and the aliases that lead to them.
import Button from '@cloudscape-design/components/button'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import { invoke } from '../../api/calls'
import { type Listed, useListed } from '../../api/pages'
import { tell } from '../../app/notices'
import { Confirm, Dialog } from '../../parts/confirm'
import { DataTable } from '../../parts/data-table'
import { ChoiceField, TextField } from '../../parts/form-bits'
import { moment, size } from '../../parts/values'
import type { Configuration } from './functions'

type Alias = { Name: string; FunctionVersion: string; Description?: string; RoutingConfig?: { AdditionalVersionWeights?: Record<string, number> } }
const PAGES = { in: 'Marker', out: 'NextMarker' }

export function Versions({ name }: { name: string }) {
  const versions = useListed<Configuration>('lambda', 'ListVersionsByFunction', 'Versions', PAGES, { FunctionName: name })
  const aliases = useListed<Alias>('lambda', 'ListAliases', 'Aliases', PAGES, { FunctionName: name })
  const numbers = versions.rows.map((one) => one.Version)
  return <SpaceBetween size="l"><Published name={name} versions={versions} /><Aliases name={name} aliases={aliases} numbers={numbers} /></SpaceBetween>
}

function Published({ name, versions }: { name: string; versions: Listed<Configuration> }) {
  const [picked, setPicked] = useState<Configuration[]>([])
  const [doing, setDoing] = useState('')
  const one = picked[0]
  return (
    <>
      <DataTable variant="container" title="Versions" items={[...versions.rows].reverse()} loading={versions.loading} more={versions.more} picked={picked} onPick={setPicked} trackBy="Version" empty={versions.error?.message}
        columns={[
          { id: 'number', header: 'Version', cell: (each) => each.Version, isRowHeader: true, width: 120 },
          { id: 'what', header: 'Description', cell: (each) => each.Description || '–', minWidth: 200 },
          { id: 'runtime', header: 'Runtime', cell: (each) => each.Runtime ?? '–', width: 150 },
          { id: 'size', header: 'Code size', cell: (each) => size(each.CodeSize), width: 120 },
          { id: 'when', header: 'Last modified', cell: (each) => moment(each.LastModified.replace('+0000', 'Z')), width: 190 },
        ]}
        actions={[<Button key="end" disabled={!one || one.Version === '$LATEST'} onClick={() => setDoing('end')}>Delete version</Button>, <Button key="make" onClick={() => setDoing('make')}>Publish version</Button>]} />
      {doing === 'make' && <Publish name={name} close={() => setDoing('')} done={versions.reload} />}
      {doing === 'end' && one && <Confirm title="Delete version" close={() => setDoing('')} act={async () => { await invoke('lambda', 'DeleteFunction', { FunctionName: name, Qualifier: one.Version }); setPicked([]); versions.reload() }}>Version {one.Version} goes; the others stay.</Confirm>}
    </>
  )
}

function Publish({ name, close, done }: { name: string; close: () => void; done: () => void }) {
  const [what, setWhat] = useState('')
  return (
    <Dialog title="Publish version" button="Publish" close={close} act={async () => {
      const { Version } = await invoke<{ Version: string }>('lambda', 'PublishVersion', { FunctionName: name, ...(what ? { Description: what } : {}) })
      tell('success', `Version ${Version} is what $LATEST is now.`)
      done()
    }}>
      <TextField label={<>Description<i> – optional</i></>} value={what} set={setWhat} />
    </Dialog>
  )
}

function Aliases({ name, aliases, numbers }: { name: string; aliases: Listed<Alias>; numbers: string[] }) {
  const [picked, setPicked] = useState<Alias[]>([])
  const [doing, setDoing] = useState('')
  const one = aliases.rows.find((each) => each.Name === picked[0]?.Name)
  const weights = (each: Alias): string => Object.entries(each.RoutingConfig?.AdditionalVersionWeights ?? {}).map(([version, weight]) => `${version}: ${Math.round(weight * 100)} %`).join(', ') || '–'
  return (
    <>
      <DataTable variant="container" title="Aliases" items={aliases.rows} loading={aliases.loading} more={aliases.more} picked={picked} onPick={setPicked} trackBy="Name" empty={aliases.error?.message ?? 'No aliases yet.'}
        columns={[
          { id: 'name', header: 'Alias', cell: (each) => each.Name, isRowHeader: true, sortingField: 'Name' },
          { id: 'to', header: 'Version', cell: (each) => each.FunctionVersion, width: 120 },
          { id: 'also', header: 'Also to', cell: weights, width: 160 },
          { id: 'what', header: 'Description', cell: (each) => each.Description || '–' },
        ]}
        actions={[
          <Button key="edit" disabled={!one} onClick={() => setDoing('edit')}>Edit alias</Button>,
          <Button key="end" disabled={!one} onClick={() => setDoing('end')}>Delete alias</Button>,
          <Button key="make" onClick={() => setDoing('make')}>Create alias</Button>,
        ]} />
      {(doing === 'make' || (doing === 'edit' && one)) && <AliasForm name={name} numbers={numbers} before={doing === 'edit' ? one : undefined} close={() => setDoing('')} done={aliases.reload} />}
      {doing === 'end' && one && <Confirm title="Delete alias" close={() => setDoing('')} act={async () => { await invoke('lambda', 'DeleteAlias', { FunctionName: name, Name: one.Name }); setPicked([]); aliases.reload() }}>The alias {one.Name} goes; its version stays.</Confirm>}
    </>
  )
}

function AliasForm({ name, numbers, before, close, done }: { name: string; numbers: string[]; before?: Alias; close: () => void; done: () => void }) {
  const [other, weight] = Object.entries(before?.RoutingConfig?.AdditionalVersionWeights ?? {})[0] ?? ['', 0]
  const [form, setForm] = useState({ name: before?.Name ?? '', version: before?.FunctionVersion ?? '$LATEST', other, percent: weight ? String(weight * 100) : '10' })
  const put = (field: keyof typeof form) => (value: string): void => setForm({ ...form, [field]: value })
  const save = async (): Promise<void> => {
    const weights = form.other ? { [form.other]: Number(form.percent) / 100 } : {}
    await invoke('lambda', before ? 'UpdateAlias' : 'CreateAlias', { FunctionName: name, Name: form.name, FunctionVersion: form.version, ...(form.other || before ? { RoutingConfig: { AdditionalVersionWeights: weights } } : {}) })
    done()
  }
  return (
    <Dialog title={before ? `Edit ${before.Name}` : 'Create alias'} button={before ? 'Save' : 'Create'} close={close} disabled={!form.name} act={save}>
      {!before && <TextField label="Alias name" value={form.name} set={put('name')} />}
      <ChoiceField label="Version" value={form.version} set={put('version')} options={numbers} />
      <ChoiceField label={<>Also to<i> – optional</i></>} value={form.other} set={put('other')} options={[['', 'No other version'], ...numbers.filter((one) => one !== '$LATEST' && one !== form.version).map((one): [string, string] => [one, one])]} />
      {form.other && <TextField label="Percent of invocations" type="number" value={form.percent} set={put('percent')} />}
    </Dialog>
  )
}
