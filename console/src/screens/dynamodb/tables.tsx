// All tables.
import Button from '@cloudscape-design/components/button'
import Link from '@cloudscape-design/components/link'
import { useState } from 'react'
import { invoke } from '../../api/calls'
import { tell } from '../../app/notices'
import { usePaged } from '../../api/pages'
import { region, session } from '../../api/session'
import { at, follow, part } from '../../app/ways'
import { Confirm, Dialog } from '../../parts/confirm'
import { DataTable } from '../../parts/data-table'
import { ChoiceField, TextField } from '../../parts/form-bits'
import { shown, size } from '../../parts/values'

export type Key = { AttributeName: string; KeyType: 'HASH' | 'RANGE' }
export type Units = { ReadCapacityUnits: number; WriteCapacityUnits: number }
export type Index = { IndexName: string; KeySchema: Key[]; IndexStatus?: string; Projection?: { ProjectionType: string }; ProvisionedThroughput?: Units }
export type Table = {
  TableName: string; TableStatus: string; KeySchema: Key[]; AttributeDefinitions: { AttributeName: string; AttributeType: 'S' | 'N' | 'B' }[]; ItemCount: number; TableSizeBytes: number
  GlobalSecondaryIndexes?: Index[]; LocalSecondaryIndexes?: Index[]; BillingModeSummary?: { BillingMode: string }; TableArn: string; StreamSpecification?: { StreamViewType: string }; DeletionProtectionEnabled?: boolean; ProvisionedThroughput?: Units
}

export const keyText = (table: { KeySchema: Key[] }, attributes: Table['AttributeDefinitions'], type: 'HASH' | 'RANGE'): string => {
  const name = table.KeySchema.find((key) => key.KeyType === type)?.AttributeName
  return name ? `${name} (${attributes.find((one) => one.AttributeName === name)?.AttributeType ?? '?'})` : '–'
}

// A table that may be listed but not described, or that went in between.
const untold = (TableName: string): Table => ({ TableName, TableStatus: '', KeySchema: [], AttributeDefinitions: [], ItemCount: 0, TableSizeBytes: 0, TableArn: '' })

// Each table is described, so a page is no longer than it is shown.
async function page(from?: string): Promise<{ rows: Table[]; next?: string }> {
  const all = await invoke<{ TableNames?: string[]; LastEvaluatedTableName?: string }>('dynamodb', 'ListTables', { Limit: 50, ...(from ? { ExclusiveStartTableName: from } : {}) })
  const rows = await Promise.all((all.TableNames ?? []).map((TableName) => invoke<{ Table: Table }>('dynamodb', 'DescribeTable', { TableName }).then(({ Table }) => Table, () => untold(TableName))))
  return { rows, next: all.LastEvaluatedTableName }
}

export default function Tables() {
  const all = usePaged(page, [region.use(), session.use()?.token])
  const [picked, setPicked] = useState<Table[]>([])
  const [doing, setDoing] = useState('')
  const name = picked[0]?.TableName ?? ''
  const changed = (): void => {
    setPicked([])
    all.reload()
  }
  return (
    <>
      <DataTable
        title="Tables" items={all.rows} loading={all.loading} picked={picked} onPick={setPicked} trackBy="TableName" empty={all.error?.message ?? 'No tables yet.'}
        more={all.more}
        columns={[
          { id: 'name', header: 'Name', cell: (table) => <Link href={at(`/dynamodb/tables/${part(table.TableName)}`)} onFollow={follow}>{table.TableName}</Link>, sortingField: 'TableName', minWidth: 200, isRowHeader: true },
          { id: 'status', header: 'Status', cell: (table) => shown('Status', table.TableStatus), width: 130 },
          { id: 'hash', header: 'Partition key', cell: (table) => keyText(table, table.AttributeDefinitions, 'HASH'), width: 180 },
          { id: 'range', header: 'Sort key', cell: (table) => keyText(table, table.AttributeDefinitions, 'RANGE'), width: 180 },
          { id: 'indexes', header: 'Indexes', cell: (table) => (table.GlobalSecondaryIndexes?.length ?? 0) + (table.LocalSecondaryIndexes?.length ?? 0), width: 110 },
          { id: 'items', header: 'Items', cell: (table) => table.ItemCount, sortingField: 'ItemCount', width: 100 },
          { id: 'size', header: 'Size', cell: (table) => size(table.TableSizeBytes), sortingField: 'TableSizeBytes', width: 110 },
        ]}
        actions={[
          <Button key="reload" iconName="refresh" ariaLabel="Refresh" onClick={all.reload} />,
          <Button key="delete" disabled={!name} onClick={() => setDoing('delete')}>Delete</Button>,
          <Button key="make" variant="primary" onClick={() => setDoing('make')}>Create table</Button>,
        ]}
      />
      {doing === 'make' && <Make close={() => setDoing('')} done={changed} />}
      {doing === 'delete' && <Confirm title="Delete table" word={name} close={() => setDoing('')} act={async () => { await invoke('dynamodb', 'DeleteTable', { TableName: name }); tell('success', `${name} is deleted.`); changed() }}>The table goes with all its items.</Confirm>}
    </>
  )
}

const TYPES: [string, string][] = [['S', 'String'], ['N', 'Number'], ['B', 'Binary']]

function Make({ close, done }: { close: () => void; done: () => void }) {
  const [form, setForm] = useState({ name: '', hash: '', hashType: 'S', range: '', rangeType: 'S' })
  const put = (name: keyof typeof form) => (value: string): void => setForm({ ...form, [name]: value })
  const make = async (): Promise<void> => {
    const keys: [string, string, string][] = [[form.hash, form.hashType, 'HASH'], ...(form.range ? [[form.range, form.rangeType, 'RANGE'] as [string, string, string]] : [])]
    await invoke('dynamodb', 'CreateTable', {
      TableName: form.name, BillingMode: 'PAY_PER_REQUEST', KeySchema: keys.map(([AttributeName, , KeyType]) => ({ AttributeName, KeyType })),
      AttributeDefinitions: keys.map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType })),
    })
    tell('success', `${form.name} is being made.`)
    done()
  }
  return (
    <Dialog title="Create table" button="Create table" close={close} act={make} disabled={!form.name || !form.hash}>
      <TextField label="Table name" value={form.name} set={put('name')} />
      <TextField label="Partition key" value={form.hash} set={put('hash')} />
      <ChoiceField label="Type of the partition key" value={form.hashType} set={put('hashType')} options={TYPES} />
      <TextField label={<>Sort key<i> – optional</i></>} value={form.range} set={put('range')} />
      {form.range && <ChoiceField label="Type of the sort key" value={form.rangeType} set={put('rangeType')} options={TYPES} />}
    </Dialog>
  )
}
