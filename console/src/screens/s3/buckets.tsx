// All buckets.
import Button from '@cloudscape-design/components/button'
import Checkbox from '@cloudscape-design/components/checkbox'
import Link from '@cloudscape-design/components/link'
import { useState } from 'react'
import { invoke } from '../../api/calls'
import { region } from '../../api/session'
import { useCall } from '../../api/use'
import { tell } from '../../app/notices'
import { at, follow, part } from '../../app/ways'
import { Confirm, Dialog } from '../../parts/confirm'
import { DataTable } from '../../parts/data-table'
import { TextField } from '../../parts/form-bits'
import { moment } from '../../parts/values'
import { empty } from './objects-api'

type Bucket = { Name: string; CreationDate: string; BucketRegion?: string }

export default function Buckets() {
  const asked = useCall<{ Buckets?: Bucket[] }>('s3', 'ListBuckets', { MaxBuckets: 10_000 })          // a bucket's region is told to whoever says how many
  const [picked, setPicked] = useState<Bucket[]>([])
  const [doing, setDoing] = useState('')
  const changed = (): void => {
    setPicked([])
    asked.reload()
  }
  const name = picked[0]?.Name ?? ''
  return (
    <>
      <DataTable
        title="Buckets" items={asked.data?.Buckets ?? []} loading={asked.loading} picked={picked} onPick={setPicked} trackBy="Name" empty={asked.error?.message ?? 'No buckets yet.'}
        columns={[
          { id: 'name', header: 'Name', cell: (bucket) => <Link href={at(`/s3/buckets/${part(bucket.Name)}`)} onFollow={follow}>{bucket.Name}</Link>, sortingField: 'Name', minWidth: 260, isRowHeader: true },
          { id: 'region', header: 'Region', cell: (bucket) => bucket.BucketRegion ?? '–', sortingField: 'BucketRegion' },
          { id: 'made', header: 'Creation date', cell: (bucket) => moment(bucket.CreationDate), sortingField: 'CreationDate' },
        ]}
        actions={[
          <Button key="reload" iconName="refresh" ariaLabel="Refresh" onClick={asked.reload} />,
          <Button key="empty" disabled={!name} onClick={() => setDoing('empty')}>Empty</Button>,
          <Button key="delete" disabled={!name} onClick={() => setDoing('delete')}>Delete</Button>,
          <Button key="make" variant="primary" onClick={() => setDoing('make')}>Create bucket</Button>,
        ]}
      />
      {doing === 'make' && <Make close={() => setDoing('')} done={changed} />}
      {doing === 'delete' && (
        <Confirm title="Delete bucket" word={name} close={() => setDoing('')} act={async () => { await invoke('s3', 'DeleteBucket', { Bucket: name }); tell('success', `${name} is deleted.`); changed() }}>
          The bucket must be empty. Its name is free again then.
        </Confirm>
      )}
      {doing === 'empty' && (
        <Confirm title="Empty bucket" button="Empty" word={name} close={() => setDoing('')} act={async () => tell('success', `${name} is empty: ${await empty(name)} deleted.`)}>
          All objects, all their versions and delete markers are deleted. This cannot be undone.
        </Confirm>
      )}
    </>
  )
}

function Make({ close, done }: { close: () => void; done: () => void }) {
  const here = region.use()
  const [name, setName] = useState('')
  const [versions, setVersions] = useState(false)
  const [lock, setLock] = useState(false)
  const make = async (): Promise<void> => {
    await invoke('s3', 'CreateBucket', { Bucket: name, ...(here === 'us-east-1' ? {} : { CreateBucketConfiguration: { LocationConstraint: here } }), ...(lock ? { ObjectLockEnabledForBucket: true } : {}) })
    if (versions) await invoke('s3', 'PutBucketVersioning', { Bucket: name, VersioningConfiguration: { Status: 'Enabled' } })
    tell('success', `${name} is there.`)
    done()
  }
  return (
    <Dialog title="Create bucket" button="Create bucket" close={close} act={make} disabled={name === ''}>
      <TextField label="Bucket name" value={name} set={setName} hint={`Three to 63 small letters, digits, hyphens and dots; unique among all accounts. It will be in ${here}.`} />
      <Checkbox checked={versions} onChange={(event) => setVersions(event.detail.checked)}>Keep all versions of objects</Checkbox>
      <Checkbox checked={lock} onChange={(event) => setLock(event.detail.checked)}>Object Lock</Checkbox>
    </Dialog>
  )
}
