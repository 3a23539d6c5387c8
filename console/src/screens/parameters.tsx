// Parameters by path.
import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import Link from '@cloudscape-design/components/link'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import { Route, Routes, useParams } from 'react-router-dom'
import { invoke } from '../api/calls'
import { useListed } from '../api/pages'
import { useCall } from '../api/use'
import { tell } from '../app/notices'
import { at, follow, part } from '../app/ways'
import { Confirm, Dialog } from '../parts/confirm'
import { DataTable } from '../parts/data-table'
import { AreaField, ChoiceField, TextField } from '../parts/form-bits'
import { Json, moment } from '../parts/values'

export default function Parameters() {
  return <Routes><Route path="parameters?" element={<All />} /><Route path="parameters/:name" element={<Parameter />} /></Routes>
}

type Row = { Name: string; Type: string; Version: number; LastModifiedDate: string; Description?: string; Tier?: string }

function All() {
  const asked = useListed<Row>('ssm', 'DescribeParameters', 'Parameters', { in: 'NextToken', out: 'NextToken' }, { MaxResults: 50 })
  const [picked, setPicked] = useState<Row[]>([])
  const [doing, setDoing] = useState('')
  const one = picked[0]
  const changed = (): void => { setPicked([]); asked.reload() }
  return (
    <>
      <DataTable title="Parameters" items={asked.rows} loading={asked.loading} more={asked.more} picked={picked} onPick={setPicked} multi trackBy="Name" empty={asked.error?.message ?? 'No parameters yet.'}
        columns={[
          { id: 'name', header: 'Name', cell: (row) => <Link href={at(`/ssm/parameters/${part(row.Name)}`)} onFollow={follow}>{row.Name}</Link>, sortingField: 'Name', minWidth: 260, isRowHeader: true },
          { id: 'type', header: 'Type', cell: (row) => row.Type, sortingField: 'Type', width: 140 },
          { id: 'version', header: 'Version', cell: (row) => row.Version, sortingField: 'Version', width: 110 },
          { id: 'changed', header: 'Changed', cell: (row) => moment(row.LastModifiedDate), sortingField: 'LastModifiedDate', width: 190 },
          { id: 'about', header: 'Description', cell: (row) => row.Description || '–' },
        ]}
        actions={[
          <Button key="reload" iconName="refresh" ariaLabel="Refresh" onClick={asked.reload} />,
          <Button key="delete" disabled={!one} onClick={() => setDoing('delete')}>Delete</Button>,
          <Button key="make" variant="primary" onClick={() => setDoing('make')}>Create parameter</Button>,
        ]} />
      {doing === 'make' && <Put close={() => setDoing('')} done={changed} />}
      {doing === 'delete' && one && <Confirm title="Delete parameters" close={() => setDoing('')} act={async () => {
        await invoke('ssm', 'DeleteParameters', { Names: picked.map((row) => row.Name).slice(0, 10) })
        tell('success', 'Deleted.')
        changed()
      }}><ul>{picked.slice(0, 10).map((row) => <li key={row.Name}>{row.Name}</li>)}</ul></Confirm>}
    </>
  )
}

function Put({ first, close, done }: { first?: { Name: string; Type: string; Value: string }; close: () => void; done: () => void }) {
  const [form, setForm] = useState({ name: first?.Name ?? '', type: first?.Type ?? 'String', value: first?.Value ?? '' })
  return (
    <Dialog title={first ? 'New version' : 'Create parameter'} button={first ? 'Save' : 'Create parameter'} close={close} disabled={!form.name || !form.value} act={async () => {
      await invoke('ssm', 'PutParameter', { Name: form.name, Type: form.type, Value: form.value, ...(first ? { Overwrite: true } : {}) })
      tell('success', `${form.name} is saved.`)
      done()
    }}>
      {!first && <TextField label="Parameter name" value={form.name} set={(name) => setForm({ ...form, name })} placeholder="/app/prod/url" />}
      <ChoiceField label="Type" value={form.type} set={(type) => setForm({ ...form, type })} options={['String', 'StringList', 'SecureString']} />
      <AreaField label="Value" value={form.value} set={(value) => setForm({ ...form, value })} />
    </Dialog>
  )
}

type History = { Version: number; Value: string; LastModifiedDate: string; LastModifiedUser: string }

function Parameter() {
  const { name = '' } = useParams()
  const [open, setOpen] = useState(false)
  const [editing, setEditing] = useState(false)
  const asked = useCall<{ Parameter: { Name: string; Type: string; Value: string; Version: number; ARN: string } }>('ssm', 'GetParameter', { Name: name, WithDecryption: open })
  const past = useCall<{ Parameters?: History[] }>('ssm', 'GetParameterHistory', { Name: name, WithDecryption: open })
  const told = asked.data?.Parameter
  if (asked.error) return <Alert type="error" header={name}>{asked.error.message}</Alert>
  return (
    <SpaceBetween size="l">
      <Header variant="h1" description={told?.ARN}>{name}</Header>
      {told && <Container header={<Header variant="h2" actions={<SpaceBetween direction="horizontal" size="xs">{told.Type === 'SecureString' && <Button onClick={() => setOpen(!open)}>{open ? 'Hide value' : 'Show value'}</Button>}<Button onClick={() => setEditing(true)}>Edit</Button></SpaceBetween>}>{told.Type}, version {told.Version}</Header>}><Json value={told.Value} label="Value" /></Container>}
      <DataTable variant="container" title="History" items={[...(past.data?.Parameters ?? [])].reverse()} loading={past.loading} columns={[{ id: 'version', header: 'Version', cell: (one) => one.Version, isRowHeader: true, width: 110 }, { id: 'value', header: 'Value', cell: (one) => one.Value }, { id: 'at', header: 'When', cell: (one) => moment(one.LastModifiedDate), width: 190 }, { id: 'who', header: 'Who', cell: (one) => one.LastModifiedUser }]} />
      {editing && told && <Put first={told} close={() => setEditing(false)} done={() => { asked.reload(); past.reload() }} />}
    </SpaceBetween>
  )
}
