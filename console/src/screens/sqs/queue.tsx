// One queue: look into it, send to it, receive from it.
import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import Tabs from '@cloudscape-design/components/tabs'
import { useState } from 'react'
import { useParams } from 'react-router-dom'
import { invoke } from '../../api/calls'
import { ask, region, session } from '../../api/session'
import { useAsked } from '../../api/use'
import { fail, tell } from '../../app/notices'
import { Confirm, Dialog } from '../../parts/confirm'
import { DataTable } from '../../parts/data-table'
import { AreaField, TextField } from '../../parts/form-bits'
import { Json, moment, pretty } from '../../parts/values'
import type { Attributes } from './queues'

type Seen = { id: string; sent: number; due: number; receives: number; state: string; body: string; sender: string; group: string; attributes: string[] }

export default function QueuePage() {
  const { queue: name = '' } = useParams()
  const here = region.use()
  const asked = useAsked(async () => {
    const { QueueUrl: url } = await invoke<{ QueueUrl: string }>('sqs', 'GetQueueUrl', { QueueName: name })
    const told = await invoke<{ Attributes: Attributes }>('sqs', 'GetQueueAttributes', { QueueUrl: url, AttributeNames: ['All'] })
    const { messages } = await ask<{ messages: Seen[] }>('POST', 'peek', { queue: url, region: here })
    return { url, attributes: told.Attributes, messages }
  }, [name, here, session.use()?.token])
  const [doing, setDoing] = useState('')
  if (asked.error) return <Alert type="error" header={name}>{asked.error.message}</Alert>
  const { url = '', attributes = {}, messages = [] } = asked.data ?? {}
  return (
    <SpaceBetween size="l">
      <Header variant="h1" description={url} actions={
        <SpaceBetween direction="horizontal" size="xs">
          <Button onClick={() => setDoing('purge')}>Purge</Button>
          {isDeadLetter(attributes) && <Button onClick={() => void invoke('sqs', 'StartMessageMoveTask', { SourceArn: attributes.QueueArn }).then(() => { tell('success', 'The messages are on their way back.'); asked.reload() }, fail)}>Redrive</Button>}
          <Button variant="primary" onClick={() => setDoing('send')}>Send message</Button>
        </SpaceBetween>
      }>{name}</Header>
      <Container>
        <KeyValuePairs columns={4} items={[
          { label: 'Available', value: attributes.ApproximateNumberOfMessages }, { label: 'In flight', value: attributes.ApproximateNumberOfMessagesNotVisible },
          { label: 'Delayed', value: attributes.ApproximateNumberOfMessagesDelayed }, { label: 'Visibility timeout', value: `${attributes.VisibilityTimeout} s` },
        ]} />
      </Container>
      <Tabs tabs={[
        { id: 'look', label: 'Messages', content: <Look messages={messages} loading={asked.loading} reload={asked.reload} /> },
        { id: 'receive', label: 'Receive', content: <Receive url={url} changed={asked.reload} /> },
        { id: 'setup', label: 'Attributes', content: <Json value={attributes} label="Attributes" /> },
      ]} />
      {doing === 'send' && <Send url={url} fifo={name.endsWith('.fifo')} close={() => setDoing('')} done={asked.reload} />}
      {doing === 'purge' && <Confirm title="Purge queue" button="Purge" close={() => setDoing('')} act={async () => { await invoke('sqs', 'PurgeQueue', { QueueUrl: url }); tell('success', 'All messages are gone.'); asked.reload() }}>All messages of {name} are deleted.</Confirm>}
    </SpaceBetween>
  )
}

const isDeadLetter = (attributes: Attributes): boolean => Number(attributes.ApproximateNumberOfMessages) > 0 && /-dead(\.fifo)?$|dlq/i.test(attributes.QueueArn ?? '')

function Look({ messages, loading, reload }: { messages: Seen[]; loading: boolean; reload: () => void }) {
  const [picked, setPicked] = useState<Seen[]>([])
  const one = messages.find((message) => message.id === picked[0]?.id)
  return (
    <SpaceBetween size="m">
      <DataTable variant="container" title="Messages" description="Looking receives nothing: no message is hidden, no receive is counted." items={messages} loading={loading} picked={picked} onPick={setPicked} trackBy="id" empty="The queue is empty."
        actions={<Button iconName="refresh" ariaLabel="Refresh" onClick={reload} />}
        columns={[
          { id: 'body', header: 'Body', cell: (message) => message.body.slice(0, 200), minWidth: 280, isRowHeader: true },
          { id: 'state', header: 'State', cell: (message) => <StatusIndicator type={message.state === 'available' ? 'success' : message.state === 'delayed' ? 'pending' : 'in-progress'}>{message.state}</StatusIndicator>, sortingField: 'state', width: 130 },
          { id: 'sent', header: 'Sent', cell: (message) => moment(message.sent), sortingField: 'sent', width: 180 },
          { id: 'receives', header: 'Receives', cell: (message) => message.receives, sortingField: 'receives', width: 110 },
          { id: 'group', header: 'Group', cell: (message) => message.group || '–', width: 120 },
          { id: 'attributes', header: 'Attributes', cell: (message) => message.attributes.join(', ') || '–', width: 140 },
        ]} />
      {one && <Container header={<Header variant="h2">{one.id}</Header>}><Json value={pretty(one.body)} label="Body" /></Container>}
    </SpaceBetween>
  )
}

type Received = { MessageId: string; Body: string; ReceiptHandle: string; Attributes?: Attributes; MessageAttributes?: Record<string, { StringValue?: string; DataType: string }> }

function Receive({ url, changed }: { url: string; changed: () => void }) {
  const [got, setGot] = useState<Received[]>([])
  const [busy, setBusy] = useState(false)
  const receive = (): void => {
    setBusy(true)
    invoke<{ Messages?: Received[] }>('sqs', 'ReceiveMessage', { QueueUrl: url, MaxNumberOfMessages: 10, WaitTimeSeconds: 5, MessageSystemAttributeNames: ['All'], MessageAttributeNames: ['All'] }).then(
      ({ Messages = [] }) => { setGot([...got, ...Messages]); if (Messages.length === 0) tell('info', 'Nothing came within five seconds.'); changed() }, fail,
    ).finally(() => setBusy(false))
  }
  const end = (message: Received): void => void invoke('sqs', 'DeleteMessage', { QueueUrl: url, ReceiptHandle: message.ReceiptHandle }).then(() => { setGot(got.filter((one) => one !== message)); changed() }, fail)
  return (
    <SpaceBetween size="m">
      <Button variant="primary" loading={busy} onClick={receive}>Receive</Button>
      {got.length === 0 && <Box color="text-body-secondary">What is received is hidden from others for the visibility timeout, and comes back if it is not deleted.</Box>}
      {got.map((message) => (
        <Container key={message.ReceiptHandle} header={<Header variant="h3" description={`Received ${message.Attributes?.ApproximateReceiveCount ?? 1} times`} actions={<Button ariaLabel={`Delete message ${message.MessageId}`} onClick={() => end(message)}>Delete</Button>}>{message.MessageId}</Header>}>
          <SpaceBetween size="s">
            <Json value={pretty(message.Body)} label="Body" />
            {message.MessageAttributes && <KeyValuePairs columns={3} items={Object.entries(message.MessageAttributes).map(([label, value]) => ({ label, value: value.StringValue ?? value.DataType }))} />}
          </SpaceBetween>
        </Container>
      ))}
    </SpaceBetween>
  )
}

function Send({ url, fifo, close, done }: { url: string; fifo: boolean; close: () => void; done: () => void }) {
  const [form, setForm] = useState({ body: '', delay: '', group: 'default', once: '' })
  const put = (name: keyof typeof form) => (value: string): void => setForm({ ...form, [name]: value })
  const send = async (): Promise<void> => {
    await invoke('sqs', 'SendMessage', {
      QueueUrl: url, MessageBody: form.body, ...(form.delay && !fifo ? { DelaySeconds: Number(form.delay) } : {}),
      ...(fifo ? { MessageGroupId: form.group, MessageDeduplicationId: form.once || crypto.getRandomValues(new Uint32Array(4)).join('-') } : {}),
    })
    tell('success', 'The message is sent.')
    done()
  }
  return (
    <Dialog title="Send message" button="Send" close={close} act={send} disabled={!form.body} size="large">
      <AreaField label="Body" value={form.body} set={put('body')} rows={8} />
      {fifo ? <><TextField label="Message group" value={form.group} set={put('group')} /><TextField label={<>Deduplication ID<i> – optional</i></>} value={form.once} set={put('once')} /></> : <TextField label={<>Delay in seconds<i> – optional</i></>} value={form.delay} set={put('delay')} type="number" />}
    </Dialog>
  )
}
