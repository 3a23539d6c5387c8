// What a record holds, as far as it can be read: text, unpacked where it is gzip, as logs come.
import { bytesOf } from '../../parts/bytes'

export type Content = { text?: string; packed: boolean; size: number }

export async function contentOf(base64: string): Promise<Content> {
  const bytes = bytesOf(base64)
  const packed = bytes[0] === 0x1f && bytes[1] === 0x8b
  const plain = packed ? await unpacked(bytes).catch(() => undefined) : bytes
  return { text: plain && textOf(plain), packed: packed && plain !== undefined, size: bytes.length }
}

const unpacked = async (bytes: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer> => new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).arrayBuffer()

function textOf(bytes: Uint8Array | ArrayBuffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

// The ways in which a record may be shown, the best one first.
export function views({ text }: Content, base64: string): [string, string][] {
  const json = text === undefined ? undefined : asJson(text)
  return [...(json === undefined ? [] : [['JSON', json] as [string, string]]), ...(text === undefined ? [] : [['Text', text] as [string, string]]), ['Base64', base64]]
}

function asJson(text: string): string | undefined {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return undefined
  }
}
