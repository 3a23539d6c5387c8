// All users, groups or roles.
import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import Checkbox from '@cloudscape-design/components/checkbox'
import Link from '@cloudscape-design/components/link'
import { useState } from 'react'
import { invoke } from '../../api/calls'
import { session } from '../../api/session'
import { useListed } from '../../api/pages'
import { tell } from '../../app/notices'
import { at, follow, part } from '../../app/ways'
import { Confirm, Dialog } from '../../parts/confirm'
import { DataTable } from '../../parts/data-table'
import { AreaField, ChoiceField, TextField } from '../../parts/form-bits'
import { moment } from '../../parts/values'
import { end, type Entity, type Kind, member, nameOf, NOUN, trusting } from './kinds'

export function Entities({ kind }: { kind: Kind }) {
  const noun = NOUN[kind]
  const asked = useListed<Entity>('iam', `List${noun}s`, `${noun}s`, { in: 'Marker', out: 'Marker' }, { MaxItems: 1000 })
  const [picked, setPicked] = useState<Entity[]>([])
  const [doing, setDoing] = useState('')
  const one = picked[0] && nameOf(picked[0])
  const changed = (): void => { setPicked([]); asked.reload() }
  return (
    <>
      <DataTable
        title={`${noun}s`} items={asked.rows} loading={asked.loading} more={asked.more} picked={picked} onPick={setPicked} trackBy="Arn" empty={asked.error?.message ?? `No ${kind} yet.`}
        columns={[
          { id: 'name', header: 'Name', cell: (entity) => <Link href={at(`/iam/${kind}/${part(nameOf(entity))}`)} onFollow={follow}>{nameOf(entity)}</Link>, sortingComparator: (a, b) => nameOf(a).localeCompare(nameOf(b)), minWidth: 200, isRowHeader: true },
          { id: 'path', header: 'Path', cell: (entity) => entity.Path, sortingField: 'Path', width: 110 },
          { id: 'made', header: 'Created', cell: (entity) => moment(entity.CreateDate), sortingField: 'CreateDate', width: 190 },
          ...(kind === 'users' ? [{ id: 'used', header: 'Last sign-in', cell: (entity: Entity) => (entity.PasswordLastUsed ? moment(entity.PasswordLastUsed) : '–'), width: 190 }] : []),
          { id: 'arn', header: 'ARN', cell: (entity) => entity.Arn, minWidth: 320 },
        ]}
        actions={[
          <Button key="reload" iconName="refresh" ariaLabel="Refresh" onClick={asked.reload} />,
          <Button key="delete" disabled={!one} onClick={() => setDoing('delete')}>Delete</Button>,
          <Button key="make" variant="primary" onClick={() => setDoing('make')}>Create {noun.toLowerCase()}</Button>,
        ]}
      />
      {doing === 'make' && (kind === 'users' ? <MakeUser close={() => setDoing('')} done={changed} /> : kind === 'roles' ? <MakeRole close={() => setDoing('')} done={changed} /> : <MakeGroup close={() => setDoing('')} done={changed} />)}
      {doing === 'delete' && one && <Confirm title={`Delete ${noun.toLowerCase()}`} word={one} close={() => setDoing('')} act={async () => { await end(kind, one); tell('success', `${one} is deleted.`); changed() }}>All that hangs on it goes with it: policies{kind === 'users' ? ', keys, password, memberships' : kind === 'groups' ? ', memberships' : ''}.</Confirm>}
    </>
  )
}

type Making = { close: () => void; done: () => void }

function MakeUser({ close, done }: Making) {
  const [form, setForm] = useState({ name: '', password: '', path: '/' })
  const [key, setKey] = useState(false)
  return (
    <Dialog title="Create user" button="Create user" close={close} disabled={!form.name} act={async () => {
      const me = member('users', form.name)
      await invoke('iam', 'CreateUser', { ...me, Path: form.path })
      if (form.password) await invoke('iam', 'CreateLoginProfile', { ...me, Password: form.password })
      if (key) {
        const { AccessKey } = await invoke<{ AccessKey: { AccessKeyId: string; SecretAccessKey: string } }>('iam', 'CreateAccessKey', me)
        tell('info', `${AccessKey.AccessKeyId}  ${AccessKey.SecretAccessKey}`, 'The access key; its secret is shown only now')
      }
      tell('success', `${form.name} is there.`)
      done()
    }}>
      <TextField label="User name" value={form.name} set={(name) => setForm({ ...form, name })} />
      <TextField label={<>Console password<i> – optional</i></>} value={form.password} type="password" set={(password) => setForm({ ...form, password })} hint="With it, the user signs in here." />
      <TextField label="Path" value={form.path} set={(path) => setForm({ ...form, path })} />
      <Checkbox checked={key} onChange={(event) => setKey(event.detail.checked)}>Create an access key</Checkbox>
    </Dialog>
  )
}

function MakeGroup({ close, done }: Making) {
  const [name, setName] = useState('')
  return <Dialog title="Create group" button="Create group" close={close} disabled={!name} act={async () => { await invoke('iam', 'CreateGroup', { GroupName: name }); tell('success', `${name} is there.`); done() }}><TextField label="Group name" value={name} set={setName} /></Dialog>
}

const SERVICES = ['lambda', 'ec2', 'ecs-tasks', 'states', 'events', 'scheduler', 'apigateway', 'codebuild', 'firehose', 'glue']

function MakeRole({ close, done }: Making) {
  const account = session.use()?.account ?? ''
  const [name, setName] = useState('')
  const [who, setWho] = useState('lambda')
  const [text, setText] = useState(JSON.stringify(trusting({ Service: 'lambda.amazonaws.com' }), null, 2))
  const choose = (to: string): void => {
    setWho(to)
    setText(JSON.stringify(trusting(to === 'account' ? { AWS: `arn:aws:iam::${account}:root` } : { Service: `${to}.amazonaws.com` }), null, 2))
  }
  return (
    <Dialog title="Create role" button="Create role" size="large" close={close} disabled={!name} act={async () => { await invoke('iam', 'CreateRole', { RoleName: name, AssumeRolePolicyDocument: text }); tell('success', `${name} is there.`); done() }}>
      <TextField label="Role name" value={name} set={setName} />
      <ChoiceField label="Who takes it" value={who} set={choose} options={[['account', `This account, ${account}`], ...SERVICES.map((one): [string, string] => [one, one])]} />
      <AreaField label="Trust policy" value={text} set={setText} rows={12} />
      <Alert type="info">What the role may do is attached to it once it is there.</Alert>
    </Dialog>
  )
}
