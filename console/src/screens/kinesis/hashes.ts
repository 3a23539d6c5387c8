// Shards and the ranges of hash keys that they take. The keys have 128 bits: they are texts, reckoned with as BigInt.
export type Shard = {
  ShardId: string; ParentShardId?: string; AdjacentParentShardId?: string
  HashKeyRange: { StartingHashKey: string; EndingHashKey: string }
  SequenceNumberRange: { StartingSequenceNumber: string; EndingSequenceNumber?: string }
}

const ALL = 2n ** 128n
const PARTS = 10_000n

const start = (shard: Shard): bigint => BigInt(shard.HashKeyRange.StartingHashKey)
const end = (shard: Shard): bigint => BigInt(shard.HashKeyRange.EndingHashKey)

export const isOpen = (shard: Shard): boolean => shard.SequenceNumberRange.EndingSequenceNumber === undefined

// The first key of the second half, where a shard is split evenly.
export const middle = (shard: Shard): string => String((start(shard) + end(shard) + 1n) / 2n)

export const share = (shard: Shard): string => `${Number(((end(shard) - start(shard) + 1n) * PARTS) / ALL) / 100} %`

// Open shards whose range begins where this one's ends, or the other way round: those it may be merged with.
export const neighbours = (shard: Shard, all: Shard[]): Shard[] => all.filter((one) => isOpen(one) && (start(one) === end(shard) + 1n || start(shard) === end(one) + 1n))

export const parents = (shard: Shard): string[] => [shard.ParentShardId, shard.AdjacentParentShardId].filter((one) => one !== undefined)

export const byStart = (one: Shard, other: Shard): number => (start(one) < start(other) ? -1 : start(one) > start(other) ? 1 : 0)

// `shardId-000000000003` is 3 to people.
export const short = (id: string): string => id.replace(/^shardId-0*(?=\d)/, '')
