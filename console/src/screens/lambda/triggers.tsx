// What calls a function: sources that it reads, services that may call it, its address.
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import Link from '@cloudscape-design/components/link'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import { useState } from 'react'
import { CallError, invoke } from '../../api/calls'
import { region, session } from '../../api/session'
import { useAsked, useCall } from '../../api/use'
import { fail, tell } from '../../app/notices'
import { Dialog } from '../../parts/confirm'
import { DataTable } from '../../parts/data-table'
import { ChoiceField, TextField } from '../../parts/form-bits'
import { useMappings } from '../../parts/mappings'
import { shown, statusType } from '../../parts/values'

export const Triggers = ({ name }: { name: string }) => <SpaceBetween size="l"><Sources name={name} /><Callers name={name} /><Address name={name} /></SpaceBetween>

function Sources({ name }: { name: string }) {
  const { asked, picked, setPicked, actions } = useMappings({ FunctionName: name }, 'Delete source')
  const [making, setMaking] = useState(false)
  return (
    <>
      <DataTable variant="container" title="Sources" description="Queues and streams that Lambda reads for this function." items={asked.rows} loading={asked.loading} more={asked.more} picked={picked} onPick={setPicked} trackBy="UUID" empty={asked.error?.message ?? 'It reads nothing yet.'}
        columns={[
          { id: 'from', header: 'Source', cell: (each) => each.EventSourceArn ?? '–', isRowHeader: true, minWidth: 320, sortingField: 'EventSourceArn' },
          { id: 'state', header: 'State', cell: (each) => <StatusIndicator type={statusType(each.State)}>{each.State}</StatusIndicator>, width: 150, sortingField: 'State' },
          { id: 'batch', header: 'Batch size', cell: (each) => each.BatchSize, width: 120 },
          { id: 'last', header: 'Last result', cell: (each) => each.LastProcessingResult ?? '–' },
        ]}
        actions={[
          <Button key="reload" iconName="refresh" ariaLabel="Refresh sources" onClick={asked.reload} />,
          ...actions,
          <Button key="make" onClick={() => setMaking(true)}>Add source</Button>,
        ]} />
      {making && <AddSource name={name} close={() => setMaking(false)} done={asked.reload} />}
    </>
  )
}

type Choice = [string, string]

// Queues by name; streams of the tables that have one, and data streams. What may not be listed is not offered, unless that is all.
async function readable(): Promise<Choice[]> {
  const lists = await Promise.allSettled([queues(), tables(), streams()])
  const refused = lists.find((list) => list.status === 'rejected')
  if (refused && lists.every((list) => list.status === 'rejected')) throw refused.reason
  return lists.flatMap((list) => (list.status === 'fulfilled' ? list.value : []))
}

async function queues(): Promise<Choice[]> {
  const { QueueUrls = [] } = await invoke<{ QueueUrls?: string[] }>('sqs', 'ListQueues', { MaxResults: 1000 })
  return QueueUrls.map((url) => url.split('/').pop() ?? '').map((queue) => [`arn:aws:sqs:${region.get()}:${session.get()?.account ?? ''}:${queue}`, `SQS: ${queue}`])
}

async function tables(): Promise<Choice[]> {
  const { Streams = [] } = await invoke<{ Streams?: { StreamArn: string; TableName: string }[] }>('dynamodbstreams', 'ListStreams')
  return Streams.map((one) => [one.StreamArn, `DynamoDB stream: ${one.TableName}`])
}

async function streams(): Promise<Choice[]> {
  const { StreamSummaries = [] } = await invoke<{ StreamSummaries?: { StreamARN: string; StreamName: string }[] }>('kinesis', 'ListStreams', { Limit: 1000 })
  return StreamSummaries.map((one) => [one.StreamARN, `Kinesis: ${one.StreamName}`])
}

function AddSource({ name, close, done }: { name: string; close: () => void; done: () => void }) {
  const sources = useAsked(readable, [])
  const [form, setForm] = useState({ from: '', batch: '10' })
  return (
    <Dialog title="Add source" button="Add" close={close} disabled={!form.from} act={async () => {
      await invoke('lambda', 'CreateEventSourceMapping', { FunctionName: name, EventSourceArn: form.from, BatchSize: Number(form.batch), ...(form.from.includes(':sqs:') ? {} : { StartingPosition: 'LATEST' }) })
      tell('success', 'The source is added.')
      done()
    }}>
      <ChoiceField label="Source" value={form.from} set={(from) => setForm({ ...form, from })} options={sources.data ?? []} hint={sources.data?.length === 0 ? 'There is neither a queue, nor a data stream, nor a table with a stream yet.' : sources.error?.message} />
      <TextField label="Batch size" type="number" value={form.batch} set={(batch) => setForm({ ...form, batch })} />
    </Dialog>
  )
}

type Statement = { Sid: string; Principal: string | Record<string, string | string[]>; Action: string; Condition?: Record<string, Record<string, string>> }

const absent = (problem: unknown): undefined => {
  if (problem instanceof CallError && problem.code === 'ResourceNotFoundException') return undefined
  throw problem
}

function Callers({ name }: { name: string }) {
  const asked = useAsked(async () => {
    const found = await invoke<{ Policy: string }>('lambda', 'GetPolicy', { FunctionName: name }).catch(absent)
    return found ? (JSON.parse(found.Policy) as { Statement: Statement[] }).Statement : []
  }, [name, region.use(), session.use()?.token])
  const [picked, setPicked] = useState<Statement[]>([])
  const end = (): void => void invoke('lambda', 'RemovePermission', { FunctionName: name, StatementId: picked[0].Sid }).then(() => { setPicked([]); asked.reload() }, fail)
  return (
    <DataTable variant="container" title="Who may call it" description="Its resource policy: services and accounts beside those that IAM allows." items={asked.data ?? []} loading={asked.loading} picked={picked} onPick={setPicked} trackBy="Sid" empty={asked.error?.message ?? 'Nobody by a policy of its own.'}
      columns={[
        { id: 'sid', header: 'Statement', cell: (each) => each.Sid, isRowHeader: true, width: 220 },
        { id: 'who', header: 'Principal', cell: (each) => (typeof each.Principal === 'string' ? each.Principal : Object.values(each.Principal).flat().join(', ')), minWidth: 200 },
        { id: 'what', header: 'Action', cell: (each) => each.Action, width: 220 },
        { id: 'when', header: 'Condition', cell: (each) => shown('Condition', each.Condition) },
      ]}
      actions={<Button disabled={!picked[0]} onClick={end}>Remove permission</Button>} />
  )
}

type UrlConfig = { FunctionArn: string; FunctionUrl: string; AuthType: string; InvokeMode?: string; CreationTime: string }

function Address({ name }: { name: string }) {
  const asked = useCall<{ FunctionUrlConfigs?: UrlConfig[] }>('lambda', 'ListFunctionUrlConfigs', { FunctionName: name })
  const [making, setMaking] = useState(false)
  const found = asked.data?.FunctionUrlConfigs?.find((one) => one.FunctionArn.split(':').length === 7)
  const end = (): void => void invoke('lambda', 'DeleteFunctionUrlConfig', { FunctionName: name }).then(asked.reload, fail)
  return (
    <Container header={<Header variant="h2" actions={found ? <Button onClick={end}>Delete URL</Button> : <Button onClick={() => setMaking(true)}>Create URL</Button>}>Function URL</Header>}>
      {found ? <KeyValuePairs columns={3} items={[{ label: 'URL', value: <Link href={found.FunctionUrl} external target="_blank">{found.FunctionUrl}</Link> }, { label: 'Auth', value: found.AuthType }, { label: 'Mode', value: found.InvokeMode ?? 'BUFFERED' }]} /> : <Box color="text-body-secondary">{asked.error?.message ?? 'It has no address of its own.'}</Box>}
      {making && <MakeUrl name={name} close={() => setMaking(false)} done={asked.reload} />}
    </Container>
  )
}

function MakeUrl({ name, close, done }: { name: string; close: () => void; done: () => void }) {
  const [auth, setAuth] = useState('NONE')
  return (
    <Dialog title="Create function URL" button="Create" close={close} act={async () => {
      await invoke('lambda', 'CreateFunctionUrlConfig', { FunctionName: name, AuthType: auth })
      if (auth === 'NONE') await invoke('lambda', 'AddPermission', { FunctionName: name, StatementId: 'FunctionURLAllowPublicAccess', Action: 'lambda:InvokeFunctionUrl', Principal: '*', FunctionUrlAuthType: 'NONE' })
      done()
    }}>
      <ChoiceField label="Auth type" value={auth} set={setAuth} options={[['NONE', 'NONE: anybody, by a statement of its policy'], ['AWS_IAM', 'AWS_IAM: signed requests only']]} />
    </Dialog>
  )
}
