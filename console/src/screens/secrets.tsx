// Secrets: shown on demand, with their versions.
import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import Link from '@cloudscape-design/components/link'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Tabs from '@cloudscape-design/components/tabs'
import { useState } from 'react'
import { Route, Routes, useParams } from 'react-router-dom'
import { invoke } from '../api/calls'
import { useListed } from '../api/pages'
import { useCall } from '../api/use'
import { fail, tell } from '../app/notices'
import { at, follow, part } from '../app/ways'
import { Confirm, Dialog } from '../parts/confirm'
import { DataTable } from '../parts/data-table'
import { AreaField, TextField } from '../parts/form-bits'
import { Json, moment, pretty } from '../parts/values'

export default function Secrets() {
  return <Routes><Route path="secrets?" element={<All />} /><Route path="secrets/:secret" element={<Secret />} /></Routes>
}

type Row = { ARN: string; Name: string; Description?: string; LastChangedDate?: string; LastRotatedDate?: string; DeletedDate?: string; RotationEnabled?: boolean }

function All() {
  const asked = useListed<Row>('secretsmanager', 'ListSecrets', 'SecretList', { in: 'NextToken', out: 'NextToken' }, { MaxResults: 100, IncludePlannedDeletion: true })
  const [picked, setPicked] = useState<Row[]>([])
  const [doing, setDoing] = useState('')
  const one = picked[0]
  const changed = (): void => { setPicked([]); asked.reload() }
  return (
    <>
      <DataTable title="Secrets" items={asked.rows} loading={asked.loading} more={asked.more} picked={picked} onPick={setPicked} trackBy="ARN" empty={asked.error?.message ?? 'No secrets yet.'}
        columns={[
          { id: 'name', header: 'Name', cell: (row) => <Link href={at(`/secretsmanager/secrets/${part(row.Name)}`)} onFollow={follow}>{row.Name}</Link>, sortingField: 'Name', minWidth: 220, isRowHeader: true },
          { id: 'about', header: 'Description', cell: (row) => row.Description || '–' },
          { id: 'changed', header: 'Changed', cell: (row) => (row.LastChangedDate ? moment(row.LastChangedDate) : '–'), sortingField: 'LastChangedDate', width: 190 },
          { id: 'rotates', header: 'Rotates', cell: (row) => (row.RotationEnabled ? 'Yes' : 'No'), width: 110 },
          { id: 'deleted', header: 'Deleted', cell: (row) => (row.DeletedDate ? moment(row.DeletedDate) : '–'), width: 190 },
        ]}
        actions={[
          <Button key="reload" iconName="refresh" ariaLabel="Refresh" onClick={asked.reload} />,
          one?.DeletedDate ? <Button key="restore" onClick={() => void invoke('secretsmanager', 'RestoreSecret', { SecretId: one.ARN }).then(changed, fail)}>Restore</Button> : <Button key="delete" disabled={!one} onClick={() => setDoing('delete')}>Delete</Button>,
          <Button key="make" variant="primary" onClick={() => setDoing('make')}>Store secret</Button>,
        ]} />
      {doing === 'make' && <Make close={() => setDoing('')} done={changed} />}
      {doing === 'delete' && one && <Confirm title="Delete secret" close={() => setDoing('')} act={async () => { await invoke('secretsmanager', 'DeleteSecret', { SecretId: one.ARN, RecoveryWindowInDays: 7 }); tell('success', `${one.Name} is deleted in seven days.`); changed() }}>{one.Name} can be restored for seven days.</Confirm>}
    </>
  )
}

function Make({ close, done }: { close: () => void; done: () => void }) {
  const [form, setForm] = useState({ name: '', about: '', value: '{\n  "username": "",\n  "password": ""\n}' })
  return (
    <Dialog title="Store secret" button="Store secret" close={close} disabled={!form.name} act={async () => { await invoke('secretsmanager', 'CreateSecret', { Name: form.name, SecretString: form.value, ...(form.about ? { Description: form.about } : {}) }); tell('success', `${form.name} is stored.`); done() }}>
      <TextField label="Secret name" value={form.name} set={(name) => setForm({ ...form, name })} />
      <TextField label={<>Description<i> – optional</i></>} value={form.about} set={(about) => setForm({ ...form, about })} />
      <AreaField label="Value" value={form.value} set={(value) => setForm({ ...form, value })} />
    </Dialog>
  )
}

type Version = { VersionId: string; VersionStages?: string[]; CreatedDate: string }

function Secret() {
  const { secret = '' } = useParams()
  const told = useCall<Record<string, unknown>>('secretsmanager', 'DescribeSecret', { SecretId: secret })
  const versions = useCall<{ Versions?: Version[] }>('secretsmanager', 'ListSecretVersionIds', { SecretId: secret, IncludeDeprecated: true })
  const [value, setValue] = useState<string>()
  const [editing, setEditing] = useState(false)
  const [typed, setTyped] = useState('')
  const reveal = (version?: string): void => void invoke<{ SecretString?: string; SecretBinary?: { base64: string } }>('secretsmanager', 'GetSecretValue', { SecretId: secret, ...(version ? { VersionId: version } : {}) }).then((found) => setValue(found.SecretString ?? found.SecretBinary?.base64 ?? ''), fail)
  if (told.error) return <Alert type="error" header={secret}>{told.error.message}</Alert>
  return (
    <SpaceBetween size="l">
      <Header variant="h1" description={String(told.data?.ARN ?? '')}>{secret}</Header>
      <Container header={<Header variant="h2" actions={<SpaceBetween direction="horizontal" size="xs"><Button onClick={() => (value === undefined ? reveal() : setValue(undefined))}>{value === undefined ? 'Show value' : 'Hide value'}</Button><Button onClick={() => { setTyped(value ?? ''); setEditing(true) }}>Put new value</Button></SpaceBetween>}>Value</Header>}>
        {value === undefined ? '••••••••' : <Json value={pretty(value)} label="Secret value" />}
      </Container>
      <Tabs tabs={[
        { id: 'versions', label: 'Versions', content: <DataTable variant="container" title="Versions" items={versions.data?.Versions ?? []} loading={versions.loading} columns={[{ id: 'id', header: 'Version', cell: (one) => <Button variant="inline-link" onClick={() => reveal(one.VersionId)}>{one.VersionId}</Button>, isRowHeader: true }, { id: 'stages', header: 'Stages', cell: (one) => (one.VersionStages ?? []).join(', ') || '–' }, { id: 'made', header: 'Created', cell: (one) => moment(one.CreatedDate) }]} /> },
        { id: 'details', label: 'Details', content: <Json value={told.data ?? {}} label="Details" /> },
      ]} />
      {editing && <Dialog title="Put new value" button="Put" close={() => setEditing(false)} disabled={!typed} act={async () => { await invoke('secretsmanager', 'PutSecretValue', { SecretId: secret, SecretString: typed }); tell('success', 'The new value is in force.'); setValue(undefined); versions.reload() }}><AreaField label="Value" value={typed} set={setTyped} rows={8} /></Dialog>}
    </SpaceBetween>
  )
}
