// All APIs of an account, REST APIs and those with routes beside each other.
import Button from '@cloudscape-design/components/button'
import FormField from '@cloudscape-design/components/form-field'
import Link from '@cloudscape-design/components/link'
import { useState } from 'react'
import { invoke } from '../../api/calls'
import { useListed } from '../../api/pages'
import { region, session } from '../../api/session'
import { tell } from '../../app/notices'
import { at, follow, part } from '../../app/ways'
import { Picker } from '../../generic/field'
import { Confirm, Dialog } from '../../parts/confirm'
import { DataTable } from '../../parts/data-table'
import { ChoiceField, TextField } from '../../parts/form-bits'
import { moment } from '../../parts/values'

type Rest = { id: string; name: string; description?: string; createdDate?: string }
type Routed = { ApiId: string; Name: string; Description?: string; ProtocolType: string; CreatedDate?: string }
type Api = { id: string; name: string; kind: string; description: string; made: string; place: string }

export default function Apis() {
  const rest = useListed<Rest>('apigateway', 'GetRestApis', 'items', { in: 'position', out: 'position' })
  const routed = useListed<Routed>('apigatewayv2', 'GetApis', 'Items', { in: 'NextToken', out: 'NextToken' })
  const [picked, setPicked] = useState<Api[]>([])
  const [doing, setDoing] = useState('')
  const one = picked[0]
  const reload = (): void => { rest.reload(); routed.reload() }
  const changed = (): void => { setPicked([]); reload() }
  const all: Api[] = [
    ...rest.rows.map((each) => ({ id: each.id, name: each.name, kind: 'REST', description: each.description ?? '', made: each.createdDate ?? '', place: `/apigateway/rest/${part(each.id)}` })),
    ...routed.rows.map((each) => ({ id: each.ApiId, name: each.Name, kind: each.ProtocolType === 'WEBSOCKET' ? 'WebSocket' : 'HTTP', description: each.Description ?? '', made: each.CreatedDate ?? '', place: `/apigateway/apis/${part(each.ApiId)}` })),
  ]
  return (
    <>
      <DataTable
        title="APIs" items={all} loading={rest.loading || routed.loading} more={rest.more ?? routed.more} picked={picked} onPick={setPicked} trackBy="id" empty={(rest.error ?? routed.error)?.message ?? 'No APIs yet.'}
        columns={[
          { id: 'name', header: 'Name', cell: (each) => <Link href={at(each.place)} onFollow={follow}>{each.name}</Link>, sortingField: 'name', minWidth: 220, isRowHeader: true },
          { id: 'kind', header: 'Protocol', cell: (each) => each.kind, sortingField: 'kind', width: 130 },
          { id: 'id', header: 'ID', cell: (each) => each.id, sortingField: 'id', width: 150 },
          { id: 'what', header: 'Description', cell: (each) => each.description || '–', sortingField: 'description' },
          { id: 'when', header: 'Created', cell: (each) => moment(each.made), sortingField: 'made', width: 190 },
        ]}
        actions={[
          <Button key="reload" iconName="refresh" ariaLabel="Refresh" onClick={reload} />,
          <Button key="delete" disabled={!one} onClick={() => setDoing('delete')}>Delete</Button>,
          <Button key="make" variant="primary" onClick={() => setDoing('make')}>Create API</Button>,
        ]}
      />
      {doing === 'make' && <Make close={() => setDoing('')} done={changed} />}
      {doing === 'delete' && one && (
        <Confirm title="Delete API" word={one.name} close={() => setDoing('')} act={async () => {
          await (one.kind === 'REST' ? invoke('apigateway', 'DeleteRestApi', { restApiId: one.id }) : invoke('apigatewayv2', 'DeleteApi', { ApiId: one.id }))
          tell('success', `${one.name} is deleted.`)
          changed()
        }}>The API goes with its stages, and nobody is answered there any more.</Confirm>
      )}
    </>
  )
}

// An HTTP API that one function answers, whatever is asked; the function's policy lets the API call it.
async function quick(Name: string, Target: string): Promise<void> {
  const { ApiId } = await invoke<{ ApiId: string }>('apigatewayv2', 'CreateApi', { Name, ProtocolType: 'HTTP', Target })
  const source = `arn:aws:execute-api:${region.get()}:${session.get()?.account}:${ApiId}/*`
  await invoke('lambda', 'AddPermission', { FunctionName: Target, StatementId: `api-${ApiId}`, Action: 'lambda:InvokeFunction', Principal: 'apigateway.amazonaws.com', SourceArn: source })
}

function Make({ close, done }: { close: () => void; done: () => void }) {
  const [form, setForm] = useState({ name: '', kind: 'HTTP', target: '' })
  const put = (name: keyof typeof form) => (value: string): void => setForm({ ...form, [name]: value })
  const make = async (): Promise<void> => {
    if (form.kind === 'REST') await invoke('apigateway', 'CreateRestApi', { name: form.name, endpointConfiguration: { types: ['REGIONAL'] } })
    else if (form.kind === 'WEBSOCKET') await invoke('apigatewayv2', 'CreateApi', { Name: form.name, ProtocolType: 'WEBSOCKET', RouteSelectionExpression: '$request.body.action' })
    else if (form.target) await quick(form.name, form.target)
    else await invoke('apigatewayv2', 'CreateApi', { Name: form.name, ProtocolType: 'HTTP' })
    tell('success', `${form.name} is there.`)
    done()
  }
  return (
    <Dialog title="Create API" button="Create API" close={close} act={make} disabled={!form.name}>
      <TextField label="API name" value={form.name} set={put('name')} />
      <ChoiceField label="Protocol" value={form.kind} set={put('kind')} options={[['HTTP', 'HTTP'], ['REST', 'REST'], ['WEBSOCKET', 'WebSocket, routes by $request.body.action']]} />
      {form.kind === 'HTTP' && <FormField label={<>Function<i> – optional</i></>} description="It answers whatever is asked, at once; without one there are no routes yet."><Picker name="Function" from={{ service: 'lambda', list: 'ListFunctions', result: 'Functions', value: 'FunctionArn', label: 'FunctionName' }} value={form.target} set={put('target')} /></FormField>}
    </Dialog>
  )
}
