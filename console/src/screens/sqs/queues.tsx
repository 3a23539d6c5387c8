// All queues, with what is in them.
import Button from '@cloudscape-design/components/button'
import Checkbox from '@cloudscape-design/components/checkbox'
import Link from '@cloudscape-design/components/link'
import { useState } from 'react'
import { invoke } from '../../api/calls'
import { usePaged } from '../../api/pages'
import { region, session } from '../../api/session'
import { tell } from '../../app/notices'
import { at, follow, part } from '../../app/ways'
import { Confirm, Dialog } from '../../parts/confirm'
import { DataTable } from '../../parts/data-table'
import { TextField } from '../../parts/form-bits'
import { moment } from '../../parts/values'

export type Attributes = Record<string, string>
const PAGE = 50
type Queue = { url: string; name: string; attributes: Attributes }

// Each queue's attributes are asked for, so a page is no longer than it is shown.
async function page(token?: string): Promise<{ rows: Queue[]; next?: string }> {
  const found = await invoke<{ QueueUrls?: string[]; NextToken?: string }>('sqs', 'ListQueues', { MaxResults: PAGE, ...(token ? { NextToken: token } : {}) })
  const rows = await Promise.all((found.QueueUrls ?? []).map(async (url) => ({ url, name: url.split('/').pop() ?? url, attributes: (await invoke<{ Attributes?: Attributes }>('sqs', 'GetQueueAttributes', { QueueUrl: url, AttributeNames: ['All'] }).catch(() => ({}) as { Attributes?: Attributes })).Attributes ?? {} })))
  return { rows, next: found.NextToken }
}

export default function Queues() {
  const asked = usePaged(page, [region.use(), session.use()?.token])
  const [picked, setPicked] = useState<Queue[]>([])
  const [doing, setDoing] = useState('')
  const one = picked[0]
  const changed = (): void => {
    setPicked([])
    asked.reload()
  }
  const count = (name: string) => (queue: Queue) => queue.attributes[name] ?? '–'
  return (
    <>
      <DataTable
        title="Queues" items={asked.rows} loading={asked.loading} more={asked.more} picked={picked} onPick={setPicked} trackBy="url" empty={asked.error?.message ?? 'No queues yet.'}
        columns={[
          { id: 'name', header: 'Name', cell: (queue) => <Link href={at(`/sqs/queues/${part(queue.name)}`)} onFollow={follow}>{queue.name}</Link>, sortingField: 'name', minWidth: 220, isRowHeader: true },
          { id: 'type', header: 'Type', cell: (queue) => (queue.name.endsWith('.fifo') ? 'FIFO' : 'Standard'), width: 120 },
          { id: 'available', header: 'Available', cell: count('ApproximateNumberOfMessages'), width: 120 },
          { id: 'flight', header: 'In flight', cell: count('ApproximateNumberOfMessagesNotVisible'), width: 120 },
          { id: 'delayed', header: 'Delayed', cell: count('ApproximateNumberOfMessagesDelayed'), width: 120 },
          { id: 'made', header: 'Created', cell: (queue) => (queue.attributes.CreatedTimestamp ? moment(Number(queue.attributes.CreatedTimestamp)) : '–'), width: 190 },
        ]}
        actions={[
          <Button key="reload" iconName="refresh" ariaLabel="Refresh" onClick={asked.reload} />,
          <Button key="delete" disabled={!one} onClick={() => setDoing('delete')}>Delete</Button>,
          <Button key="make" variant="primary" onClick={() => setDoing('make')}>Create queue</Button>,
        ]}
      />
      {doing === 'make' && <Make close={() => setDoing('')} done={changed} />}
      {doing === 'delete' && one && <Confirm title="Delete queue" word={one.name} close={() => setDoing('')} act={async () => { await invoke('sqs', 'DeleteQueue', { QueueUrl: one.url }); tell('success', `${one.name} is deleted.`); changed() }}>The queue goes with all its messages.</Confirm>}
    </>
  )
}

function Make({ close, done }: { close: () => void; done: () => void }) {
  const [name, setName] = useState('')
  const [fifo, setFifo] = useState(false)
  const [dead, setDead] = useState(false)
  const make = async (): Promise<void> => {
    const full = fifo && !name.endsWith('.fifo') ? `${name}.fifo` : name
    const kind: Attributes = fifo ? { FifoQueue: 'true' } : {}
    if (dead) {
      const other = fifo ? full.replace(/\.fifo$/, '-dead.fifo') : `${full}-dead`
      const { QueueUrl } = await invoke<{ QueueUrl: string }>('sqs', 'CreateQueue', { QueueName: other, Attributes: kind })
      const { Attributes } = await invoke<{ Attributes: Attributes }>('sqs', 'GetQueueAttributes', { QueueUrl, AttributeNames: ['QueueArn'] })
      kind.RedrivePolicy = JSON.stringify({ deadLetterTargetArn: Attributes.QueueArn, maxReceiveCount: 3 })
    }
    await invoke('sqs', 'CreateQueue', { QueueName: full, Attributes: kind })
    tell('success', `${full} is there.`)
    done()
  }
  return (
    <Dialog title="Create queue" button="Create queue" close={close} act={make} disabled={!name}>
      <TextField label="Queue name" value={name} set={setName} />
      <Checkbox checked={fifo} onChange={(event) => setFifo(event.detail.checked)} description="In order, each message once.">FIFO</Checkbox>
      <Checkbox checked={dead} onChange={(event) => setDead(event.detail.checked)} description="A second queue, for messages that were received three times.">Dead-letter queue</Checkbox>
    </Dialog>
  )
}
