// Records put into a stream, and where they went.
import Button from '@cloudscape-design/components/button'
import Checkbox from '@cloudscape-design/components/checkbox'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import { useState } from 'react'
import { invoke } from '../../api/calls'
import { fail, tell } from '../../app/notices'
import { DataTable } from '../../parts/data-table'
import { AreaField, TextField } from '../../parts/form-bits'
import { Mono } from '../../parts/values'

type Told = { ShardId?: string; SequenceNumber?: string; ErrorCode?: string; ErrorMessage?: string }
type Sent = Told & { key: string; turn: number }

const BATCH = 500 // records that a call takes at most

export function Put({ stream }: { stream: string }) {
  const [form, setForm] = useState({ key: '', text: '', lines: false })
  const [sent, setSent] = useState<Sent[]>([])
  const [busy, setBusy] = useState(false)
  const lines = form.lines ? form.text.split('\n').filter(Boolean) : [form.text]
  const put = async (): Promise<void> => {
    for (let from = 0; from < lines.length; from += BATCH) {
      const wanted = lines.slice(from, from + BATCH).map((Data) => ({ Data, PartitionKey: form.key || anyKey() }))
      const told = await ask(stream, wanted)
      const refused = told.filter((one) => one.ErrorCode).length
      setSent((before) => [...told.map((one, at) => ({ ...one, key: wanted[at].PartitionKey, turn: before.length + told.length - at })), ...before])
      tell(refused ? 'error' : 'success', refused ? `${refused} of ${told.length} records were refused.` : told.length === 1 ? 'The record is in the stream.' : `${told.length} records are in the stream.`)
    }
  }
  const run = (): void => {
    setBusy(true)
    put().catch(fail).finally(() => setBusy(false))
  }
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">Put records</Header>}>
        <form onSubmit={(event) => { event.preventDefault(); run() }}>
          <SpaceBetween size="m">
            <TextField label={<>Partition key<i> – optional</i></>} value={form.key} set={(key) => setForm({ ...form, key })} hint="It says which shard a record goes to. Empty: another one for each record." />
            <AreaField label="Data" value={form.text} set={(text) => setForm({ ...form, text })} rows={5} />
            <Checkbox checked={form.lines} onChange={(event) => setForm({ ...form, lines: event.detail.checked })}>A record for each line</Checkbox>
            <Button variant="primary" loading={busy} disabled={!lines.some(Boolean)}>{form.lines ? 'Put records' : 'Put record'}</Button>
          </SpaceBetween>
        </form>
      </Container>
      <DataTable variant="container" title="Sent" items={sent} trackBy={(one) => String(one.turn)} empty="Nothing was sent from here yet."
        actions={<Button disabled={!sent.length} onClick={() => setSent([])}>Clear</Button>}
        columns={[
          { id: 'key', header: 'Partition key', cell: (one) => one.key, isRowHeader: true, width: 220 },
          { id: 'told', header: 'Result', cell: (one) => <StatusIndicator type={one.ErrorCode ? 'error' : 'success'}>{one.ErrorMessage ?? 'Stored'}</StatusIndicator>, width: 140 },
          { id: 'shard', header: 'Shard', cell: (one) => one.ShardId ?? '–', sortingField: 'ShardId', width: 200 },
          { id: 'number', header: 'Sequence number', cell: (one) => <Mono>{one.SequenceNumber ?? '–'}</Mono>, minWidth: 420 },
        ]} />
    </SpaceBetween>
  )
}

const ask = async (StreamName: string, wanted: { Data: string; PartitionKey: string }[]): Promise<Told[]> =>
  wanted.length === 1 ? [await invoke<Told>('kinesis', 'PutRecord', { StreamName, ...wanted[0] })] : (await invoke<{ Records: Told[] }>('kinesis', 'PutRecords', { StreamName, Records: wanted })).Records

const anyKey = (): string => [...crypto.getRandomValues(new Uint32Array(2))].map((word) => word.toString(36)).join('')
