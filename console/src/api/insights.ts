// Logs Insights: a query is begun, and asked for until it is over.
import { invoke } from './calls'

export type Line = Record<string, string>
export type Found = { status: string; rows: Line[]; names: string[]; scanned: number; matched: number; bytes: number }

type Answer = { status: string; results?: { field: string; value: string }[][]; statistics?: { recordsMatched?: number; recordsScanned?: number; bytesScanned?: number } }

const WAIT = 200

export async function insights(groups: string[], text: string, from: number, to: number, limit = 1000): Promise<Found> {
  const { queryId } = await invoke<{ queryId: string }>('logs', 'StartQuery', { logGroupNames: groups, queryString: text, startTime: Math.floor(from), endTime: Math.ceil(to), limit })
  for (;;) {
    const answer = await invoke<Answer>('logs', 'GetQueryResults', { queryId })
    if (!/^(Running|Scheduled)$/.test(answer.status)) return found(answer)
    await new Promise((done) => setTimeout(done, WAIT))
  }
}

export function found(answer: Answer): Found {
  const rows = (answer.results ?? []).map((fields) => Object.fromEntries(fields.map(({ field, value }) => [field, value])))
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((name) => name !== '@ptr')
  const { recordsMatched: matched = 0, recordsScanned: scanned = 0, bytesScanned: bytes = 0 } = answer.statistics ?? {}
  return { status: answer.status, rows, names, scanned, matched, bytes }
}
