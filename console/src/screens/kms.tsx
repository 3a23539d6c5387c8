// Keys, and a box to encrypt and decrypt in.
import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import Link from '@cloudscape-design/components/link'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Tabs from '@cloudscape-design/components/tabs'
import Toggle from '@cloudscape-design/components/toggle'
import { useState } from 'react'
import { Route, Routes, useParams } from 'react-router-dom'
import { invoke } from '../api/calls'
import { usePaged } from '../api/pages'
import { region, session } from '../api/session'
import { useCall } from '../api/use'
import { fail, tell } from '../app/notices'
import { at, follow, part } from '../app/ways'
import { type Bytes, textOf } from '../parts/bytes'
import { Confirm, Dialog } from '../parts/confirm'
import { DataTable } from '../parts/data-table'
import { AreaField, ChoiceField, TextField } from '../parts/form-bits'
import { Json, moment, pretty, shown } from '../parts/values'

export default function KMS() {
  return <Routes><Route path="keys?" element={<Keys />} /><Route path="keys/:key" element={<Key />} /></Routes>
}

type Metadata = { KeyId: string; Arn: string; KeyState: string; Enabled: boolean; Description?: string; KeySpec: string; KeyUsage: string; KeyManager: string; CreationDate: string; DeletionDate?: string }
type Row = Metadata & { alias: string }

// Each key is asked about, so a page is no longer than it is shown.
async function page(Marker?: string): Promise<{ rows: Row[]; next?: string }> {
  const { Keys = [], NextMarker: next } = await invoke<{ Keys?: { KeyId: string }[]; NextMarker?: string }>('kms', 'ListKeys', { Limit: 50, ...(Marker ? { Marker } : {}) })
  const rows = await Promise.all(Keys.map(async ({ KeyId }) => {
    const [{ KeyMetadata }, { Aliases = [] }] = await Promise.all([invoke<{ KeyMetadata: Metadata }>('kms', 'DescribeKey', { KeyId }), invoke<{ Aliases?: { AliasName: string }[] }>('kms', 'ListAliases', { KeyId })])
    return { ...KeyMetadata, alias: Aliases.map((one) => one.AliasName).join(', ') }
  }))
  return { rows, next }
}

function Keys() {
  const asked = usePaged(page, [region.use(), session.use()?.token])
  const [picked, setPicked] = useState<Row[]>([])
  const [doing, setDoing] = useState('')
  const one = picked[0]
  const changed = (): void => { setPicked([]); asked.reload() }
  const turn = (): void => void invoke('kms', one.Enabled ? 'DisableKey' : 'EnableKey', { KeyId: one.KeyId }).then(changed, fail)
  return (
    <>
      <DataTable title="Keys" items={asked.rows} loading={asked.loading} more={asked.more} picked={picked} onPick={setPicked} trackBy="KeyId" empty={asked.error?.message ?? 'No keys yet.'}
        columns={[
          { id: 'alias', header: 'Alias', cell: (key) => key.alias || '–', sortingField: 'alias', width: 200 },
          { id: 'id', header: 'Key ID', cell: (key) => <Link href={at(`/kms/keys/${part(key.KeyId)}`)} onFollow={follow}>{key.KeyId}</Link>, sortingField: 'KeyId', minWidth: 340, isRowHeader: true },
          { id: 'state', header: 'State', cell: (key) => shown('State', key.KeyState), width: 160 },
          { id: 'about', header: 'Description', cell: (key) => key.Description || '–', width: 220 },
          { id: 'spec', header: 'Spec', cell: (key) => key.KeySpec, width: 220 },
          { id: 'use', header: 'Use', cell: (key) => key.KeyUsage, width: 220 },
        ]}
        actions={[
          <Button key="reload" iconName="refresh" ariaLabel="Refresh" onClick={asked.reload} />,
          <Button key="turn" disabled={!one || !/^(Enabled|Disabled)$/.test(one.KeyState)} onClick={turn}>{one && !one.Enabled ? 'Enable' : 'Disable'}</Button>,
          one?.KeyState === 'PendingDeletion' ? <Button key="cancel" onClick={() => void invoke('kms', 'CancelKeyDeletion', { KeyId: one.KeyId }).then(changed, fail)}>Cancel deletion</Button> : <Button key="delete" disabled={!one} onClick={() => setDoing('delete')}>Schedule deletion</Button>,
          <Button key="make" variant="primary" onClick={() => setDoing('make')}>Create key</Button>,
        ]} />
      {doing === 'make' && <Make close={() => setDoing('')} done={changed} />}
      {doing === 'delete' && one && <Confirm title="Schedule deletion" button="Schedule deletion" close={() => setDoing('')} act={async () => { await invoke('kms', 'ScheduleKeyDeletion', { KeyId: one.KeyId, PendingWindowInDays: 7 }); tell('success', 'The key is deleted in seven days. Move the clock to see it.'); changed() }}>What the key encrypted can never be read again after seven days.</Confirm>}
    </>
  )
}

const SPECS: [string, string][] = [['SYMMETRIC_DEFAULT ENCRYPT_DECRYPT', 'Symmetric, to encrypt'], ['RSA_2048 ENCRYPT_DECRYPT', 'RSA 2048, to encrypt'], ['RSA_2048 SIGN_VERIFY', 'RSA 2048, to sign'], ['ECC_NIST_P256 SIGN_VERIFY', 'ECC P-256, to sign'], ['HMAC_256 GENERATE_VERIFY_MAC', 'HMAC 256']]

function Make({ close, done }: { close: () => void; done: () => void }) {
  const [form, setForm] = useState({ spec: SPECS[0][0], alias: '', about: '' })
  return (
    <Dialog title="Create key" button="Create key" close={close} act={async () => {
      const [KeySpec, KeyUsage] = form.spec.split(' ')
      const { KeyMetadata } = await invoke<{ KeyMetadata: Metadata }>('kms', 'CreateKey', { KeySpec, KeyUsage, ...(form.about ? { Description: form.about } : {}) })
      if (form.alias) await invoke('kms', 'CreateAlias', { AliasName: form.alias.startsWith('alias/') ? form.alias : `alias/${form.alias}`, TargetKeyId: KeyMetadata.KeyId })
      tell('success', `${KeyMetadata.KeyId} is there.`)
      done()
    }}>
      <ChoiceField label="Kind" value={form.spec} set={(spec) => setForm({ ...form, spec })} options={SPECS} />
      <TextField label={<>Alias<i> – optional</i></>} value={form.alias} set={(alias) => setForm({ ...form, alias })} placeholder="alias/…" />
      <TextField label={<>Description<i> – optional</i></>} value={form.about} set={(about) => setForm({ ...form, about })} />
    </Dialog>
  )
}

function Key() {
  const { key = '' } = useParams()
  const asked = useCall<{ KeyMetadata: Metadata }>('kms', 'DescribeKey', { KeyId: key })
  const policy = useCall<{ Policy: string }>('kms', 'GetKeyPolicy', { KeyId: key })
  const told = asked.data?.KeyMetadata
  const symmetric = told?.KeySpec === 'SYMMETRIC_DEFAULT'
  if (asked.error) return <Alert type="error" header={key}>{asked.error.message}</Alert>
  return (
    <SpaceBetween size="l">
      <Header variant="h1" description={told?.Arn}>{key}</Header>
      {told && <Container><KeyValuePairs columns={4} items={[{ label: 'State', value: shown('State', told.KeyState) }, { label: 'Spec', value: told.KeySpec }, { label: 'Use', value: told.KeyUsage }, { label: 'Created', value: moment(told.CreationDate) }, ...(told.DeletionDate ? [{ label: 'Deleted at', value: moment(told.DeletionDate) }] : [])]} /></Container>}
      <Tabs tabs={[
        ...(told?.KeyUsage === 'ENCRYPT_DECRYPT' && symmetric ? [{ id: 'box', label: 'Encrypt and decrypt', content: <Try id={key} /> }, { id: 'rotation', label: 'Rotation', content: <Rotation id={key} /> }] : []),
        { id: 'policy', label: 'Key policy', content: <Policy id={key} text={pretty(policy.data?.Policy ?? '{}')} done={policy.reload} /> },
      ]} />
    </SpaceBetween>
  )
}

function Try({ id }: { id: string }) {
  const [plain, setPlain] = useState('')
  const [sealed, setSealed] = useState('')
  const encrypt = (): void => void invoke<{ CiphertextBlob: Bytes }>('kms', 'Encrypt', { KeyId: id, Plaintext: plain }).then(({ CiphertextBlob }) => setSealed(CiphertextBlob.base64), fail)
  const decrypt = (): void => void invoke<{ Plaintext: Bytes }>('kms', 'Decrypt', { KeyId: id, CiphertextBlob: { base64: sealed.trim() } }).then(({ Plaintext }) => setPlain(textOf(Plaintext.base64)), fail)
  return (
    <SpaceBetween size="m">
      <AreaField label="Text" value={plain} set={setPlain} rows={4} />
      <SpaceBetween direction="horizontal" size="xs"><Button disabled={!plain} onClick={encrypt}>Encrypt</Button><Button disabled={!sealed} onClick={decrypt}>Decrypt</Button></SpaceBetween>
      <AreaField label="Encrypted, in base64" value={sealed} set={setSealed} rows={5} />
    </SpaceBetween>
  )
}

function Rotation({ id }: { id: string }) {
  const asked = useCall<{ KeyRotationEnabled: boolean; NextRotationDate?: string }>('kms', 'GetKeyRotationStatus', { KeyId: id })
  const past = useCall<{ Rotations?: { RotationDate: string; RotationType: string }[] }>('kms', 'ListKeyRotations', { KeyId: id })
  const turn = (to: boolean): void => void invoke('kms', to ? 'EnableKeyRotation' : 'DisableKeyRotation', { KeyId: id }).then(asked.reload, fail)
  return (
    <SpaceBetween size="m">
      <Toggle checked={asked.data?.KeyRotationEnabled ?? false} disabled={asked.loading} onChange={(event) => turn(event.detail.checked)}>Every year{asked.data?.NextRotationDate && `, next on ${moment(asked.data.NextRotationDate)}`}</Toggle>
      <Button onClick={() => void invoke('kms', 'RotateKeyOnDemand', { KeyId: id }).then(past.reload, fail)}>Rotate now</Button>
      <DataTable variant="container" title="Rotations" items={past.data?.Rotations ?? []} empty="None yet." columns={[{ id: 'at', header: 'When', cell: (one) => moment(one.RotationDate) }, { id: 'type', header: 'How', cell: (one) => one.RotationType }]} />
    </SpaceBetween>
  )
}

function Policy({ id, text, done }: { id: string; text: string; done: () => void }) {
  const [editing, setEditing] = useState(false)
  const [typed, setTyped] = useState<string>()
  return (
    <SpaceBetween size="m">
      <Button onClick={() => { setTyped(text); setEditing(true) }}>Edit key policy</Button>
      <Json value={text} label="Key policy" />
      {editing && <Dialog title="Key policy" button="Save" size="large" close={() => setEditing(false)} act={async () => { await invoke('kms', 'PutKeyPolicy', { KeyId: id, Policy: typed }); tell('success', 'The policy is saved.'); done() }}><AreaField label="Key policy" value={typed ?? text} set={setTyped} rows={18} /></Dialog>}
    </SpaceBetween>
  )
}
