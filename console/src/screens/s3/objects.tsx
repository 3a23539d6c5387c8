// What is in a bucket, folder by folder.
import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import BreadcrumbGroup from '@cloudscape-design/components/breadcrumb-group'
import Button from '@cloudscape-design/components/button'
import Link from '@cloudscape-design/components/link'
import ProgressBar from '@cloudscape-design/components/progress-bar'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { type DragEvent, useEffect, useRef, useState } from 'react'
import { useAsked } from '../../api/use'
import { fail, tell } from '../../app/notices'
import { Confirm, Dialog } from '../../parts/confirm'
import { DataTable } from '../../parts/data-table'
import { TextField } from '../../parts/form-bits'
import { save } from '../../parts/copy'
import { moment, size } from '../../parts/values'
import { dropped, empty, get, list, put, remove, type Row } from './objects-api'
import { ObjectPanel } from './object'

export function Objects({ bucket, prefix, enter }: { bucket: string; prefix: string; enter: (prefix: string) => void }) {
  const [more, setMore] = useState<Row[]>([])
  const [next, setNext] = useState<string>()
  const asked = useAsked(() => list(bucket, prefix), [bucket, prefix])
  const [picked, setPicked] = useState<Row[]>([])
  const [doing, setDoing] = useState('')
  const files = useRef<HTMLInputElement>(null)
  useEffect(() => {
    setMore([])
    setPicked([])
    setNext(asked.data?.next)
  }, [asked.data])
  const rows = [...(asked.data?.rows ?? []), ...more]
  const upload = useUploads(bucket, prefix, asked.reload)
  const one = picked.length === 1 && !picked[0].folder ? picked[0] : undefined
  if (asked.error) return <Alert type="error">{asked.error.message}</Alert>
  return (
    <SpaceBetween size="m">
      <Crumbs bucket={bucket} prefix={prefix} enter={enter} />
      <DropPlace take={upload.take}>
        <DataTable
          variant="container" title="Objects" items={rows} loading={asked.loading} picked={picked} onPick={setPicked} multi trackBy="key" size={100}
          more={next ? () => void list(bucket, prefix, next).then((found) => { setMore([...more, ...found.rows]); setNext(found.next) }, fail) : undefined}
          empty={<SpaceBetween size="s"><div>Nothing is here yet.</div><div>Drop files or folders, or choose them by Upload.</div></SpaceBetween>}
          columns={[
            { id: 'name', header: 'Name', cell: (row) => (row.folder ? <Link href="#" onFollow={(event) => { event.preventDefault(); enter(row.key) }}>{row.name || '/'}</Link> : <Link href="#" onFollow={(event) => { event.preventDefault(); setPicked([row]) }}>{row.name}</Link>), sortingField: 'name', minWidth: 260, isRowHeader: true },
            { id: 'type', header: 'Type', cell: (row) => (row.folder ? 'Folder' : (/\.(\w+)$/.exec(row.name)?.[1] ?? '–')), width: 110 },
            { id: 'size', header: 'Size', cell: (row) => (row.folder ? '–' : size(row.size)), sortingField: 'size', width: 120 },
            { id: 'changed', header: 'Last modified', cell: (row) => (row.changed ? moment(row.changed) : '–'), sortingField: 'changed', width: 190 },
            { id: 'class', header: 'Storage class', cell: (row) => row.stored?.StorageClass ?? '–', width: 140 },
          ]}
          actions={[
            <Button key="reload" iconName="refresh" ariaLabel="Refresh" onClick={asked.reload} />,
            <Button key="down" disabled={!one} onClick={() => one && void get(bucket, one.key).then((blob) => save(one.name, blob), fail)}>Download</Button>,
            <Button key="delete" disabled={picked.length === 0} onClick={() => setDoing('delete')}>Delete</Button>,
            <Button key="folder" onClick={() => setDoing('folder')}>Create folder</Button>,
            <Button key="up" variant="primary" iconName="upload" onClick={() => files.current?.click()}>Upload</Button>,
          ]}
        />
      </DropPlace>
      <input ref={files} type="file" multiple hidden aria-label="Files to upload" onChange={(event) => { upload.take([...(event.target.files ?? [])].map((file) => ({ path: file.name, file }))); event.target.value = '' }} />
      {upload.total > 0 && <ProgressBar label="Uploading" value={(100 * upload.done) / upload.total} additionalInfo={`${upload.done} of ${upload.total} files`} />}
      {one && <ObjectPanel key={one.key} bucket={bucket} row={one} changed={asked.reload} />}
      {doing === 'delete' && (
        <Confirm title="Delete objects" close={() => setDoing('')} act={async () => {
          for (const row of picked.filter(({ folder }) => folder)) await empty(bucket, row.key)
          const keys = picked.filter(({ folder }) => !folder).map(({ key }) => ({ Key: key }))
          if (keys.length) await remove(bucket, keys)
          tell('success', `Deleted: ${picked.map(({ name }) => name).join(', ')}`)
          asked.reload()
        }}>
          <ul>{picked.map((row) => <li key={row.key}>{row.name}{row.folder && ' with all that is in it, all versions'}</li>)}</ul>
        </Confirm>
      )}
      {doing === 'folder' && <Folder close={() => setDoing('')} make={async (name) => { await put(bucket, `${prefix}${name.replace(/\/$/, '')}/`, new File([], name)); asked.reload() }} />}
    </SpaceBetween>
  )
}

function Folder({ close, make }: { close: () => void; make: (name: string) => Promise<void> }) {
  const [name, setName] = useState('')
  return <Dialog title="Create folder" button="Create folder" close={close} disabled={!name} act={() => make(name)}><TextField label="Folder name" value={name} set={setName} hint="An object of no bytes whose key ends with a slash." /></Dialog>
}

function Crumbs({ bucket, prefix, enter }: { bucket: string; prefix: string; enter: (prefix: string) => void }) {
  if (!prefix) return null
  const parts = prefix.split('/').filter((part, at, all) => part || at < all.length - 1)
  const items = [{ text: bucket, href: '#' }, ...parts.map((text, at) => ({ text: text || '/', href: `#${parts.slice(0, at + 1).join('/')}/` }))]
  return <BreadcrumbGroup items={items} ariaLabel="Folders" onFollow={(event) => { event.preventDefault(); enter(event.detail.href.slice(1)) }} />
}

type Dropped = { path: string; file: File }[]

function DropPlace({ children, take }: { children: React.ReactNode; take: (files: Dropped) => void }) {
  const [over, setOver] = useState(false)
  const drop = (event: DragEvent): void => {
    event.preventDefault()
    setOver(false)
    void dropped(event.dataTransfer.items).then(take, fail)
  }
  return (
    <div className={over ? 'drop drop-over' : ''} data-testid="drop" onDragOver={(event) => { event.preventDefault(); setOver(true) }} onDragLeave={(event) => { if (!event.currentTarget.contains(event.relatedTarget as Node)) setOver(false) }} onDrop={drop}>
      {over && <Box variant="strong">Drop to upload</Box>}
      {children}
    </div>
  )
}

// Four at a time; each failure is told.
function useUploads(bucket: string, prefix: string, changed: () => void) {
  const [state, setState] = useState({ done: 0, total: 0 })
  const take = (files: Dropped): void => {
    if (files.length === 0) return
    setState({ done: 0, total: files.length })
    const queue = [...files]
    let good = 0
    const work = async (): Promise<void> => {
      for (let next = queue.shift(); next; next = queue.shift()) {
        await put(bucket, prefix + next.path, next.file).then(() => { good += 1 }, fail)
        setState((old) => ({ ...old, done: old.done + 1 }))
      }
    }
    void Promise.all([work(), work(), work(), work()]).then(() => {
      setState({ done: 0, total: 0 })
      if (good) tell('success', `${good} ${good === 1 ? 'file is' : 'files are'} uploaded.`)
      changed()
    })
  }
  return { ...state, take }
}
