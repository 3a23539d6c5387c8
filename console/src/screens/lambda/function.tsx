// One function: its code, a try, what it did, what calls it, how it is set up, its versions.
import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import Tabs from '@cloudscape-design/components/tabs'
import { useParams, useSearchParams } from 'react-router-dom'
import { useCall } from '../../api/use'
import { copy } from '../../parts/copy'
import { moment, size, statusType } from '../../parts/values'
import { Code } from './code'
import { Setup } from './configuration'
import type { Configuration } from './functions'
import { Monitor } from './monitor'
import { Try } from './try'
import { Triggers } from './triggers'
import { Versions } from './versions'

export default function FunctionPage() {
  const { name = '' } = useParams()
  const [asked, setAsked] = useSearchParams()
  const told = useCall<{ Configuration: Configuration; Tags?: Record<string, string>; Concurrency?: { ReservedConcurrentExecutions?: number } }>('lambda', 'GetFunction', { FunctionName: name })
  if (told.error) return <Alert type="error" header={name}>{told.error.message}</Alert>
  const { Configuration: config, Tags: tags, Concurrency: concurrency } = told.data ?? {}
  if (!config) return null
  return (
    <SpaceBetween size="l">
      <Header variant="h1" description={config.Description || config.FunctionArn} actions={<Button iconName="copy" onClick={() => copy(config.FunctionArn, 'The ARN is copied.')}>Copy ARN</Button>}>{name}</Header>
      <Container>
        <KeyValuePairs columns={4} items={[
          { label: 'State', value: <StatusIndicator type={statusType(config.State ?? 'Active')}>{config.State ?? 'Active'}</StatusIndicator> }, { label: 'Runtime', value: config.Runtime ?? config.PackageType },
          { label: 'Code size', value: size(config.CodeSize) }, { label: 'Last modified', value: moment(config.LastModified.replace('+0000', 'Z')) },
        ]} />
      </Container>
      <Tabs activeTabId={asked.get('tab') ?? 'code'} onChange={(event) => setAsked({ tab: event.detail.activeTabId }, { replace: true })} tabs={[
        { id: 'code', label: 'Code', content: <Code config={config} changed={told.reload} /> },
        { id: 'test', label: 'Test', content: <Try name={name} /> },
        { id: 'monitor', label: 'Monitor', content: <Monitor config={config} /> },
        { id: 'triggers', label: 'Triggers', content: <Triggers name={name} /> },
        { id: 'configuration', label: 'Configuration', content: <Setup config={config} tags={tags ?? {}} reserved={concurrency?.ReservedConcurrentExecutions} changed={told.reload} /> },
        { id: 'versions', label: 'Versions and aliases', content: <Versions name={name} /> },
      ]} />
    </SpaceBetween>
  )
}
