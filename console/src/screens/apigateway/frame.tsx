// What the page of an API has, whichever kind it is: its name, what is known of it, tabs.
import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import KeyValuePairs, { type KeyValuePairsProps } from '@cloudscape-design/components/key-value-pairs'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Tabs, { type TabsProps } from '@cloudscape-design/components/tabs'
import { useSearchParams } from 'react-router-dom'
import { copy } from '../../parts/copy'

type Props = { id: string; name?: string; description?: string; error?: Error; known: KeyValuePairsProps.Item[]; tabs: TabsProps.Tab[] }

export function Frame({ id, name, description, error, known, tabs }: Props) {
  const [asked, setAsked] = useSearchParams()
  if (error) return <Alert type="error" header={id}>{error.message}</Alert>
  if (!name) return null
  return (
    <SpaceBetween size="l">
      <Header variant="h1" description={description} actions={<Button iconName="copy" onClick={() => copy(id, 'The ID is copied.')}>Copy ID</Button>}>{name}</Header>
      <Container><KeyValuePairs columns={4} items={[{ label: 'ID', value: id }, ...known]} /></Container>
      <Tabs activeTabId={asked.get('tab') ?? tabs[0].id} onChange={(event) => setAsked({ tab: event.detail.activeTabId }, { replace: true })} tabs={tabs} />
    </SpaceBetween>
  )
}
