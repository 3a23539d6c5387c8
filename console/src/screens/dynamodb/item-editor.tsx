// One item as JSON, plain or DynamoDB's.
import FormField from '@cloudscape-design/components/form-field'
import SegmentedControl from '@cloudscape-design/components/segmented-control'
import Textarea from '@cloudscape-design/components/textarea'
import { useState } from 'react'
import { invoke } from '../../api/calls'
import { tell } from '../../app/notices'
import { Dialog } from '../../parts/confirm'
import type { Table } from './tables'
import { type Item, plainItem, typedItem } from './values'

export function ItemEditor({ table, item, close, done }: { table: Table; item?: Item; close: () => void; done: () => void }) {
  const first = item ? plainItem(item) : Object.fromEntries(table.KeySchema.map(({ AttributeName: name }) => [name, table.AttributeDefinitions.find((one) => one.AttributeName === name)?.AttributeType === 'N' ? 0 : '']))
  const [form, setForm] = useState('plain')
  const [text, setText] = useState(JSON.stringify(first, null, 2))
  const turn = (to: string): void => {
    try {
      const value = JSON.parse(text)
      setText(JSON.stringify(to === 'plain' ? plainItem(value) : typedItem(value), null, 2))
      setForm(to)
    } catch {
      tell('warning', 'The text is no JSON: mend it before you change its form.')
    }
  }
  const put = async (): Promise<void> => {
    const value = JSON.parse(text)
    const made: Item = form === 'plain' ? typedItem(value) : value
    const own = table.KeySchema.map((key) => key.AttributeName)
    await invoke('dynamodb', 'PutItem', {
      TableName: table.TableName, Item: made,
      // A new item does not silently take the place of another.
      ...(item ? {} : { ConditionExpression: 'attribute_not_exists(#k)', ExpressionAttributeNames: { '#k': own[0] } }),
    })
    if (item && own.some((name) => JSON.stringify(item[name]) !== JSON.stringify(made[name]))) {
      await invoke('dynamodb', 'DeleteItem', { TableName: table.TableName, Key: Object.fromEntries(own.map((name) => [name, item[name]])) })
    }
    tell('success', 'The item is saved.')
    done()
  }
  return (
    <Dialog title={item ? 'Edit item' : 'Create item'} button={item ? 'Save' : 'Create item'} size="large" close={close} act={put}>
      <SegmentedControl label="Form" selectedId={form} options={[{ id: 'plain', text: 'JSON' }, { id: 'dynamodb', text: 'DynamoDB JSON' }]} onChange={(event) => turn(event.detail.selectedId)} />
      <FormField stretch label="Item" description={form === 'plain' ? 'Sets, bytes and very long numbers are written in DynamoDB’s way: {"SS": ["a", "b"]}.' : 'Each value with its type: {"S": "text"}.'}>
        <Textarea className="editor" rows={16} value={text} spellcheck={false} onChange={(event) => setText(event.detail.value)} />
      </FormField>
    </Dialog>
  )
}
