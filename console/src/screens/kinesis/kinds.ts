// What the service tells of streams and shards, and how it is said here.
export type Stream = {
  StreamName: string; StreamARN: string; StreamStatus: string; StreamModeDetails?: { StreamMode: string }; RetentionPeriodHours: number; StreamCreationTimestamp: string
  EnhancedMonitoring: { ShardLevelMetrics?: string[] }[]; EncryptionType?: string; KeyId?: string; OpenShardCount: number; ConsumerCount: number; MaxRecordSizeInKiB?: number
}

export const MODES: [string, string][] = [['ON_DEMAND', 'On demand'], ['PROVISIONED', 'Provisioned']]

type Moded = Pick<Stream, 'StreamModeDetails'>
export const isOnDemand = (stream: Moded): boolean => stream.StreamModeDetails?.StreamMode === 'ON_DEMAND'
export const modeOf = (stream: Moded): string => (isOnDemand(stream) ? 'On demand' : 'Provisioned')

const DAY = 24
export const hours = (count: number): string => (count % DAY ? `${count} hours` : count === DAY ? '1 day' : `${count / DAY} days`)
