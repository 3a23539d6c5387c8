import { describe, expect, test } from 'vitest'
import { byStart, isOpen, middle, neighbours, parents, type Shard, share, short } from './hashes'

const TOP = 2n ** 128n - 1n
const HALF = 2n ** 127n
const shard = (number: number, from: bigint, to: bigint, more: Partial<Shard> = {}): Shard => ({ ShardId: `shardId-${String(number).padStart(12, '0')}`, HashKeyRange: { StartingHashKey: String(from), EndingHashKey: String(to) }, SequenceNumberRange: { StartingSequenceNumber: '1' }, ...more })
const closed = { SequenceNumberRange: { StartingSequenceNumber: '1', EndingSequenceNumber: '2' } }

const whole = shard(0, 0n, TOP, closed)
const low = shard(1, 0n, HALF - 1n, { ParentShardId: whole.ShardId })
const high = shard(2, HALF, TOP, { ParentShardId: whole.ShardId })

describe('a shard', () => {
  test('is split in the middle of all 128 bits', () => {
    expect(middle(whole)).toBe(String(HALF))
    expect(middle(low)).toBe(String(HALF / 2n))
  })
  test('has its share of the keys', () => expect([whole, low, high].map(share)).toEqual(['100 %', '50 %', '50 %']))
  test('is merged with open ones beside it', () => {
    expect(neighbours(low, [whole, low, high])).toEqual([high])
    expect(neighbours(high, [whole, low, high])).toEqual([low])
    expect(neighbours(low, [whole, low, { ...high, ...closed }])).toEqual([])
  })
  test('is open until it ends, and knows its parents', () => {
    expect([whole, low].map(isOpen)).toEqual([false, true])
    expect(parents(whole)).toEqual([])
    expect(parents({ ...low, AdjacentParentShardId: 'other' })).toEqual([whole.ShardId, 'other'])
  })
  test('stands where its keys begin', () => expect([high, low].sort(byStart)).toEqual([low, high]))
  test('has a short name', () => expect(['shardId-000000000000', 'shardId-000000000130'].map(short)).toEqual(['0', '130']))
})
