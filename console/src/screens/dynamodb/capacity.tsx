// What a table takes and gives: on demand or provisioned, and provisioned units that follow the load.
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import { invoke } from '../../api/calls'
import { tell } from '../../app/notices'
import { Dialog } from '../../parts/confirm'
import { ChoiceField, TextField } from '../../parts/form-bits'
import { Scaling } from './scaling'
import type { Table, Units } from './tables'

const MODES: [string, string][] = [['PAY_PER_REQUEST', 'On demand'], ['PROVISIONED', 'Provisioned']]

const modeOf = (table: Table): string => table.BillingModeSummary?.BillingMode ?? 'PROVISIONED'

export function Capacity({ table, changed }: { table: Table; changed: () => void }) {
  const [editing, setEditing] = useState(false)
  const provisioned = modeOf(table) === 'PROVISIONED'
  const units = (name: keyof Units): string => (provisioned ? String(table.ProvisionedThroughput?.[name] ?? '–') : 'As many as are asked for')
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2" actions={<Button ariaLabel="Edit capacity" onClick={() => setEditing(true)}>Edit</Button>}>Capacity</Header>}>
        <KeyValuePairs columns={3} items={[
          { label: 'Capacity mode', value: MODES.find(([mode]) => mode === modeOf(table))?.[1] },
          { label: 'Read units', value: units('ReadCapacityUnits') }, { label: 'Write units', value: units('WriteCapacityUnits') },
        ]} />
      </Container>
      {provisioned && <Scaling table={table} changed={changed} />}
      {editing && <Edit table={table} close={() => setEditing(false)} done={changed} />}
    </SpaceBetween>
  )
}

function Edit({ table, close, done }: { table: Table; close: () => void; done: () => void }) {
  const was = table.ProvisionedThroughput
  const [form, setForm] = useState({ mode: modeOf(table), reads: String(was?.ReadCapacityUnits || 5), writes: String(was?.WriteCapacityUnits || 5) })
  const put = (name: keyof typeof form) => (value: string): void => setForm({ ...form, [name]: value })
  const provisioned = form.mode === 'PROVISIONED'
  const save = async (): Promise<void> => {
    const ProvisionedThroughput = { ReadCapacityUnits: Number(form.reads), WriteCapacityUnits: Number(form.writes) }
    // Indexes that have no units yet get the table's.
    const fresh = modeOf(table) === form.mode ? [] : (table.GlobalSecondaryIndexes ?? []).map(({ IndexName }) => ({ Update: { IndexName, ProvisionedThroughput } }))
    await invoke('dynamodb', 'UpdateTable', { TableName: table.TableName, BillingMode: form.mode, ...(provisioned ? { ProvisionedThroughput, ...(fresh.length ? { GlobalSecondaryIndexUpdates: fresh } : {}) } : {}) })
    tell('success', `The capacity of ${table.TableName} is changed.`)
    done()
  }
  return (
    <Dialog title="Capacity" button="Save" close={close} act={save}>
      <ChoiceField label="Capacity mode" value={form.mode} set={put('mode')} options={MODES} />
      {provisioned && <><TextField label="Read units" type="number" value={form.reads} set={put('reads')} /><TextField label="Write units" type="number" value={form.writes} set={put('writes')} /></>}
    </Dialog>
  )
}
