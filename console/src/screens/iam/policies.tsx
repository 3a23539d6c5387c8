// Managed policies and their versions.
import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import Header from '@cloudscape-design/components/header'
import Link from '@cloudscape-design/components/link'
import SegmentedControl from '@cloudscape-design/components/segmented-control'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Container from '@cloudscape-design/components/container'
import { useState } from 'react'
import { useParams } from 'react-router-dom'
import { invoke } from '../../api/calls'
import { useListed } from '../../api/pages'
import { useCall } from '../../api/use'
import { fail, tell } from '../../app/notices'
import { at, follow, part } from '../../app/ways'
import { Confirm, Dialog } from '../../parts/confirm'
import { DataTable } from '../../parts/data-table'
import { AreaField, TextField } from '../../parts/form-bits'
import { Json, moment } from '../../parts/values'
import { EXAMPLE } from './kinds'

type Policy = { PolicyName: string; Arn: string; AttachmentCount?: number; DefaultVersionId: string; CreateDate: string; Description?: string }
type Version = { VersionId: string; IsDefaultVersion: boolean; CreateDate: string }

export function Policies() {
  const [scope, setScope] = useState('Local')
  const asked = useListed<Policy>('iam', 'ListPolicies', 'Policies', { in: 'Marker', out: 'Marker' }, { Scope: scope, MaxItems: 1000 })
  const [picked, setPicked] = useState<Policy[]>([])
  const [doing, setDoing] = useState('')
  const one = picked[0]
  const changed = (): void => { setPicked([]); asked.reload() }
  return (
    <>
      <DataTable title="Policies" items={asked.rows} loading={asked.loading} more={asked.more} picked={picked} onPick={setPicked} trackBy="Arn" empty={asked.error?.message ?? 'No policies of your own yet.'}
        columns={[
          { id: 'name', header: 'Name', cell: (policy) => <Link href={at(`/iam/policies/${part(policy.Arn)}`)} onFollow={follow}>{policy.PolicyName}</Link>, sortingField: 'PolicyName', minWidth: 260, isRowHeader: true },
          { id: 'attached', header: 'Attached', cell: (policy) => policy.AttachmentCount ?? 0, sortingField: 'AttachmentCount', width: 120 },
          { id: 'made', header: 'Created', cell: (policy) => moment(policy.CreateDate), sortingField: 'CreateDate', width: 190 },
          { id: 'arn', header: 'ARN', cell: (policy) => policy.Arn },
        ]}
        actions={[
          <div key="scope" className="choice"><SegmentedControl label="Whose policies" selectedId={scope} onChange={(event) => { setScope(event.detail.selectedId); setPicked([]) }} options={[{ id: 'Local', text: 'Yours' }, { id: 'AWS', text: 'AWS’s' }]} /></div>,
          <Button key="reload" iconName="refresh" ariaLabel="Refresh" onClick={asked.reload} />,
          <Button key="delete" disabled={!one || scope === 'AWS'} onClick={() => setDoing('delete')}>Delete</Button>,
          <Button key="make" variant="primary" onClick={() => setDoing('make')}>Create policy</Button>,
        ]} />
      {doing === 'make' && <Make close={() => setDoing('')} done={changed} />}
      {doing === 'delete' && one && <Confirm title="Delete policy" close={() => setDoing('')} act={async () => {
        const { Versions = [] } = await invoke<{ Versions?: Version[] }>('iam', 'ListPolicyVersions', { PolicyArn: one.Arn })
        for (const version of Versions.filter((each) => !each.IsDefaultVersion)) await invoke('iam', 'DeletePolicyVersion', { PolicyArn: one.Arn, VersionId: version.VersionId })
        await invoke('iam', 'DeletePolicy', { PolicyArn: one.Arn })
        tell('success', `${one.PolicyName} is deleted.`)
        changed()
      }}>{one.PolicyName} must be attached to nobody. Its versions go with it.</Confirm>}
    </>
  )
}

function Make({ close, done }: { close: () => void; done: () => void }) {
  const [name, setName] = useState('')
  const [text, setText] = useState(JSON.stringify(EXAMPLE, null, 2))
  return (
    <Dialog title="Create policy" button="Create policy" size="large" close={close} disabled={!name} act={async () => { await invoke('iam', 'CreatePolicy', { PolicyName: name, PolicyDocument: text }); tell('success', `${name} is there.`); done() }}>
      <TextField label="Policy name" value={name} set={setName} />
      <AreaField label="Policy" value={text} set={setText} rows={16} />
    </Dialog>
  )
}

export function PolicyPage() {
  const { arn = '' } = useParams()
  const versions = useCall<{ Versions?: Version[] }>('iam', 'ListPolicyVersions', { PolicyArn: arn })
  const [picked, setPicked] = useState<Version[]>([])
  const all = versions.data?.Versions ?? []
  const id = picked[0]?.VersionId ?? all.find((one) => one.IsDefaultVersion)?.VersionId ?? ''
  const told = useCall<{ PolicyVersion: { Document: unknown } }>('iam', 'GetPolicyVersion', { PolicyArn: arn, VersionId: id }, id !== '')
  const [editing, setEditing] = useState(false)
  const own = !arn.includes('::aws:')
  const use = (): void => void invoke('iam', 'SetDefaultPolicyVersion', { PolicyArn: arn, VersionId: id }).then(versions.reload, fail)
  if (versions.error) return <Alert type="error" header={arn}>{versions.error.message}</Alert>
  return (
    <SpaceBetween size="l">
      <Header variant="h1" description={arn} actions={<Button variant="primary" disabled={!own || !told.data} onClick={() => setEditing(true)}>Edit</Button>}>{arn.split('/').pop()}</Header>
      <Container header={<Header variant="h2">Version {id}</Header>}><Json value={told.data?.PolicyVersion.Document ?? {}} label="Policy" /></Container>
      <DataTable variant="container" title="Versions" items={all} picked={picked} onPick={setPicked} trackBy="VersionId"
        columns={[{ id: 'id', header: 'Version', cell: (one) => one.VersionId, isRowHeader: true }, { id: 'default', header: 'In force', cell: (one) => (one.IsDefaultVersion ? 'Yes' : '–') }, { id: 'made', header: 'Created', cell: (one) => moment(one.CreateDate) }]}
        actions={<Button disabled={!own || !picked[0] || picked[0].IsDefaultVersion} onClick={use}>Put in force</Button>} />
      {editing && <Edit arn={arn} first={told.data?.PolicyVersion.Document} close={() => setEditing(false)} done={() => { setPicked([]); versions.reload() }} />}
    </SpaceBetween>
  )
}

function Edit({ arn, first, close, done }: { arn: string; first: unknown; close: () => void; done: () => void }) {
  const [text, setText] = useState(JSON.stringify(first, null, 2))
  return <Dialog title="Edit policy" button="Save as a new version" size="large" close={close} act={async () => { await invoke('iam', 'CreatePolicyVersion', { PolicyArn: arn, PolicyDocument: text, SetAsDefault: true }); tell('success', 'The new version is in force.'); done() }}><AreaField label="Policy" value={text} set={setText} rows={18} /></Dialog>
}
