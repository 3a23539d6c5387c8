// How a stream is set up, and changing it.
import Button from '@cloudscape-design/components/button'
import Checkbox from '@cloudscape-design/components/checkbox'
import FormField from '@cloudscape-design/components/form-field'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import Link from '@cloudscape-design/components/link'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { type ReactNode, useState } from 'react'
import { invoke } from '../../api/calls'
import { useCall } from '../../api/use'
import { tell } from '../../app/notices'
import { at, follow } from '../../app/ways'
import { Picker } from '../../generic/field'
import { gone, Listed, PairsDialog, Part, type Texts } from '../../generic/settings'
import { Dialog } from '../../parts/confirm'
import { ChoiceField, TextField } from '../../parts/form-bits'
import { moment, size } from '../../parts/values'
import { hours, isOnDemand, MODES, modeOf, type Stream } from './kinds'

type Form = { stream: Stream; close: () => void; done: () => void }

export function Details({ stream, changed }: { stream: Stream; changed: () => void }) {
  const tags = useCall<{ Tags?: { Key: string; Value: string }[] }>('kinesis', 'ListTagsForResource', { ResourceARN: stream.StreamARN })
  const [doing, setDoing] = useState('')
  const texts = Object.fromEntries((tags.data?.Tags ?? []).map((tag) => [tag.Key, tag.Value]))
  const metrics = metricsOf(stream)
  const form: Form = { stream, close: () => setDoing(''), done: () => { tell('success', 'The stream is changed.'); changed() } }
  return (
    <SpaceBetween size="l">
      <Part title="Capacity" edit={() => setDoing('capacity')}>
        <KeyValuePairs columns={4} items={[
          { label: 'Capacity mode', value: modeOf(stream) }, { label: 'Writes', value: capacity(stream, `${stream.OpenShardCount} MiB, ${(stream.OpenShardCount * 1000).toLocaleString('en')} records a second`) },
          { label: 'Reads', value: capacity(stream, `${stream.OpenShardCount * 2} MiB a second`) }, { label: 'Largest record', value: size((stream.MaxRecordSizeInKiB ?? 1024) * 1024) },
        ]} />
      </Part>
      <Part title="Retention" edit={() => setDoing('retention')}>{hours(stream.RetentionPeriodHours)}: what is older cannot be read any more.</Part>
      <Part title="Encryption" edit={() => setDoing('encryption')}>{stream.EncryptionType === 'KMS' ? <>By the KMS key <KeyLink id={stream.KeyId ?? ''} />.</> : 'Off.'}</Part>
      <Part title="Enhanced monitoring" edit={() => setDoing('monitoring')}>{metrics.length ? `Metrics of each shard: ${metrics.join(', ')}.` : 'Off: CloudWatch has the metrics of the whole stream.'}</Part>
      <Part title="Tags" edit={() => setDoing('tags')}><Listed pairs={texts} empty={tags.error?.message ?? 'None.'} /></Part>
      <KeyValuePairs columns={2} items={[{ label: 'ARN', value: stream.StreamARN }, { label: 'Created', value: moment(stream.StreamCreationTimestamp) }]} />
      {doing === 'capacity' && <Capacity {...form} />}
      {doing === 'retention' && <Retention {...form} />}
      {doing === 'encryption' && <Encryption {...form} />}
      {doing === 'monitoring' && <Monitoring {...form} />}
      {doing === 'tags' && <PairsDialog title="Tags" start={texts} close={form.close} save={async (now) => { await retag(stream.StreamARN, texts, now); tags.reload() }} />}
    </SpaceBetween>
  )
}

const capacity = (stream: Stream, text: string): string => (isOnDemand(stream) ? `As its load asks; now ${text}` : text)
const metricsOf = (stream: Stream): string[] => stream.EnhancedMonitoring.flatMap((each) => each.ShardLevelMetrics ?? [])

// A key's own page is known by its ID; an alias has none.
function KeyLink({ id }: { id: string }): ReactNode {
  const key = id.split('/').pop() ?? id
  return id.includes('alias/') ? id : <Link href={at(`/kms/keys/${key}`)} onFollow={follow}>{key}</Link>
}

async function retag(arn: string, before: Texts, now: Texts): Promise<void> {
  const TagKeys = gone(before, now)
  if (TagKeys.length) await invoke('kinesis', 'UntagResource', { ResourceARN: arn, TagKeys })
  if (Object.keys(now).length) await invoke('kinesis', 'TagResource', { ResourceARN: arn, Tags: now })
}

function Capacity({ stream, close, done }: Form) {
  const first = { mode: stream.StreamModeDetails?.StreamMode ?? 'PROVISIONED', largest: String(stream.MaxRecordSizeInKiB ?? 1024) }
  const [form, setForm] = useState(first)
  const save = async (): Promise<void> => {
    const { StreamARN } = stream
    if (form.mode !== first.mode) await invoke('kinesis', 'UpdateStreamMode', { StreamARN, StreamModeDetails: { StreamMode: form.mode } })
    if (form.largest !== first.largest) await invoke('kinesis', 'UpdateMaxRecordSize', { StreamARN, MaxRecordSizeInKiB: Number(form.largest) })
    done()
  }
  return (
    <Dialog title="Capacity" button="Save" close={close} act={save}>
      <ChoiceField label="Capacity mode" value={form.mode} set={(mode) => setForm({ ...form, mode })} options={MODES} hint="It may be changed twice a day. The shards are counted anew on their own tab." />
      <TextField label="Largest record in KiB" type="number" value={form.largest} set={(largest) => setForm({ ...form, largest })} hint="1024 to 10240." />
    </Dialog>
  )
}

function Retention({ stream, close, done }: Form) {
  const [text, setText] = useState(String(stream.RetentionPeriodHours))
  const save = async (): Promise<void> => {
    const RetentionPeriodHours = Number(text)
    const way = RetentionPeriodHours < stream.RetentionPeriodHours ? 'DecreaseStreamRetentionPeriod' : 'IncreaseStreamRetentionPeriod'
    await invoke('kinesis', way, { StreamName: stream.StreamName, RetentionPeriodHours })
    done()
  }
  return <Dialog title="Retention" button="Save" close={close} act={save} disabled={!text}><TextField label="Retention in hours" type="number" value={text} set={setText} hint="24 hours to 8760, a year. A shorter one ends what is older at once." /></Dialog>
}

const AWS_KEY = 'alias/aws/kinesis'

function Encryption({ stream, close, done }: Form) {
  const was = stream.EncryptionType === 'KMS'
  const [on, setOn] = useState(was)
  const [key, setKey] = useState(stream.KeyId ?? AWS_KEY)
  const save = async (): Promise<void> => {
    const told = { StreamName: stream.StreamName, EncryptionType: 'KMS' }
    if (on) await invoke('kinesis', 'StartStreamEncryption', { ...told, KeyId: key })
    else if (was) await invoke('kinesis', 'StopStreamEncryption', { ...told, KeyId: stream.KeyId })
    done()
  }
  return (
    <Dialog title="Encryption" button="Save" close={close} act={save} disabled={on && !key}>
      <Checkbox checked={on} onChange={(event) => setOn(event.detail.checked)} description="What is written from now on lies under a key of KMS; what is there already stays as it is.">Server-side encryption</Checkbox>
      {on && (
        <FormField label="KMS key" description="An ID, an ARN or an alias." secondaryControl={<Button formAction="none" onClick={() => setKey(AWS_KEY)}>Use the AWS managed key</Button>}>
          <Picker name="KMS key" from={{ service: 'kms', list: 'ListKeys', result: 'Keys', value: 'KeyArn' }} value={key} set={setKey} />
        </FormField>
      )}
    </Dialog>
  )
}

const METRICS = ['IncomingBytes', 'IncomingRecords', 'OutgoingBytes', 'OutgoingRecords', 'WriteProvisionedThroughputExceeded', 'ReadProvisionedThroughputExceeded', 'IteratorAgeMilliseconds']

function Monitoring({ stream, close, done }: Form) {
  const was = metricsOf(stream)
  const [now, setNow] = useState(was)
  const save = async (): Promise<void> => {
    const off = was.filter((metric) => !now.includes(metric))
    const on = now.filter((metric) => !was.includes(metric))
    if (off.length) await invoke('kinesis', 'DisableEnhancedMonitoring', { StreamName: stream.StreamName, ShardLevelMetrics: off })
    if (on.length) await invoke('kinesis', 'EnableEnhancedMonitoring', { StreamName: stream.StreamName, ShardLevelMetrics: on })
    done()
  }
  return (
    <Dialog title="Enhanced monitoring" button="Save" close={close} act={save}>
      <FormField label="Metrics of each shard">
        {METRICS.map((metric) => <Checkbox key={metric} checked={now.includes(metric)} onChange={(event) => setNow(event.detail.checked ? [...now, metric] : now.filter((one) => one !== metric))}>{metric}</Checkbox>)}
      </FormField>
    </Dialog>
  )
}
