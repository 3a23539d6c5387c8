// One user, group or role: its policies, members, keys, trust.
import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import FormField from '@cloudscape-design/components/form-field'
import Header from '@cloudscape-design/components/header'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Tabs from '@cloudscape-design/components/tabs'
import { useState } from 'react'
import { useParams } from 'react-router-dom'
import { invoke } from '../../api/calls'
import { useCall } from '../../api/use'
import { fail, tell } from '../../app/notices'
import { Dialog } from '../../parts/confirm'
import { DataTable } from '../../parts/data-table'
import { AreaField, TextField } from '../../parts/form-bits'
import { Json, moment, shown } from '../../parts/values'
import { Picker } from '../../generic/field'
import { type Entity, EXAMPLE, type Kind, member, NOUN } from './kinds'

type Me = { kind: Kind; name: string }

export function EntityPage({ kind }: { kind: Kind }) {
  const { name = '' } = useParams()
  const noun = NOUN[kind]
  const asked = useCall<Record<string, Entity>>('iam', `Get${noun}`, member(kind, name))
  const entity = asked.data?.[noun]
  if (asked.error) return <Alert type="error" header={name}>{asked.error.message}</Alert>
  const me = { kind, name }
  return (
    <SpaceBetween size="l">
      <Header variant="h1" description={entity?.Arn}>{name}</Header>
      {entity && <Container><KeyValuePairs columns={4} items={[{ label: 'Created', value: moment(entity.CreateDate) }, { label: 'Path', value: entity.Path }, { label: 'Boundary', value: entity.PermissionsBoundary?.PermissionsBoundaryArn.split('/').pop() ?? 'None' }, { label: 'Tags', value: (entity.Tags ?? []).map((tag) => `${tag.Key}=${tag.Value}`).join(', ') || 'None' }]} /></Container>}
      <Tabs tabs={[
        { id: 'permissions', label: 'Permissions', content: <SpaceBetween size="l"><Attached {...me} /><Inline {...me} /></SpaceBetween> },
        ...(kind === 'users' ? [{ id: 'groups', label: 'Groups', content: <Groups name={name} /> }, { id: 'keys', label: 'Access keys', content: <Keys name={name} /> }] : []),
        ...(kind === 'groups' ? [{ id: 'users', label: 'Users', content: <Members name={name} /> }] : []),
        ...(kind === 'roles' && entity ? [{ id: 'trust', label: 'Trust', content: <Trust name={name} text={entity.AssumeRolePolicyDocument} done={asked.reload} /> }] : []),
      ]} />
    </SpaceBetween>
  )
}

type AttachedRow = { PolicyName: string; PolicyArn: string }

function Attached({ kind, name }: Me) {
  const noun = NOUN[kind]
  const asked = useCall<{ AttachedPolicies?: AttachedRow[] }>('iam', `ListAttached${noun}Policies`, member(kind, name))
  const [picked, setPicked] = useState<AttachedRow[]>([])
  const [adding, setAdding] = useState(false)
  const detach = (): void => void invoke('iam', `Detach${noun}Policy`, { ...member(kind, name), PolicyArn: picked[0].PolicyArn }).then(() => { setPicked([]); asked.reload() }, fail)
  return (
    <>
      <DataTable variant="container" title="Attached policies" items={asked.data?.AttachedPolicies ?? []} loading={asked.loading} picked={picked} onPick={setPicked} trackBy="PolicyArn" empty="None is attached."
        columns={[{ id: 'name', header: 'Policy', cell: (row) => row.PolicyName, sortingField: 'PolicyName', isRowHeader: true }, { id: 'by', header: 'Kept by', cell: (row) => (row.PolicyArn.includes('::aws:') ? 'AWS' : 'You'), width: 120 }, { id: 'arn', header: 'ARN', cell: (row) => row.PolicyArn }]}
        actions={[<Button key="off" disabled={!picked[0]} onClick={detach}>Detach</Button>, <Button key="on" onClick={() => setAdding(true)}>Attach policy</Button>]} />
      {adding && <Attach me={{ kind, name }} close={() => setAdding(false)} done={asked.reload} />}
    </>
  )
}

function Attach({ me, close, done }: { me: Me; close: () => void; done: () => void }) {
  const [arn, setArn] = useState('')
  return (
    <Dialog title="Attach policy" button="Attach policy" close={close} disabled={!arn} act={async () => { await invoke('iam', `Attach${NOUN[me.kind]}Policy`, { ...member(me.kind, me.name), PolicyArn: arn }); tell('success', 'The policy is attached.'); done() }}>
      <FormField label="Policy"><Picker name="Policy" value={arn} set={setArn} from={{ service: 'iam', list: 'ListPolicies', result: 'Policies', value: 'Arn', label: 'PolicyName', params: { MaxItems: 1000 } }} /></FormField>
    </Dialog>
  )
}

function Inline({ kind, name }: Me) {
  const noun = NOUN[kind]
  const asked = useCall<{ PolicyNames?: string[] }>('iam', `List${noun}Policies`, member(kind, name))
  const [picked, setPicked] = useState<{ name: string }[]>([])
  const [editing, setEditing] = useState<{ name: string }>()
  const rows = (asked.data?.PolicyNames ?? []).map((one) => ({ name: one }))
  const remove = (): void => void invoke('iam', `Delete${noun}Policy`, { ...member(kind, name), PolicyName: picked[0].name }).then(() => { setPicked([]); asked.reload() }, fail)
  return (
    <>
      <DataTable variant="container" title="Inline policies" items={rows} loading={asked.loading} picked={picked} onPick={setPicked} trackBy="name" empty="None is written here."
        columns={[{ id: 'name', header: 'Policy', cell: (row) => row.name, sortingField: 'name', isRowHeader: true }]}
        actions={[<Button key="delete" disabled={!picked[0]} onClick={remove}>Delete policy</Button>, <Button key="edit" disabled={!picked[0]} onClick={() => setEditing(picked[0])}>Edit</Button>, <Button key="make" onClick={() => setEditing({ name: '' })}>Create inline policy</Button>]} />
      {editing && <InlineEditor key={editing.name} me={{ kind, name }} policy={editing.name} close={() => setEditing(undefined)} done={asked.reload} />}
    </>
  )
}

function InlineEditor({ me, policy, close, done }: { me: Me; policy: string; close: () => void; done: () => void }) {
  const noun = NOUN[me.kind]
  const told = useCall<{ PolicyDocument: unknown }>('iam', `Get${noun}Policy`, { ...member(me.kind, me.name), PolicyName: policy }, policy !== '')
  const [name, setName] = useState(policy)
  const [text, setText] = useState<string>()
  const shownText = text ?? JSON.stringify(policy ? (told.data?.PolicyDocument ?? {}) : EXAMPLE, null, 2)
  return (
    <Dialog title={policy || 'Create inline policy'} button="Save" size="large" close={close} disabled={!name} act={async () => { await invoke('iam', `Put${noun}Policy`, { ...member(me.kind, me.name), PolicyName: name, PolicyDocument: shownText }); tell('success', `${name} is saved.`); done() }}>
      {!policy && <TextField label="Policy name" value={name} set={setName} />}
      <AreaField label="Policy" value={shownText} set={setText} rows={16} />
    </Dialog>
  )
}

type GroupRow = { GroupName: string; Arn: string }

function Groups({ name }: { name: string }) {
  const asked = useCall<{ Groups?: GroupRow[] }>('iam', 'ListGroupsForUser', { UserName: name })
  const [picked, setPicked] = useState<GroupRow[]>([])
  const [adding, setAdding] = useState(false)
  const [group, setGroup] = useState('')
  const leave = (): void => void invoke('iam', 'RemoveUserFromGroup', { UserName: name, GroupName: picked[0].GroupName }).then(() => { setPicked([]); asked.reload() }, fail)
  return (
    <>
      <DataTable variant="container" title="Groups" items={asked.data?.Groups ?? []} loading={asked.loading} picked={picked} onPick={setPicked} trackBy="Arn" empty="In no group."
        columns={[{ id: 'name', header: 'Group', cell: (row) => row.GroupName, sortingField: 'GroupName', isRowHeader: true }, { id: 'arn', header: 'ARN', cell: (row) => row.Arn }]}
        actions={[<Button key="out" disabled={!picked[0]} onClick={leave}>Remove</Button>, <Button key="in" onClick={() => setAdding(true)}>Add to group</Button>]} />
      {adding && <Dialog title="Add to group" button="Add" close={() => setAdding(false)} disabled={!group} act={async () => { await invoke('iam', 'AddUserToGroup', { UserName: name, GroupName: group }); asked.reload() }}><FormField label="Group"><Picker name="Group" value={group} set={setGroup} from={{ service: 'iam', list: 'ListGroups', result: 'Groups', value: 'GroupName' }} /></FormField></Dialog>}
    </>
  )
}

function Members({ name }: { name: string }) {
  const asked = useCall<{ Users?: { UserName: string; Arn: string }[] }>('iam', 'GetGroup', { GroupName: name })
  return <DataTable variant="container" title="Users" items={asked.data?.Users ?? []} loading={asked.loading} empty="Nobody is in this group." columns={[{ id: 'name', header: 'User', cell: (row) => row.UserName, sortingField: 'UserName', isRowHeader: true }, { id: 'arn', header: 'ARN', cell: (row) => row.Arn }]} />
}

type KeyRow = { AccessKeyId: string; Status: string; CreateDate: string }

function Keys({ name }: { name: string }) {
  const asked = useCall<{ AccessKeyMetadata?: KeyRow[] }>('iam', 'ListAccessKeys', { UserName: name })
  const [picked, setPicked] = useState<KeyRow[]>([])
  const [made, setMade] = useState<{ AccessKeyId: string; SecretAccessKey: string }>()
  const one = picked[0]
  const changed = (): void => { setPicked([]); asked.reload() }
  const turn = (): void => void invoke('iam', 'UpdateAccessKey', { UserName: name, AccessKeyId: one.AccessKeyId, Status: one.Status === 'Active' ? 'Inactive' : 'Active' }).then(changed, fail)
  const end = (): void => void invoke('iam', 'DeleteAccessKey', { UserName: name, AccessKeyId: one.AccessKeyId }).then(changed, fail)
  const make = (): void => void invoke<{ AccessKey: { AccessKeyId: string; SecretAccessKey: string } }>('iam', 'CreateAccessKey', { UserName: name }).then(({ AccessKey }) => { setMade(AccessKey); changed() }, fail)
  return (
    <SpaceBetween size="m">
      {made && <Alert type="info" header="The secret is shown only now"><Json value={`aws_access_key_id = ${made.AccessKeyId}\naws_secret_access_key = ${made.SecretAccessKey}`} label="Access key" /></Alert>}
      <DataTable variant="container" title="Access keys" items={asked.data?.AccessKeyMetadata ?? []} loading={asked.loading} picked={picked} onPick={setPicked} trackBy="AccessKeyId" empty="No access keys."
        columns={[{ id: 'id', header: 'Key', cell: (row) => row.AccessKeyId, isRowHeader: true }, { id: 'status', header: 'Status', cell: (row) => shown('Status', row.Status) }, { id: 'made', header: 'Created', cell: (row) => moment(row.CreateDate) }]}
        actions={[<Button key="delete" disabled={!one} onClick={end}>Delete key</Button>, <Button key="turn" disabled={!one} onClick={turn}>{one?.Status === 'Inactive' ? 'Activate' : 'Deactivate'}</Button>, <Button key="make" onClick={make}>Create access key</Button>]} />
    </SpaceBetween>
  )
}

function Trust({ name, text, done }: { name: string; text: unknown; done: () => void }) {
  const [editing, setEditing] = useState(false)
  const [typed, setTyped] = useState(JSON.stringify(text, null, 2))
  return (
    <Container header={<Header variant="h2" description="Who may take this role." actions={<Button onClick={() => setEditing(true)}>Edit trust policy</Button>}>Trust policy</Header>}>
      <Json value={text} label="Trust policy" />
      {editing && <Dialog title="Trust policy" button="Save" size="large" close={() => setEditing(false)} act={async () => { await invoke('iam', 'UpdateAssumeRolePolicy', { RoleName: name, PolicyDocument: typed }); tell('success', 'The trust policy is saved.'); done() }}><AreaField label="Trust policy" value={typed} set={setTyped} rows={16} /></Dialog>}
    </Container>
  )
}
