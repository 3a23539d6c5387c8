// Consumers with enhanced fan-out: registered, and their policies.
import Button from '@cloudscape-design/components/button'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import { invoke } from '../../api/calls'
import { useListed } from '../../api/pages'
import { tell } from '../../app/notices'
import { Confirm, Dialog } from '../../parts/confirm'
import { DataTable } from '../../parts/data-table'
import { TextField } from '../../parts/form-bits'
import { moment, shown } from '../../parts/values'
import type { Stream } from './kinds'
import { Policy } from './policy'

type Consumer = { ConsumerName: string; ConsumerARN: string; ConsumerStatus: string; ConsumerCreationTimestamp: string }

export function Consumers({ stream, changed }: { stream: Stream; changed: () => void }) {
  const asked = useListed<Consumer>('kinesis', 'ListStreamConsumers', 'Consumers', { in: 'NextToken', out: 'NextToken' }, { StreamARN: stream.StreamARN })
  const [picked, setPicked] = useState<Consumer[]>([])
  const [doing, setDoing] = useState('')
  const one = picked[0]
  const done = (): void => { setPicked([]); asked.reload(); changed() }
  return (
    <SpaceBetween size="l">
      <DataTable variant="container" title="Consumers" description="With enhanced fan-out: each is pushed 2 MiB a second of every shard, beside what others read." items={asked.rows} loading={asked.loading} more={asked.more} picked={picked} onPick={setPicked} trackBy="ConsumerARN" empty={asked.error?.message ?? 'No consumer is registered.'}
        columns={[
          { id: 'name', header: 'Name', cell: (each) => each.ConsumerName, sortingField: 'ConsumerName', isRowHeader: true, minWidth: 180 },
          { id: 'status', header: 'Status', cell: (each) => shown('Status', each.ConsumerStatus), sortingField: 'ConsumerStatus', width: 130 },
          { id: 'made', header: 'Registered', cell: (each) => moment(each.ConsumerCreationTimestamp), sortingField: 'ConsumerCreationTimestamp', width: 190 },
          { id: 'arn', header: 'ARN', cell: (each) => each.ConsumerARN },
        ]}
        actions={[
          <Button key="reload" iconName="refresh" ariaLabel="Refresh consumers" onClick={asked.reload} />,
          <Button key="end" disabled={!one} onClick={() => setDoing('end')}>Deregister</Button>,
          <Button key="make" onClick={() => setDoing('make')}>Register consumer</Button>,
        ]} />
      {one && <Policy arn={one.ConsumerARN} actions={['kinesis:DescribeStreamConsumer', 'kinesis:SubscribeToShard']} />}
      {doing === 'make' && <Register stream={stream} close={() => setDoing('')} done={done} />}
      {doing === 'end' && one && <Confirm title="Deregister consumer" button="Deregister" close={() => setDoing('')} act={async () => { await invoke('kinesis', 'DeregisterStreamConsumer', { ConsumerARN: one.ConsumerARN }); tell('success', `${one.ConsumerName} is deregistered.`); done() }}>What {one.ConsumerName} is subscribed to ends.</Confirm>}
    </SpaceBetween>
  )
}

function Register({ stream, close, done }: { stream: Stream; close: () => void; done: () => void }) {
  const [name, setName] = useState('')
  return (
    <Dialog title="Register consumer" button="Register" close={close} disabled={!name} act={async () => { await invoke('kinesis', 'RegisterStreamConsumer', { StreamARN: stream.StreamARN, ConsumerName: name }); tell('success', `${name} is registered.`); done() }}>
      <TextField label="Consumer name" value={name} set={setName} />
    </Dialog>
  )
}
