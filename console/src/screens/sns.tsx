// Topics, who hears them, and the mailbox of what went to people.
import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import Link from '@cloudscape-design/components/link'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Tabs from '@cloudscape-design/components/tabs'
import Checkbox from '@cloudscape-design/components/checkbox'
import { useState } from 'react'
import { Route, Routes, useParams } from 'react-router-dom'
import { invoke } from '../api/calls'
import { ask, session } from '../api/session'
import { useListed } from '../api/pages'
import { useAsked, useCall } from '../api/use'
import { fail, tell } from '../app/notices'
import { at, follow, part } from '../app/ways'
import { Confirm, Dialog } from '../parts/confirm'
import { DataTable } from '../parts/data-table'
import { AreaField, ChoiceField, TextField } from '../parts/form-bits'
import { Json, moment } from '../parts/values'
import { Picker } from '../generic/field'
import FormField from '@cloudscape-design/components/form-field'

export default function SNS() {
  return <Routes><Route path="topics?" element={<Topics />} /><Route path="topics/:topic" element={<Topic />} /><Route path="mailbox" element={<Mailbox />} /></Routes>
}

const PAGES = { in: 'NextToken', out: 'NextToken' }
type TopicRow = { TopicArn: string }
const nameOf = (arn: string): string => arn.split(':').pop() ?? arn

function Topics() {
  const asked = useListed<TopicRow>('sns', 'ListTopics', 'Topics', PAGES)
  const [picked, setPicked] = useState<TopicRow[]>([])
  const [doing, setDoing] = useState('')
  const one = picked[0]
  const changed = (): void => { setPicked([]); asked.reload() }
  return (
    <>
      <DataTable title="Topics" items={asked.rows} loading={asked.loading} more={asked.more} picked={picked} onPick={setPicked} trackBy="TopicArn" empty={asked.error?.message ?? 'No topics yet.'}
        columns={[
          { id: 'name', header: 'Name', cell: (topic) => <Link href={at(`/sns/topics/${part(topic.TopicArn)}`)} onFollow={follow}>{nameOf(topic.TopicArn)}</Link>, sortingField: 'TopicArn', isRowHeader: true },
          { id: 'type', header: 'Type', cell: (topic) => (topic.TopicArn.endsWith('.fifo') ? 'FIFO' : 'Standard'), width: 130 },
          { id: 'arn', header: 'ARN', cell: (topic) => topic.TopicArn },
        ]}
        actions={[
          <Button key="reload" iconName="refresh" ariaLabel="Refresh" onClick={asked.reload} />,
          <Button key="delete" disabled={!one} onClick={() => setDoing('delete')}>Delete</Button>,
          <Button key="make" variant="primary" onClick={() => setDoing('make')}>Create topic</Button>,
        ]} />
      {doing === 'make' && <MakeTopic close={() => setDoing('')} done={changed} />}
      {doing === 'delete' && one && <Confirm title="Delete topic" close={() => setDoing('')} act={async () => { await invoke('sns', 'DeleteTopic', one); tell('success', `${nameOf(one.TopicArn)} is deleted.`); changed() }}>{nameOf(one.TopicArn)} goes with all its subscriptions.</Confirm>}
    </>
  )
}

function MakeTopic({ close, done }: { close: () => void; done: () => void }) {
  const [name, setName] = useState('')
  const [fifo, setFifo] = useState(false)
  return (
    <Dialog title="Create topic" button="Create topic" close={close} disabled={!name} act={async () => {
      await invoke('sns', 'CreateTopic', { Name: fifo && !name.endsWith('.fifo') ? `${name}.fifo` : name, ...(fifo ? { Attributes: { FifoTopic: 'true' } } : {}) })
      tell('success', `${name} is there.`)
      done()
    }}>
      <TextField label="Topic name" value={name} set={setName} />
      <Checkbox checked={fifo} onChange={(event) => setFifo(event.detail.checked)} description="In order, each message once, to queues only.">FIFO</Checkbox>
    </Dialog>
  )
}

type Subscription = { SubscriptionArn: string; Protocol: string; Endpoint: string }

function Topic() {
  const { topic: arn = '' } = useParams()
  const attributes = useCall<{ Attributes: Record<string, string> }>('sns', 'GetTopicAttributes', { TopicArn: arn })
  const heard = useListed<Subscription>('sns', 'ListSubscriptionsByTopic', 'Subscriptions', PAGES, { TopicArn: arn })
  const [picked, setPicked] = useState<Subscription[]>([])
  const [doing, setDoing] = useState('')
  if (attributes.error) return <Alert type="error" header={nameOf(arn)}>{attributes.error.message}</Alert>
  const unsubscribe = (): void => void invoke('sns', 'Unsubscribe', { SubscriptionArn: picked[0].SubscriptionArn }).then(() => { setPicked([]); heard.reload() }, fail)
  return (
    <SpaceBetween size="l">
      <Header variant="h1" description={arn} actions={<Button variant="primary" onClick={() => setDoing('publish')}>Publish message</Button>}>{nameOf(arn)}</Header>
      <Tabs tabs={[
        {
          id: 'subscriptions', label: 'Subscriptions',
          content: <DataTable variant="container" title="Subscriptions" items={heard.rows} loading={heard.loading} more={heard.more} picked={picked} onPick={setPicked} trackBy={(one) => one.SubscriptionArn + one.Endpoint} empty="Nobody hears this topic yet."
            columns={[
              { id: 'protocol', header: 'Protocol', cell: (one) => one.Protocol, sortingField: 'Protocol', width: 130 },
              { id: 'endpoint', header: 'Endpoint', cell: (one) => one.Endpoint, sortingField: 'Endpoint', isRowHeader: true },
              { id: 'arn', header: 'Subscription', cell: (one) => one.SubscriptionArn.split(':').pop() },
            ]}
            actions={[
              <Button key="reload" iconName="refresh" ariaLabel="Refresh" onClick={heard.reload} />,
              <Button key="end" disabled={!picked[0]?.SubscriptionArn.startsWith('arn:')} onClick={unsubscribe}>Unsubscribe</Button>,
              <Button key="make" onClick={() => setDoing('subscribe')}>Create subscription</Button>,
            ]} />,
        },
        { id: 'attributes', label: 'Attributes', content: <Json value={attributes.data?.Attributes ?? {}} label="Attributes" /> },
      ]} />
      {doing === 'publish' && <Publish arn={arn} close={() => setDoing('')} />}
      {doing === 'subscribe' && <Subscribe arn={arn} close={() => setDoing('')} done={heard.reload} />}
    </SpaceBetween>
  )
}

function Publish({ arn, close }: { arn: string; close: () => void }) {
  const [form, setForm] = useState({ subject: '', message: '', group: 'default' })
  const fifo = arn.endsWith('.fifo')
  return (
    <Dialog title="Publish message" button="Publish" close={close} size="large" disabled={!form.message} act={async () => {
      await invoke('sns', 'Publish', { TopicArn: arn, Message: form.message, ...(form.subject ? { Subject: form.subject } : {}), ...(fifo ? { MessageGroupId: form.group, MessageDeduplicationId: crypto.getRandomValues(new Uint32Array(4)).join('-') } : {}) })
      tell('success', 'The message is published.')
    }}>
      <TextField label={<>Subject<i> – optional</i></>} value={form.subject} set={(subject) => setForm({ ...form, subject })} />
      <AreaField label="Message" value={form.message} set={(message) => setForm({ ...form, message })} rows={8} />
      {fifo && <TextField label="Message group" value={form.group} set={(group) => setForm({ ...form, group })} />}
    </Dialog>
  )
}

const PROTOCOLS = ['sqs', 'lambda', 'http', 'https', 'email', 'email-json', 'sms', 'firehose', 'application']

function Subscribe({ arn, close, done }: { arn: string; close: () => void; done: () => void }) {
  const [form, setForm] = useState({ protocol: 'sqs', endpoint: '', filter: '' })
  const queue = form.protocol === 'sqs'
  return (
    <Dialog title="Create subscription" button="Create subscription" close={close} disabled={!form.endpoint} act={async () => {
      const endpoint = queue && /^https?:/.test(form.endpoint) ? (await invoke<{ Attributes: { QueueArn: string } }>('sqs', 'GetQueueAttributes', { QueueUrl: form.endpoint, AttributeNames: ['QueueArn'] })).Attributes.QueueArn : form.endpoint
      await invoke('sns', 'Subscribe', { TopicArn: arn, Protocol: form.protocol, Endpoint: endpoint, ReturnSubscriptionArn: true, ...(form.filter ? { Attributes: { FilterPolicy: form.filter } } : {}) })
      tell('success', 'The subscription is made.')
      done()
    }}>
      <ChoiceField label="Protocol" value={form.protocol} set={(protocol) => setForm({ ...form, protocol })} options={PROTOCOLS} />
      {queue ? <FormField label="Queue"><Picker name="Queue" from={{ service: 'sqs', list: 'ListQueues', result: 'QueueUrls', value: 'QueueUrl' }} value={form.endpoint} set={(endpoint) => setForm({ ...form, endpoint })} /></FormField> : <TextField label="Endpoint" value={form.endpoint} set={(endpoint) => setForm({ ...form, endpoint })} />}
      <AreaField label={<>Filter policy<i> – optional</i></>} value={form.filter} set={(filter) => setForm({ ...form, filter })} rows={3} placeholder={'{"store": ["example"]}'} />
    </Dialog>
  )
}

type Mail = { id: number; at: number; service: string; kind: string; from: string; to: string | string[]; subject: string; problem: string; text?: string; html?: string; raw?: string }

function Mailbox() {
  const account = session.use()?.account ?? ''
  const asked = useAsked(() => ask<{ messages: Mail[] }>('GET', `control/mail?account=${account}&limit=200`), [account])
  const [picked, setPicked] = useState<Mail[]>([])
  return (
    <SpaceBetween size="l">
      <DataTable variant="container" level="h1" title="Mailbox" description="What would have gone to people: mail, texts, pushes. Nothing leaves this machine." items={asked.data?.messages ?? []} loading={asked.loading} picked={picked} onPick={setPicked} trackBy="id" empty={asked.error?.message ?? 'No mail yet.'}
        columns={[
          { id: 'at', header: 'When', cell: (mail) => moment(mail.at), sortingField: 'at', width: 190 },
          { id: 'kind', header: 'Kind', cell: (mail) => mail.kind, sortingField: 'kind', width: 100 },
          { id: 'to', header: 'To', cell: (mail) => String(mail.to), sortingField: 'to', minWidth: 180 },
          { id: 'subject', header: 'Subject', cell: (mail) => mail.subject || '–', sortingField: 'subject', isRowHeader: true },
          { id: 'problem', header: 'Problem', cell: (mail) => mail.problem || '–' },
        ]}
        actions={[<Button key="reload" iconName="refresh" ariaLabel="Refresh" onClick={asked.reload} />, <Button key="clear" onClick={() => void ask('POST', 'control/mail/clear', { account }).then(asked.reload, fail)}>Empty</Button>]} />
      {picked[0] && <Message key={picked[0].id} id={picked[0].id} />}
    </SpaceBetween>
  )
}

function Message({ id }: { id: number }) {
  const asked = useAsked(() => ask<Mail>('GET', `control/mail?id=${id}`), [id])
  const mail = asked.data
  if (asked.error) return <Alert type="error">{asked.error.message}</Alert>
  if (!mail) return null
  const links = [...new Set((mail.text ?? '').match(/https?:\/\/[^\s<>"]+/g) ?? [])]
  return (
    <Container header={<Header variant="h2" description={`From ${mail.from || '–'} to ${String(mail.to)}`}>{mail.subject || mail.kind}</Header>}>
      <SpaceBetween size="m">
        {links.length > 0 && <div><Box variant="awsui-key-label">Links</Box>{links.map((link) => <div key={link}><Link href={link} external target="_blank">{link}</Link></div>)}</div>}
        <Tabs tabs={[
          { id: 'text', label: 'Text', content: <Json value={mail.text ?? ''} label="Text" /> },
          ...(mail.html ? [{ id: 'html', label: 'HTML', content: <iframe title="The mail as HTML" sandbox="" srcDoc={mail.html} style={{ width: '100%', height: 400, border: 0, background: '#fff' }} /> }] : []),
          ...(mail.raw ? [{ id: 'raw', label: 'Source', content: <Json value={mail.raw} label="Source" /> }] : []),
        ]} />
      </SpaceBetween>
    </Container>
  )
}
