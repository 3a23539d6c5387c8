// Functions that Lambda calls with the stream's records.
import Button from '@cloudscape-design/components/button'
import FormField from '@cloudscape-design/components/form-field'
import Link from '@cloudscape-design/components/link'
import { useState } from 'react'
import { invoke } from '../../api/calls'
import { tell } from '../../app/notices'
import { at, follow, part } from '../../app/ways'
import { Picker } from '../../generic/field'
import { Dialog } from '../../parts/confirm'
import { DataTable } from '../../parts/data-table'
import { ChoiceField, TextField } from '../../parts/form-bits'
import { useMappings } from '../../parts/mappings'
import { shown } from '../../parts/values'
import type { Stream } from './kinds'

export function Triggers({ stream }: { stream: Stream }) {
  const { asked, picked, setPicked, actions } = useMappings({ EventSourceArn: stream.StreamARN }, 'Remove')
  const [making, setMaking] = useState(false)
  return (
    <>
      <DataTable variant="container" title="Lambda triggers" description="Functions that Lambda calls with batches of the stream's records." items={asked.rows} loading={asked.loading} more={asked.more} picked={picked} onPick={setPicked} trackBy="UUID" empty={asked.error?.message ?? 'No function reads it.'}
        columns={[
          { id: 'of', header: 'Function', cell: (each) => <FunctionLink arn={each.FunctionArn} />, sortingField: 'FunctionArn', isRowHeader: true, minWidth: 220 },
          { id: 'state', header: 'State', cell: (each) => shown('State', each.State), sortingField: 'State', width: 150 },
          { id: 'from', header: 'From', cell: (each) => each.StartingPosition ?? '–', width: 150 },
          { id: 'batch', header: 'Batch size', cell: (each) => each.BatchSize, width: 120 },
          { id: 'last', header: 'Last result', cell: (each) => each.LastProcessingResult ?? '–' },
        ]}
        actions={[
          <Button key="reload" iconName="refresh" ariaLabel="Refresh triggers" onClick={asked.reload} />,
          ...actions,
          <Button key="make" onClick={() => setMaking(true)}>Add trigger</Button>,
        ]} />
      {making && <Add stream={stream} close={() => setMaking(false)} done={asked.reload} />}
    </>
  )
}

function FunctionLink({ arn }: { arn: string }) {
  const name = arn.split(':')[6]
  return <Link href={at(`/lambda/functions/${part(name)}?tab=triggers`)} onFollow={follow}>{name}</Link>
}

function Add({ stream, close, done }: { stream: Stream; close: () => void; done: () => void }) {
  const [form, setForm] = useState({ name: '', from: 'LATEST', batch: '100' })
  return (
    <Dialog title="Add trigger" button="Add" close={close} disabled={!form.name} act={async () => {
      await invoke('lambda', 'CreateEventSourceMapping', { FunctionName: form.name, EventSourceArn: stream.StreamARN, StartingPosition: form.from, BatchSize: Number(form.batch) })
      tell('success', `${form.name} reads the stream.`)
      done()
    }}>
      <FormField label="Function" description="Its role must be allowed to read the stream."><Picker name="Function" from={{ service: 'lambda', list: 'ListFunctions', result: 'Functions', value: 'FunctionName' }} value={form.name} set={(name) => setForm({ ...form, name })} /></FormField>
      <ChoiceField label="Starting with" value={form.from} set={(from) => setForm({ ...form, from })} options={[['LATEST', 'What comes from now on'], ['TRIM_HORIZON', 'The oldest record']]} />
      <TextField label="Batch size" type="number" value={form.batch} set={(batch) => setForm({ ...form, batch })} />
    </Dialog>
  )
}
