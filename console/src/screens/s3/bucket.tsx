// One bucket: what is in it, and how it is set up.
import Box from '@cloudscape-design/components/box'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Tabs from '@cloudscape-design/components/tabs'
import { useParams, useSearchParams } from 'react-router-dom'
import { Objects } from './objects'
import { Permissions, Properties } from './settings'

export default function BucketPage() {
  const { bucket = '' } = useParams()
  const [asked, setAsked] = useSearchParams()
  const tab = asked.get('tab') ?? 'objects'
  return (
    <SpaceBetween size="m">
      <Header variant="h1" description={<Box color="text-body-secondary">arn:aws:s3:::{bucket}</Box>}>{bucket}</Header>
      <Tabs activeTabId={tab} onChange={(event) => setAsked({ tab: event.detail.activeTabId })} tabs={[
        { id: 'objects', label: 'Objects', content: <Objects bucket={bucket} prefix={asked.get('prefix') ?? ''} enter={(prefix) => setAsked({ prefix })} /> },
        { id: 'properties', label: 'Properties', content: <Properties bucket={bucket} /> },
        { id: 'permissions', label: 'Permissions', content: <Permissions bucket={bucket} /> },
      ]} />
    </SpaceBetween>
  )
}
