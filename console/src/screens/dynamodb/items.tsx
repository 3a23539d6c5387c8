// A table's items: scanned or queried, filtered, made, changed, deleted, exported.
import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import ButtonDropdown from '@cloudscape-design/components/button-dropdown'
import Container from '@cloudscape-design/components/container'
import FormField from '@cloudscape-design/components/form-field'
import Header from '@cloudscape-design/components/header'
import Link from '@cloudscape-design/components/link'
import SegmentedControl from '@cloudscape-design/components/segmented-control'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useEffect, useRef, useState } from 'react'
import { invoke, type Params } from '../../api/calls'
import { tell } from '../../app/notices'
import { Confirm } from '../../parts/confirm'
import { save } from '../../parts/copy'
import { DataTable } from '../../parts/data-table'
import { ChoiceField } from '../../parts/form-bits'
import { Conditions } from './conditions'
import { ItemEditor } from './item-editor'
import type { Key, Table } from './tables'
import { type Condition, expression, type Item, KEY_HOWS, plainItem, shownValue } from './values'

type Answer = { Items?: Item[]; LastEvaluatedKey?: Item; Count: number; ScannedCount: number; ConsumedCapacity?: { CapacityUnits: number } }

export function Items({ table }: { table: Table }) {
  const [how, setHow] = useState('scan')
  const [index, setIndex] = useState('')
  const [filters, setFilters] = useState<Condition[]>([])
  const schema = [...(table.GlobalSecondaryIndexes ?? []), ...(table.LocalSecondaryIndexes ?? [])].find((one) => one.IndexName === index)?.KeySchema ?? table.KeySchema
  const [keys, setKeys] = useState<Condition[]>([])
  useEffect(() => setKeys(schema.map((key) => ({ name: key.AttributeName, how: '=', value: '', and: '', type: typeOf(table, key) }))), [index])
  const found = useItems(table, how, index, keys, filters)
  const [picked, setPicked] = useState<Item[]>([])
  const [editing, setEditing] = useState<{ item?: Item }>()
  const [deleting, setDeleting] = useState(false)
  const own = table.KeySchema.map((key) => key.AttributeName)
  const names = [...own, ...[...new Set(found.items.flatMap(Object.keys))].filter((name) => !own.includes(name)).slice(0, 8)]
  const keyOf = (item: Item): Item => Object.fromEntries(own.map((name) => [name, item[name]]))
  const end = async (): Promise<void> => {
    for (const item of picked) await invoke('dynamodb', 'DeleteItem', { TableName: table.TableName, Key: keyOf(item) })
    tell('success', `${picked.length} ${picked.length === 1 ? 'item is' : 'items are'} deleted.`)
    setPicked([])
    found.run()
  }
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2" actions={<Button variant="primary" loading={found.loading} onClick={found.run}>Run</Button>}>Scan or query</Header>}>
        <SpaceBetween size="m">
          <SpaceBetween direction="horizontal" size="l">
            <FormField label="How"><div className="choice"><SegmentedControl label="How" selectedId={how} options={[{ id: 'scan', text: 'Scan' }, { id: 'query', text: 'Query' }]} onChange={(event) => setHow(event.detail.selectedId)} /></div></FormField>
            <ChoiceField label="Table or index" value={index} set={setIndex} options={[['', `Table: ${table.TableName}`], ...[...(table.GlobalSecondaryIndexes ?? []), ...(table.LocalSecondaryIndexes ?? [])].map((one): [string, string] => [one.IndexName, `Index: ${one.IndexName}`])]} />
          </SpaceBetween>
          {how === 'query' && <FormField stretch label="Key" description="The partition key must be said; the sort key may be."><Conditions all={keys} set={setKeys} hows={KEY_HOWS} fixed /></FormField>}
          <FormField stretch label={<>Filters<i> – optional</i></>}><Conditions all={filters} set={setFilters} /></FormField>
        </SpaceBetween>
      </Container>
      {found.problem && <Alert type="error">{found.problem}</Alert>}
      <DataTable
        variant="container" title="Items" items={found.items} loading={found.loading} multi picked={picked} onPick={setPicked} trackBy={(item) => JSON.stringify(keyOf(item))} size={50} more={found.more}
        description={found.note && <Box color="text-body-secondary">{found.note}</Box>} empty="No items."
        columns={names.map((name, at) => ({
          id: name, header: own.includes(name) ? `${name} (key)` : name, minWidth: 130, isRowHeader: at === 0,
          cell: (item: Item) => (at === 0 ? <Link href="#" onFollow={(event) => { event.preventDefault(); setEditing({ item }) }}>{shownValue(item[name])}</Link> : shownValue(item[name])),
          sortingComparator: (a: Item, b: Item) => shownValue(a[name]).localeCompare(shownValue(b[name]), undefined, { numeric: true }),
        }))}
        actions={[
          <ButtonDropdown key="export" items={[{ id: 'json', text: 'As JSON' }, { id: 'dynamodb', text: 'As DynamoDB JSON' }, { id: 'csv', text: 'As CSV' }]} onItemClick={(event) => download(event.detail.id, table.TableName, found.items, names)}>Export</ButtonDropdown>,
          <Button key="delete" disabled={picked.length === 0} onClick={() => setDeleting(true)}>Delete</Button>,
          <Button key="make" variant="primary" onClick={() => setEditing({})}>Create item</Button>,
        ]}
      />
      {editing && <ItemEditor table={table} item={editing.item} close={() => setEditing(undefined)} done={found.run} />}
      {deleting && <Confirm title="Delete items" close={() => setDeleting(false)} act={end}>{picked.length === 1 ? 'One item is' : `${picked.length} items are`} deleted.</Confirm>}
    </SpaceBetween>
  )
}

const typeOf = (table: Table, key: Key): Condition['type'] => table.AttributeDefinitions.find((one) => one.AttributeName === key.AttributeName)?.AttributeType ?? 'S'

function useItems(table: Table, how: string, index: string, keys: Condition[], filters: Condition[]) {
  const [state, setState] = useState<{ items: Item[]; next?: Item; note: string; loading: boolean; problem: string }>({ items: [], note: '', loading: false, problem: '' })
  const latest = useRef(0)                    // what an earlier question is answered with is of no interest any more
  const ask = (from?: Item): void => {
    const mine = ++latest.current
    setState((old) => ({ ...old, items: from ? old.items : [], loading: true, problem: '' }))
    const began = performance.now()
    invoke<Answer>('dynamodb', how === 'query' ? 'Query' : 'Scan', question(table, how, index, keys, filters, from)).then(
      (answer) => mine === latest.current && setState((old) => ({
        items: [...old.items, ...(answer.Items ?? [])], next: answer.LastEvaluatedKey, loading: false, problem: '',
        note: `${answer.Count} of ${answer.ScannedCount} read items fit; ${answer.ConsumedCapacity?.CapacityUnits ?? 0} capacity units; ${Math.round(performance.now() - began)} ms`,
      })),
      (error: Error) => mine === latest.current && setState((old) => ({ ...old, loading: false, problem: error.message })),
    )
  }
  useEffect(() => {
    if (how === 'scan') ask()
  }, [table.TableName, how, index])
  const { next } = state
  return { ...state, run: () => ask(), more: next && (() => ask(next)) }
}

function question(table: Table, how: string, index: string, keys: Condition[], filters: Condition[], from?: Item): Params {
  const filter = expression(filters.filter((one) => one.name), 'f')
  const key = expression(how === 'query' ? keys.filter((one, at) => at === 0 || one.value) : [], 'k')
  const names = { ...filter.names, ...key.names }
  const values = { ...filter.values, ...key.values }
  return {
    TableName: table.TableName, Limit: 300, ReturnConsumedCapacity: 'TOTAL',
    ...(index ? { IndexName: index } : {}), ...(key.text ? { KeyConditionExpression: key.text } : {}), ...(filter.text ? { FilterExpression: filter.text } : {}),
    ...(Object.keys(names).length ? { ExpressionAttributeNames: names } : {}), ...(Object.keys(values).length ? { ExpressionAttributeValues: values } : {}),
    ...(from ? { ExclusiveStartKey: from } : {}),
  }
}

function download(form: string, table: string, items: Item[], names: string[]): void {
  if (form === 'csv') {
    const cell = (text: string): string => (/[",\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text)
    return save(`${table}.csv`, [names, ...items.map((item) => names.map((name) => shownValue(item[name])))].map((row) => row.map(cell).join(',')).join('\n'), 'text/csv')
  }
  save(`${table}.json`, JSON.stringify(form === 'json' ? items.map(plainItem) : items, null, 2))
}
