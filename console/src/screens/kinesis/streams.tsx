// All data streams, and new ones.
import Button from '@cloudscape-design/components/button'
import FormField from '@cloudscape-design/components/form-field'
import Link from '@cloudscape-design/components/link'
import { useState } from 'react'
import { invoke } from '../../api/calls'
import { usePaged } from '../../api/pages'
import { region, session } from '../../api/session'
import { tell } from '../../app/notices'
import { at, follow, part } from '../../app/ways'
import { Pairs } from '../../generic/lists'
import type { Texts } from '../../generic/settings'
import { Confirm, Dialog } from '../../parts/confirm'
import { DataTable } from '../../parts/data-table'
import { ChoiceField, TextField } from '../../parts/form-bits'
import { shown } from '../../parts/values'
import { hours, MODES, modeOf, type Stream } from './kinds'

const PAGE = 50

type Row = Pick<Stream, 'StreamName' | 'StreamARN' | 'StreamStatus' | 'StreamModeDetails' | 'StreamCreationTimestamp'> & Partial<Stream>

// Each stream is asked about, so a page is no longer than it is shown. Of one that does not tell more, the list itself tells a part.
async function page(token?: string): Promise<{ rows: Row[]; next?: string }> {
  const found = await invoke<{ StreamSummaries: Row[]; NextToken?: string }>('kinesis', 'ListStreams', { Limit: PAGE, ...(token ? { NextToken: token } : {}) })
  const rows = await Promise.all(found.StreamSummaries.map((row) => invoke<{ StreamDescriptionSummary: Stream }>('kinesis', 'DescribeStreamSummary', { StreamName: row.StreamName }).then((told) => told.StreamDescriptionSummary, () => row)))
  return { rows, next: found.NextToken }
}

export default function Streams() {
  const asked = usePaged(page, [region.use(), session.use()?.token])
  const [picked, setPicked] = useState<Row[]>([])
  const [doing, setDoing] = useState('')
  const one = picked[0]
  const changed = (): void => { setPicked([]); asked.reload() }
  return (
    <>
      <DataTable
        title="Data streams" items={asked.rows} loading={asked.loading} more={asked.more} picked={picked} onPick={setPicked} trackBy="StreamARN" empty={asked.error?.message ?? 'No data streams yet.'}
        columns={[
          { id: 'name', header: 'Name', cell: (each) => <Link href={at(`/kinesis/streams/${part(each.StreamName)}`)} onFollow={follow}>{each.StreamName}</Link>, sortingField: 'StreamName', minWidth: 180, isRowHeader: true },
          { id: 'status', header: 'Status', cell: (each) => shown('Status', each.StreamStatus), sortingField: 'StreamStatus', width: 130 },
          { id: 'mode', header: 'Capacity mode', cell: modeOf, width: 150 },
          { id: 'shards', header: 'Open shards', cell: (each) => each.OpenShardCount ?? '–', sortingField: 'OpenShardCount', width: 130 },
          { id: 'kept', header: 'Retention', cell: (each) => (each.RetentionPeriodHours ? hours(each.RetentionPeriodHours) : '–'), sortingField: 'RetentionPeriodHours', width: 130 },
          { id: 'sealed', header: 'Encryption', cell: (each) => (each.EncryptionType === 'KMS' ? 'KMS' : each.EncryptionType ? 'Off' : '–'), sortingField: 'EncryptionType', width: 130 },
          { id: 'readers', header: 'Consumers', cell: (each) => each.ConsumerCount ?? '–', width: 130 },
        ]}
        actions={[
          <Button key="reload" iconName="refresh" ariaLabel="Refresh" onClick={asked.reload} />,
          <Button key="delete" disabled={!one} onClick={() => setDoing('delete')}>Delete</Button>,
          <Button key="make" variant="primary" onClick={() => setDoing('make')}>Create data stream</Button>,
        ]}
      />
      {doing === 'make' && <Make close={() => setDoing('')} done={changed} />}
      {doing === 'delete' && one && (
        <Confirm title="Delete data stream" word={one.StreamName} close={() => setDoing('')} act={async () => {
          await invoke('kinesis', 'DeleteStream', { StreamName: one.StreamName, EnforceConsumerDeletion: true })
          tell('success', `${one.StreamName} is deleted.`)
          changed()
        }}>The stream goes with all its records{one.ConsumerCount ? ` and its registered consumers (${one.ConsumerCount})` : ''}.</Confirm>
      )}
    </>
  )
}

function Make({ close, done }: { close: () => void; done: () => void }) {
  const [form, setForm] = useState<{ name: string; mode: string; shards: string; tags: Texts }>({ name: '', mode: 'ON_DEMAND', shards: '1', tags: {} })
  const make = async (): Promise<void> => {
    await invoke('kinesis', 'CreateStream', {
      StreamName: form.name, StreamModeDetails: { StreamMode: form.mode },
      ...(form.mode === 'PROVISIONED' ? { ShardCount: Number(form.shards) } : {}), ...(Object.keys(form.tags).length ? { Tags: form.tags } : {}),
    })
    tell('success', `${form.name} is there.`)
    done()
  }
  return (
    <Dialog title="Create data stream" button="Create data stream" close={close} act={make} disabled={!form.name}>
      <TextField label="Data stream name" value={form.name} set={(name) => setForm({ ...form, name })} />
      <ChoiceField label="Capacity mode" value={form.mode} set={(mode) => setForm({ ...form, mode })} options={MODES} />
      {form.mode === 'PROVISIONED' && <TextField label="Shards" type="number" value={form.shards} set={(shards) => setForm({ ...form, shards })} hint="Each takes 1 MiB and 1,000 records a second, and gives 2 MiB." />}
      <FormField label={<>Tags<i> – optional</i></>}><Pairs name="Tag" value={form.tags} set={(tags) => setForm({ ...form, tags: (tags as Texts) ?? {} })} /></FormField>
    </Dialog>
  )
}
