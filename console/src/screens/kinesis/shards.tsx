// A stream's shards: which keys they take, from which others they came; split, merged, counted anew.
import Button from '@cloudscape-design/components/button'
import Link from '@cloudscape-design/components/link'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import { useState } from 'react'
import { invoke } from '../../api/calls'
import { type Listed, usePaged } from '../../api/pages'
import { region, session } from '../../api/session'
import { tell } from '../../app/notices'
import { Dialog } from '../../parts/confirm'
import { DataTable } from '../../parts/data-table'
import { ChoiceField, TextField } from '../../parts/form-bits'
import { Mono } from '../../parts/values'
import { byStart, isOpen, middle, neighbours, parents, type Shard, share, short } from './hashes'
import { isOnDemand, type Stream } from './kinds'

// A token tells the stream as well, and may not come with its name.
export const useShards = (stream: string): Listed<Shard> => usePaged<Shard>(async (NextToken) => {
  const told = await invoke<{ Shards: Shard[]; NextToken?: string }>('kinesis', 'ListShards', NextToken ? { NextToken } : { StreamName: stream })
  return { rows: told.Shards, next: told.NextToken }
}, [stream, region.use(), session.use()?.token])

type Props = { stream: Stream; look: (shard: string) => void; changed: () => void }

export function Shards({ stream, look, changed }: Props) {
  const asked = useShards(stream.StreamName)
  const [picked, setPicked] = useState<Shard[]>([])
  const [doing, setDoing] = useState('')
  const one = picked[0]
  const form = { stream, close: () => setDoing(''), done: () => { setPicked([]); asked.reload(); changed() } }
  return (
    <>
      <DataTable variant="container" title="Shards" description="A record goes to the open shard whose range the MD5 of its partition key falls into." items={asked.rows} loading={asked.loading} more={asked.more} picked={picked} onPick={setPicked} trackBy="ShardId" empty={asked.error?.message}
        columns={[
          { id: 'id', header: 'Shard', cell: (each) => <Link href="#" ariaLabel={`Records of ${each.ShardId}`} onFollow={(event) => { event.preventDefault(); look(each.ShardId) }}>{each.ShardId}</Link>, sortingField: 'ShardId', isRowHeader: true, width: 200 },
          { id: 'state', header: 'State', cell: (each) => <StatusIndicator type={isOpen(each) ? 'success' : 'stopped'}>{isOpen(each) ? 'Open' : 'Closed'}</StatusIndicator>, sortingComparator: (a, b) => Number(isOpen(a)) - Number(isOpen(b)), width: 110 },
          { id: 'share', header: 'Share', cell: share, width: 90 },
          { id: 'parents', header: 'Parents', cell: (each) => parents(each).map(short).join(', ') || '–', width: 110 },
          { id: 'from', header: 'First hash key', cell: (each) => <Mono>{each.HashKeyRange.StartingHashKey}</Mono>, sortingComparator: byStart, width: 350 },
          { id: 'to', header: 'Last hash key', cell: (each) => <Mono>{each.HashKeyRange.EndingHashKey}</Mono>, width: 350 },
          { id: 'since', header: 'First sequence number', cell: (each) => <Mono>{each.SequenceNumberRange.StartingSequenceNumber}</Mono>, minWidth: 420 },
        ]}
        actions={[
          <Button key="reload" iconName="refresh" ariaLabel="Refresh shards" onClick={asked.reload} />,
          <Button key="split" disabled={!one || !isOpen(one)} onClick={() => setDoing('split')}>Split</Button>,
          <Button key="merge" disabled={!one || !isOpen(one)} onClick={() => setDoing('merge')}>Merge</Button>,
          <Button key="count" disabled={isOnDemand(stream)} disabledReason="A stream on demand counts its shards itself." onClick={() => setDoing('count')}>Change count</Button>,
        ]} />
      {doing === 'split' && one && <Split {...form} shard={one} />}
      {doing === 'merge' && one && <Merge {...form} shard={one} others={neighbours(one, asked.rows)} />}
      {doing === 'count' && <Count {...form} />}
    </>
  )
}

type Form = { stream: Stream; close: () => void; done: () => void }

function Split({ stream, shard, close, done }: Form & { shard: Shard }) {
  const [key, setKey] = useState(middle(shard))
  return (
    <Dialog title={`Split ${shard.ShardId}`} button="Split" close={close} disabled={!key} act={async () => {
      await invoke('kinesis', 'SplitShard', { StreamName: stream.StreamName, ShardToSplit: shard.ShardId, NewStartingHashKey: key.trim() })
      tell('success', `${shard.ShardId} is split. Its records stay in it until they are too old.`)
      done()
    }}>
      <TextField label="First hash key of the second shard" value={key} set={setKey} hint="The middle of its range, unless you say another." />
    </Dialog>
  )
}

function Merge({ stream, shard, others, close, done }: Form & { shard: Shard; others: Shard[] }) {
  const [other, setOther] = useState(others[0]?.ShardId ?? '')
  return (
    <Dialog title={`Merge ${shard.ShardId}`} button="Merge" close={close} disabled={!other} act={async () => {
      await invoke('kinesis', 'MergeShards', { StreamName: stream.StreamName, ShardToMerge: shard.ShardId, AdjacentShardToMerge: other })
      tell('success', `${shard.ShardId} and ${other} are one.`)
      done()
    }}>
      <ChoiceField label="With" value={other} set={setOther} options={others.map((one) => one.ShardId)} hint={others.length ? 'An open shard whose range is beside its own.' : 'No open shard is beside it.'} />
    </Dialog>
  )
}

function Count({ stream, close, done }: Form) {
  const [count, setCount] = useState(String(stream.OpenShardCount))
  return (
    <Dialog title="Change count" button="Change" close={close} disabled={!count} act={async () => {
      await invoke('kinesis', 'UpdateShardCount', { StreamName: stream.StreamName, TargetShardCount: Number(count), ScalingType: 'UNIFORM_SCALING' })
      tell('success', `${stream.StreamName} has ${count} open shards.`)
      done()
    }}>
      <TextField label="Open shards" type="number" value={count} set={setCount} hint="Twice as many as now at most, half as many at least. Their ranges become even." />
    </Dialog>
  )
}
