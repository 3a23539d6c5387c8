// Records of one shard or of several, from a place on, page by page; across the ends of iterators and of shards.
import { CallError, type Params } from '../../api/calls'
import { cloudNow } from '../../api/now'
import type { Bytes } from '../../parts/bytes'
import { type Content, contentOf } from './content'

export type Row = { shard: string; key: string; number: string; at: string; base64: string; content: Content }
export type Start = { ShardIteratorType: string; Timestamp?: string; StartingSequenceNumber?: string }
// Where a shard is read on: without an iterator it is over. again: how the place is found when the iterator is too old.
export type Cursor = { shard: string; again: Start; iterator?: string; behind: number; more: boolean; children: string[] }
export type Ask = <T>(operation: string, params: Params) => Promise<T>

type Answer = { Records: { SequenceNumber: string; ApproximateArrivalTimestamp: string; Data: Bytes; PartitionKey: string }[]; NextShardIterator?: string; MillisBehindLatest: number; ChildShards?: { ShardId: string }[] }

const PAGE = 100

export async function begin(ask: Ask, stream: string, shards: string[], start: Start): Promise<Cursor[]> {
  // What is the latest now is not what is the latest when an iterator has to be found again.
  const again = start.ShardIteratorType === 'LATEST' ? { ShardIteratorType: 'AT_TIMESTAMP', Timestamp: new Date((await cloudNow()) * 1000).toISOString() } : start
  return Promise.all(shards.map(async (shard) => ({ shard, again, iterator: await iterator(ask, stream, shard, start), behind: 0, more: false, children: [] })))
}

const iterator = async (ask: Ask, stream: string, shard: string, start: Start): Promise<string> => (await ask<{ ShardIterator: string }>('GetShardIterator', { StreamName: stream, ShardId: shard, ...start })).ShardIterator

// on: whether the children of shards that are over are read as well.
export async function read(ask: Ask, stream: string, cursors: Cursor[], on: boolean): Promise<{ rows: Row[]; cursors: Cursor[] }> {
  const pages = await Promise.all(cursors.map((cursor) => (cursor.iterator ? one(ask, stream, cursor) : { rows: [], cursor })))
  const known = pages.map((page) => page.cursor)
  const fresh = on ? [...new Set(known.flatMap((cursor) => cursor.children))].filter((child) => !known.some((cursor) => cursor.shard === child)) : []
  const rows = pages.flatMap((page) => page.rows).sort((a, b) => Date.parse(a.at) - Date.parse(b.at))
  return { rows, cursors: [...known, ...(await begin(ask, stream, fresh, { ShardIteratorType: 'TRIM_HORIZON' }))] }
}

async function one(ask: Ask, stream: string, cursor: Cursor): Promise<{ rows: Row[]; cursor: Cursor }> {
  const { shard } = cursor
  const answer = await ask<Answer>('GetRecords', { ShardIterator: cursor.iterator, Limit: PAGE }).catch(async (problem) => {
    if (!(problem instanceof CallError) || problem.code !== 'ExpiredIteratorException') throw problem
    return ask<Answer>('GetRecords', { ShardIterator: await iterator(ask, stream, shard, cursor.again), Limit: PAGE })
  })
  const rows = await Promise.all(answer.Records.map(async (record) => ({
    number: record.SequenceNumber, shard, key: record.PartitionKey, at: record.ApproximateArrivalTimestamp, base64: record.Data.base64, content: await contentOf(record.Data.base64),
  })))
  const last = rows.at(-1)
  const again = last ? { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber: last.number } : cursor.again
  return { rows, cursor: { shard, again, iterator: answer.NextShardIterator, behind: answer.MillisBehindLatest, more: answer.MillisBehindLatest > 0 || rows.length === PAGE, children: (answer.ChildShards ?? []).map((child) => child.ShardId) } }
}

// Whether there is more to read already, as far as that is known: less than a millisecond behind is told as none.
export const isBehind = (cursors: Cursor[]): boolean => cursors.some((cursor) => cursor.iterator !== undefined && cursor.more)
