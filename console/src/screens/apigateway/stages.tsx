// The stages of an API, where they answer, and deployments to them.
import Button from '@cloudscape-design/components/button'
import Link from '@cloudscape-design/components/link'
import { useState } from 'react'
import { tell } from '../../app/notices'
import { Confirm, Dialog } from '../../parts/confirm'
import { copy } from '../../parts/copy'
import { DataTable } from '../../parts/data-table'
import { TextField } from '../../parts/form-bits'
import { moment, shown } from '../../parts/values'
import { urlOf } from './urls'

export type Stage = { name: string; deployment?: string; description?: string; variables?: Record<string, string>; changed?: string; byItself?: boolean }

type Props = {
  api: string; stages: Stage[]; loading: boolean; problem?: Error; reload: () => void; webSocket?: boolean
  deploy: (stage: string, description: string) => Promise<unknown>
  remove: (stage: string) => Promise<unknown>
}

export function Stages({ api, stages, loading, problem, reload, webSocket = false, deploy, remove }: Props) {
  const [picked, setPicked] = useState<Stage[]>([])
  const [doing, setDoing] = useState('')
  const one = stages.find((each) => each.name === picked[0]?.name)
  const changed = (): void => { setPicked([]); reload() }
  return (
    <>
      <DataTable variant="container" title="Stages" items={stages} loading={loading} picked={picked} onPick={setPicked} trackBy="name" empty={problem?.message ?? 'It is deployed nowhere yet.'}
        columns={[
          { id: 'name', header: 'Stage', cell: (each) => each.name, isRowHeader: true, width: 150, sortingField: 'name' },
          { id: 'url', header: 'Invoke URL', cell: (each) => (webSocket ? urlOf(api, each.name, true) : <Link href={urlOf(api, each.name)} external target="_blank">{urlOf(api, each.name)}</Link>), minWidth: 360 },
          { id: 'deployment', header: 'Deployment', cell: (each) => each.deployment ?? (each.byItself ? 'by itself' : '–'), width: 130 },
          { id: 'variables', header: 'Variables', cell: (each) => shown('Variables', each.variables && Object.keys(each.variables).length ? each.variables : undefined), width: 190 },
          { id: 'changed', header: 'Last updated', cell: (each) => moment(each.changed ?? ''), width: 190 },
        ]}
        actions={[
          <Button key="reload" iconName="refresh" ariaLabel="Refresh stages" onClick={reload} />,
          <Button key="copy" disabled={!one} onClick={() => one && copy(urlOf(api, one.name, webSocket), 'The URL is copied.')}>Copy URL</Button>,
          <Button key="delete" disabled={!one} onClick={() => setDoing('delete')}>Delete</Button>,
          <Button key="deploy" onClick={() => setDoing('deploy')}>Deploy</Button>,
        ]} />
      {doing === 'deploy' && <Deploy first={one?.name ?? stages[0]?.name ?? 'dev'} deploy={deploy} close={() => setDoing('')} done={changed} />}
      {doing === 'delete' && one && <Confirm title="Delete stage" close={() => setDoing('')} act={async () => { await remove(one.name); tell('success', `${one.name} is deleted.`); changed() }}>Nobody is answered at {urlOf(api, one.name, webSocket)} any more.</Confirm>}
    </>
  )
}

function Deploy({ first, deploy, close, done }: { first: string; deploy: Props['deploy']; close: () => void; done: () => void }) {
  const [form, setForm] = useState({ stage: first, description: '' })
  return (
    <Dialog title="Deploy" button="Deploy" close={close} disabled={!form.stage} act={async () => { await deploy(form.stage, form.description); tell('success', `It is deployed to ${form.stage}.`); done() }}>
      <TextField label="Stage name" hint="A new name makes a stage." value={form.stage} set={(stage) => setForm({ ...form, stage })} />
      <TextField label={<>Deployment description<i> – optional</i></>} value={form.description} set={(description) => setForm({ ...form, description })} />
    </Dialog>
  )
}
