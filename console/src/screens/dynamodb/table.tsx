// One table: its items, and how it is set up.
import Alert from '@cloudscape-design/components/alert'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Tabs from '@cloudscape-design/components/tabs'
import { useParams, useSearchParams } from 'react-router-dom'
import { useCall } from '../../api/use'
import { DataTable } from '../../parts/data-table'
import { Json, shown, size } from '../../parts/values'
import { Capacity } from './capacity'
import { Items } from './items'
import { PartiQL } from './partiql'
import { keyText, type Table } from './tables'

export default function TablePage() {
  const { table: name = '' } = useParams()
  const [open, setOpen] = useSearchParams()
  const asked = useCall<{ Table: Table }>('dynamodb', 'DescribeTable', { TableName: name })
  const table = asked.data?.Table
  if (asked.error) return <Alert type="error" header={name}>{asked.error.message}</Alert>
  return (
    <SpaceBetween size="m">
      <Header variant="h1" description={table?.TableArn}>{name}</Header>
      {table && (
        <Tabs activeTabId={open.get('tab') ?? 'items'} onChange={(event) => setOpen({ tab: event.detail.activeTabId }, { replace: true })} tabs={[
          { id: 'items', label: 'Items', content: <Items key={name} table={table} /> },
          { id: 'partiql', label: 'PartiQL', content: <PartiQL table={name} /> },
          { id: 'overview', label: 'Overview', content: <Overview table={table} /> },
          { id: 'capacity', label: 'Capacity', content: <Capacity table={table} changed={asked.reload} /> },
          { id: 'json', label: 'JSON', content: <Json value={table} /> },
        ]} />
      )}
    </SpaceBetween>
  )
}

function Overview({ table }: { table: Table }) {
  const attributes = table.AttributeDefinitions
  const ttl = useCall<{ TimeToLiveDescription?: { TimeToLiveStatus: string; AttributeName?: string } }>('dynamodb', 'DescribeTimeToLive', { TableName: table.TableName })
  const lives = ttl.data?.TimeToLiveDescription
  const indexes = [...(table.GlobalSecondaryIndexes ?? []).map((one) => ({ ...one, kind: 'Global' })), ...(table.LocalSecondaryIndexes ?? []).map((one) => ({ ...one, kind: 'Local' }))]
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">Overview</Header>}>
        <KeyValuePairs columns={3} items={[
          { label: 'Status', value: shown('Status', table.TableStatus) }, { label: 'Partition key', value: keyText(table, attributes, 'HASH') }, { label: 'Sort key', value: keyText(table, attributes, 'RANGE') },
          { label: 'Capacity', value: table.BillingModeSummary?.BillingMode ?? 'PROVISIONED' }, { label: 'Items', value: String(table.ItemCount) }, { label: 'Size', value: size(table.TableSizeBytes) },
          { label: 'Stream', value: table.StreamSpecification?.StreamViewType ?? 'Off' }, { label: 'Time to live', value: lives?.AttributeName ? `${lives.AttributeName}, ${lives.TimeToLiveStatus}` : (lives?.TimeToLiveStatus ?? '–') },
          { label: 'Deletion protection', value: table.DeletionProtectionEnabled ? 'On' : 'Off' },
        ]} />
      </Container>
      <DataTable variant="container" title="Indexes" items={indexes} empty="No indexes." columns={[
        { id: 'name', header: 'Name', cell: (index) => index.IndexName, sortingField: 'IndexName' },
        { id: 'kind', header: 'Kind', cell: (index) => index.kind },
        { id: 'hash', header: 'Partition key', cell: (index) => keyText(index, attributes, 'HASH') },
        { id: 'range', header: 'Sort key', cell: (index) => keyText(index, attributes, 'RANGE') },
        { id: 'projection', header: 'Projection', cell: (index) => index.Projection?.ProjectionType ?? '–' },
      ]} />
    </SpaceBetween>
  )
}
