// Records of a stream: from a place on, page by page or as they come.
import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import Grid from '@cloudscape-design/components/grid'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import type { TableProps } from '@cloudscape-design/components/table'
import Toggle from '@cloudscape-design/components/toggle'
import { useState } from 'react'
import { DataTable } from '../../parts/data-table'
import { ChoiceField, TextField } from '../../parts/form-bits'
import { Mono, moment, precise, size } from '../../parts/values'
import { isOpen, short } from './hashes'
import { type Cursor, isBehind, type Row, type Start } from './reading'
import { RecordView } from './record'
import { useRecords } from './records'
import { useShards } from './shards'

const STARTS: [string, string][] = [['TRIM_HORIZON', 'The oldest record'], ['LATEST', 'What comes from now on'], ['AT_TIMESTAMP', 'A time'], ['AFTER_SEQUENCE_NUMBER', 'After a sequence number'], ['AT_SEQUENCE_NUMBER', 'At a sequence number']]
const ALL = 'all'
const MANY = 20 // shards that are read beside each other at most: each takes a call a second
const WHOLE = [{ colspan: 12 }]
const BESIDE = [{ colspan: { default: 12, s: 7 } }, { colspan: { default: 12, s: 5 } }] // a record is beside the table, where it stays as others come
const LONGEST = 160 // characters of a record that a row shows

const COLUMNS: TableProps.ColumnDefinition<Row>[] = [
  { id: 'at', header: 'Arrived', cell: (row) => precise(row.at), sortingComparator: (a, b) => Date.parse(a.at) - Date.parse(b.at), width: 220 },
  { id: 'key', header: 'Partition key', cell: (row) => row.key, sortingField: 'key', isRowHeader: true, width: 180 },
  { id: 'data', header: 'Data', cell: (row) => <Mono>{(row.content.text ?? row.base64).slice(0, LONGEST)}</Mono>, minWidth: 320 },
  { id: 'shard', header: 'Shard', cell: (row) => short(row.shard), sortingField: 'shard', width: 100 },
  { id: 'size', header: 'Size', cell: (row) => size(row.content.size), sortingComparator: (a, b) => a.content.size - b.content.size, width: 100 },
  { id: 'number', header: 'Sequence number', cell: (row) => <Mono>{row.number}</Mono>, minWidth: 420 },
]

export function Viewer({ stream, first }: { stream: string; first: string }) {
  const shards = useShards(stream)
  const [form, setForm] = useState({ shard: first, type: 'TRIM_HORIZON', time: '', number: '' })
  const [following, setFollowing] = useState(false)
  const records = useRecords(stream, following)
  const [picked, setPicked] = useState<Row[]>([])
  const few = shards.rows.length > 1 && shards.rows.length <= MANY && !shards.more && !/SEQUENCE/.test(form.type)
  const shard = form.shard === ALL && !few ? '' : form.shard || (few ? ALL : (shards.rows.find(isOpen)?.ShardId ?? ''))
  const when = new Date(form.time.trim().replace(' ', 'T'))
  const wrong = form.type === 'AT_TIMESTAMP' && form.time !== '' && Number.isNaN(when.getTime())
  const ready = shard && !wrong && (form.type !== 'AT_TIMESTAMP' || form.time) && (!/SEQUENCE/.test(form.type) || form.number)
  const get = (): void => {
    if (!ready) return
    const start: Start = { ShardIteratorType: form.type, ...(form.type === 'AT_TIMESTAMP' ? { Timestamp: when.toISOString() } : {}), ...(/SEQUENCE/.test(form.type) ? { StartingSequenceNumber: form.number.trim() } : {}) }
    const named = form.type === 'LATEST' ? shards.rows.filter(isOpen) : shards.rows
    setPicked([])
    records.get(shard === ALL ? named.map((one) => one.ShardId) : [shard], start, shard === ALL)
  }
  const rows = following ? [...records.rows].reverse() : records.rows
  const one = picked[0]
  return (
    <SpaceBetween size="m">
      <form onSubmit={(event) => { event.preventDefault(); get() }}>
        <Grid gridDefinition={[3, 3, 3, 3].map((s) => ({ colspan: { default: 12, s } }))}>
          <ChoiceField label="Shard" value={shard} set={(one) => setForm({ ...form, shard: one })} options={choices(few, shards.rows, first)} />
          <ChoiceField label="Starting with" value={form.type} set={(type) => setForm({ ...form, type })} options={STARTS} />
          {form.type === 'AT_TIMESTAMP' && <TextField label="Time" value={form.time} set={(time) => setForm({ ...form, time })} placeholder={moment(Date.now() / 1000)} error={wrong ? 'Such as 2026-01-31 12:00:00' : undefined} />}
          {/SEQUENCE/.test(form.type) && <TextField label="Sequence number" value={form.number} set={(number) => setForm({ ...form, number })} />}
          <div className="beside"><SpaceBetween direction="horizontal" size="s" alignItems="center"><Button variant="primary" disabled={!ready}>Get records</Button><Toggle checked={following} onChange={(event) => setFollowing(event.detail.checked)}>Follow</Toggle></SpaceBetween></div>
        </Grid>
      </form>
      {(records.error ?? shards.error) && <Alert type="error">{(records.error ?? shards.error)?.message}</Alert>}
      <Grid gridDefinition={one ? BESIDE : WHOLE}>
        <DataTable<Row> variant="container" title="Records" description={following && records.cursors.length > 0 ? <StatusIndicator type="success">Followed: new records come by themselves, the newest first</StatusIndicator> : told(records.cursors, shard)}
          items={rows} loading={records.loading} more={!following && isBehind(records.cursors) ? records.further : undefined} picked={picked} onPick={setPicked} trackBy={(row) => `${row.shard} ${row.number}`} size={100}
          empty={records.cursors.length ? 'No record is there from this place on, so far.' : 'Get records, to see what is in the stream.'}
          actions={<Button disabled={following || !records.cursors.some((cursor) => cursor.iterator)} loading={records.loading} onClick={records.further}>Next records</Button>}
          columns={COLUMNS} />
        {one && <div className="aside"><RecordView key={`${one.shard} ${one.number}`} row={one} after={() => setForm({ ...form, shard: one.shard, type: 'AFTER_SEQUENCE_NUMBER', number: one.number })} close={() => setPicked([])} /></div>}
      </Grid>
    </SpaceBetween>
  )
}

function choices(few: boolean, shards: { ShardId: string; SequenceNumberRange: { EndingSequenceNumber?: string } }[], first: string): [string, string][] {
  const named = shards.map((one): [string, string] => [one.ShardId, one.SequenceNumberRange.EndingSequenceNumber === undefined ? one.ShardId : `${one.ShardId} (closed)`])
  return [...(few ? [[ALL, 'All shards'] as [string, string]] : []), ...(first && !named.some(([id]) => id === first) ? [[first, first] as [string, string]] : []), ...named]
}

// What is known of the place that was read to.
function told(cursors: Cursor[], shard: string): string | undefined {
  if (!cursors.length) return undefined
  const over = cursors.length === 1 && !cursors[0].iterator
  if (over) return `${cursors[0].shard} is over.${cursors[0].children.length ? ` Its keys went to ${cursors[0].children.join(', ')}.` : ''}`
  if (isBehind(cursors)) return `${(Math.max(...cursors.map((cursor) => cursor.behind)) / 1000).toFixed(1)} s behind: there is more.`
  return shard === ALL ? 'All that is there so far, of all shards.' : 'All that is there so far.'
}
