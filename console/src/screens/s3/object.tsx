// One object: what is known of it, what is in it, its versions, a link to it.
import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Tabs from '@cloudscape-design/components/tabs'
import { useEffect, useState } from 'react'
import { invoke } from '../../api/calls'
import { useAsked, useCall } from '../../api/use'
import { fail, tell } from '../../app/notices'
import { Dialog } from '../../parts/confirm'
import { copy, save } from '../../parts/copy'
import { DataTable } from '../../parts/data-table'
import { ChoiceField } from '../../parts/form-bits'
import { Json, moment, pretty, shown, size } from '../../parts/values'
import { get, link, remove, type Row, type Stored } from './objects-api'

const MOST = 262_144
const TEXT = /^text\/|json|xml|javascript|yaml|csv|svg/

export function ObjectPanel({ bucket, row, changed }: { bucket: string; row: Row; changed: () => void }) {
  const head = useCall<Record<string, unknown>>('s3', 'HeadObject', { Bucket: bucket, Key: row.key })
  const [sharing, setSharing] = useState(false)
  const { Metadata: meta, ...told } = head.data ?? {}
  return (
    <Container header={<Header variant="h2" actions={
      <SpaceBetween direction="horizontal" size="xs">
        <Button onClick={() => copy(`s3://${bucket}/${row.key}`, 'The S3 address is copied.')}>Copy S3 URI</Button>
        <Button onClick={() => setSharing(true)}>Share by link</Button>
      </SpaceBetween>
    }>{row.name}</Header>}>
      <Tabs tabs={[
        { id: 'preview', label: 'Preview', content: <Preview bucket={bucket} row={row} type={String(told.ContentType ?? '')} ready={!head.loading} /> },
        {
          id: 'properties', label: 'Properties',
          content: head.error ? <Alert type="error">{head.error.message}</Alert> : <KeyValuePairs columns={3} items={[...Object.entries(told).filter(([, value]) => typeof value !== 'object').map(([name, value]) => ({ label: name, value: name === 'ContentLength' ? size(Number(value)) : shown(name, value) })), ...Object.entries((meta as Record<string, string>) ?? {}).map(([name, value]) => ({ label: `x-amz-meta-${name}`, value }))]} />,
        },
        { id: 'tags', label: 'Tags', content: <ObjectTags bucket={bucket} name={row.key} /> },
        { id: 'versions', label: 'Versions', content: <Versions bucket={bucket} row={row} changed={changed} /> },
      ]} />
      {sharing && <Share bucket={bucket} row={row} close={() => setSharing(false)} />}
    </Container>
  )
}

function Preview({ bucket, row, type, ready }: { bucket: string; row: Row; type: string; ready: boolean }) {
  const picture = /^image\//.test(type)
  const asked = useAsked(async () => {
    if (!ready || row.size === 0) return undefined
    const blob = await get(bucket, row.key, undefined, picture ? undefined : MOST)
    const text = !picture && (TEXT.test(type) || looksLikeText(new Uint8Array(await blob.slice(0, 4096).arrayBuffer())))
    return { text: text ? await blob.text() : undefined, blob }
  }, [bucket, row.key, type, ready])
  const [address, setAddress] = useState('')
  useEffect(() => {
    if (!picture || !asked.data) return undefined
    const made = URL.createObjectURL(new Blob([asked.data.blob], { type }))
    setAddress(made)
    return () => URL.revokeObjectURL(made)
  }, [asked.data, picture, type])
  if (asked.error) return <Alert type="error">{asked.error.message}</Alert>
  if (row.size === 0) return <Box color="text-body-secondary">It has no content.</Box>
  if (picture && address) return <img className="preview" src={address} alt={row.name} />
  if (asked.data?.text !== undefined) return <Json value={/json/.test(type) || row.name.endsWith('.json') ? pretty(asked.data.text) : asked.data.text + (row.size > MOST ? '\n…' : '')} label="Content" />
  return <Box color="text-body-secondary">{asked.data ? 'This is neither text nor a picture: download it.' : 'Loading'}</Box>
}

const looksLikeText = (bytes: Uint8Array): boolean => !bytes.some((byte) => byte === 0)

function ObjectTags({ bucket, name }: { bucket: string; name: string }) {
  const asked = useCall<{ TagSet?: { Key: string; Value: string }[] }>('s3', 'GetObjectTagging', { Bucket: bucket, Key: name })
  if (asked.error) return <Alert type="error">{asked.error.message}</Alert>
  return <DataTable variant="embedded" title="Tags" items={asked.data?.TagSet ?? []} loading={asked.loading} empty="No tags." columns={[{ id: 'key', header: 'Key', cell: (tag) => tag.Key }, { id: 'value', header: 'Value', cell: (tag) => tag.Value }]} />
}

function Versions({ bucket, row, changed }: { bucket: string; row: Row; changed: () => void }) {
  const asked = useAsked(async () => {
    const found = await invoke<{ Versions?: Stored[]; DeleteMarkers?: Stored[] }>('s3', 'ListObjectVersions', { Bucket: bucket, Prefix: row.key })
    return [...(found.Versions ?? []), ...(found.DeleteMarkers ?? [])].filter(({ Key }) => Key === row.key).sort((a, b) => b.LastModified.localeCompare(a.LastModified))
  }, [bucket, row.key])
  const end = (version: Stored): void => void remove(bucket, [{ Key: version.Key, VersionId: version.VersionId }]).then(() => { asked.reload(); changed() }, fail)
  return (
    <DataTable variant="embedded" title="Versions" items={asked.data ?? []} loading={asked.loading} columns={[
      { id: 'id', header: 'Version', cell: (version) => version.VersionId, minWidth: 240 },
      { id: 'is', header: 'Is', cell: (version) => `${version.Size === undefined ? 'a delete marker' : size(version.Size)}${version.IsLatest ? ', current' : ''}` },
      { id: 'at', header: 'Since', cell: (version) => moment(version.LastModified) },
      { id: 'do', header: 'Actions', cell: (version) => (
        <SpaceBetween direction="horizontal" size="xs">
          {version.Size !== undefined && <Button variant="inline-link" ariaLabel={`Download version ${version.VersionId}`} onClick={() => void get(bucket, row.key, version.VersionId).then((blob) => save(row.name, blob), fail)}>Download</Button>}
          <Button variant="inline-link" ariaLabel={`Delete version ${version.VersionId}`} onClick={() => end(version)}>Delete</Button>
        </SpaceBetween>
      ) },
    ]} />
  )
}

function Share({ bucket, row, close }: { bucket: string; row: Row; close: () => void }) {
  const [seconds, setSeconds] = useState('3600')
  const [made, setMade] = useState('')
  return (
    <Dialog title="Share by link" button={made ? 'Copy link' : 'Make link'} close={made ? () => { close() } : close} act={async () => {
      const url = await link(bucket, row.key, Number(seconds))
      setMade(url)
      copy(url, 'The link is copied.')
      tell('info', <a href={url} target="_blank" rel="noreferrer">{row.name}</a>, 'A presigned link')
    }}>
      <ChoiceField label="Good for" value={seconds} set={setSeconds} options={[['300', '5 minutes'], ['3600', '1 hour'], ['43200', '12 hours'], ['604800', '7 days']]} hint="Whoever has the link may get the object as you, until then." />
    </Dialog>
  )
}
