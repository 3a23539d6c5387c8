// One data stream: what is in it, its shards, who reads it, how it is set up.
import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Tabs from '@cloudscape-design/components/tabs'
import { useParams, useSearchParams } from 'react-router-dom'
import { useCall } from '../../api/use'
import { copy } from '../../parts/copy'
import { shown } from '../../parts/values'
import { Consumers } from './consumers'
import { Details } from './details'
import { hours, modeOf, type Stream } from './kinds'
import { Policy } from './policy'
import { Put } from './put'
import { Shards } from './shards'
import { Triggers } from './triggers'
import { Viewer } from './viewer'

export default function StreamPage() {
  const { name = '' } = useParams()
  const [asked, setAsked] = useSearchParams()
  const told = useCall<{ StreamDescriptionSummary: Stream }>('kinesis', 'DescribeStreamSummary', { StreamName: name })
  const stream = told.data?.StreamDescriptionSummary
  if (told.error) return <Alert type="error" header={name}>{told.error.message}</Alert>
  if (stream?.StreamName !== name) return null
  const open = (tab: string, more: Record<string, string> = {}): void => setAsked({ tab, ...more }, { replace: true })
  return (
    <SpaceBetween size="l">
      <Header variant="h1" description={stream.StreamARN} actions={<Button iconName="copy" onClick={() => copy(stream.StreamARN, 'The ARN is copied.')}>Copy ARN</Button>}>{name}</Header>
      <Container>
        <KeyValuePairs columns={4} items={[
          { label: 'Status', value: shown('Status', stream.StreamStatus) }, { label: 'Capacity mode', value: modeOf(stream) },
          { label: 'Open shards', value: String(stream.OpenShardCount) }, { label: 'Retention', value: hours(stream.RetentionPeriodHours) },
        ]} />
      </Container>
      <Tabs activeTabId={asked.get('tab') ?? 'details'} onChange={(event) => open(event.detail.activeTabId)} tabs={[
        { id: 'details', label: 'Details', content: <Details stream={stream} changed={told.reload} /> },
        { id: 'data', label: 'Data viewer', content: <Viewer key={stream.StreamARN} stream={name} first={asked.get('shard') ?? ''} /> },
        { id: 'put', label: 'Put records', content: <Put key={stream.StreamARN} stream={name} /> },
        { id: 'shards', label: 'Shards', content: <Shards stream={stream} look={(shard) => open('data', { shard })} changed={told.reload} /> },
        { id: 'consumers', label: 'Consumers', content: <Consumers stream={stream} changed={told.reload} /> },
        { id: 'triggers', label: 'Lambda triggers', content: <Triggers stream={stream} /> },
        { id: 'policy', label: 'Policy', content: <Policy arn={stream.StreamARN} actions={['kinesis:DescribeStreamSummary', 'kinesis:ListShards', 'kinesis:GetShardIterator', 'kinesis:GetRecords']} /> },
      ]} />
    </SpaceBetween>
  )
}
