// Objects: their listing by folder, their way up and down, their end.
import { invoke } from '../../api/calls'
import { ask, raw, region, Unanswered } from '../../api/session'

export type Stored = { Key: string; Size: number; LastModified: string; StorageClass?: string; ETag?: string; VersionId?: string; IsLatest?: boolean }
export type Row = { key: string; name: string; folder: boolean; size: number; changed: string; stored?: Stored }
export type Listing = { rows: Row[]; next?: string }

export async function list(bucket: string, prefix: string, token?: string): Promise<Listing> {
  const found = await invoke<{ Contents?: Stored[]; CommonPrefixes?: { Prefix: string }[]; NextContinuationToken?: string }>('s3', 'ListObjectsV2', {
    Bucket: bucket, Delimiter: '/', MaxKeys: 1000, ...(prefix ? { Prefix: prefix } : {}), ...(token ? { ContinuationToken: token } : {}),
  })
  const folders = (found.CommonPrefixes ?? []).map(({ Prefix: key }): Row => ({ key, name: key.slice(prefix.length), folder: true, size: 0, changed: '' }))
  const files = (found.Contents ?? []).filter(({ Key }) => Key !== prefix || !prefix.endsWith('/')).map((stored): Row => ({ key: stored.Key, name: stored.Key.slice(prefix.length), folder: false, size: stored.Size, changed: stored.LastModified, stored }))
  return { rows: [...folders, ...files], next: found.NextContinuationToken }
}

export const encoded = (key: string): string => key.split('/').map((one) => encodeURIComponent(one).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)).join('/')

export async function put(bucket: string, key: string, file: File): Promise<void> {
  const answer = await raw('PUT', `object/${bucket}/${encoded(key)}`, file, file.type ? { 'content-type': file.type } : {})
  if (!answer.ok) throw await refusal(answer)
}

export async function get(bucket: string, key: string, version?: string, most?: number): Promise<Blob> {
  const query = version ? `?versionId=${encodeURIComponent(version)}` : ''
  const answer = await raw('GET', `object/${bucket}/${encoded(key)}${query}`, undefined, most ? { range: `bytes=0-${most - 1}` } : {})
  if (!answer.ok) throw await refusal(answer)
  return answer.blob()
}

// S3 says why in XML, our own server in JSON.
async function refusal(answer: Response): Promise<Unanswered> {
  const text = await answer.text()
  const message = /<Message>([^<]*)</.exec(text)?.[1] ?? /"error":"([^"]*)"/.exec(text)?.[1] ?? `The server answered ${answer.status}.`
  return new Unanswered(message, answer.status)
}

export async function link(bucket: string, key: string, seconds: number): Promise<string> {
  return (await ask<{ url: string }>('POST', 'presign', { bucket, key, seconds, region: region.get() })).url
}

type Version = { Key: string; VersionId: string }

// All that a prefix holds, or all of a bucket: versions and delete markers, too. Gives how many.
export async function empty(bucket: string, prefix = ''): Promise<number> {
  let count = 0
  for (;;) {
    const found = await invoke<{ Versions?: Version[]; DeleteMarkers?: Version[] }>('s3', 'ListObjectVersions', { Bucket: bucket, ...(prefix ? { Prefix: prefix } : {}) })
    const all = [...(found.Versions ?? []), ...(found.DeleteMarkers ?? [])]
    if (all.length === 0) return count
    count += await remove(bucket, all.map(({ Key, VersionId }) => ({ Key, VersionId })))
  }
}

export async function remove(bucket: string, objects: { Key: string; VersionId?: string }[]): Promise<number> {
  const told = await invoke<{ Deleted?: unknown[]; Errors?: { Key: string; Message: string }[] }>('s3', 'DeleteObjects', { Bucket: bucket, Delete: { Objects: objects } })
  if (told.Errors?.length) throw new Error(`${told.Errors[0].Key}: ${told.Errors[0].Message}`)
  return told.Deleted?.length ?? 0
}

// Files and folders that somebody dropped, with their paths.
export async function dropped(items: DataTransferItemList): Promise<{ path: string; file: File }[]> {
  // The items are only there while the event is handled: all of them are taken before anything is waited for.
  const taken = [...items].map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }))
  return (await Promise.all(taken.map(({ entry, file }) => (entry ? walk(entry, '') : file ? [{ path: file.name, file }] : [])))).flat()
}

async function walk(entry: FileSystemEntry, before: string): Promise<{ path: string; file: File }[]> {
  if (entry.isFile) return [{ path: before + entry.name, file: await new Promise((done, fail) => (entry as FileSystemFileEntry).file(done, fail)) }]
  const reader = (entry as FileSystemDirectoryEntry).createReader()
  const found: FileSystemEntry[] = []
  for (;;) {
    const more = await new Promise<FileSystemEntry[]>((done, fail) => reader.readEntries(done, fail))
    if (more.length === 0) break
    found.push(...more)
  }
  return (await Promise.all(found.map((one) => walk(one, `${before}${entry.name}/`)))).flat()
}
