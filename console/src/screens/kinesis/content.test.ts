import { describe, expect, test } from 'vitest'
import { contentOf, views } from './content'

const base64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes))
const encoded = (text: string): Uint8Array => new TextEncoder().encode(text)
const gzipped = async (text: string): Promise<Uint8Array> => new Uint8Array(await new Response(new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'))).arrayBuffer())

describe('a record', () => {
  test('of text is text', async () => expect(await contentOf(base64(encoded('grüße')))).toEqual({ text: 'grüße', packed: false, size: 7 }))
  test('of gzip is unpacked', async () => {
    const bytes = await gzipped('{"a": 1}')
    expect(await contentOf(base64(bytes))).toEqual({ text: '{"a": 1}', packed: true, size: bytes.length })
  })
  test('of other bytes has no text', async () => expect(await contentOf(base64(new Uint8Array([0xff, 0xfe])))).toEqual({ text: undefined, packed: false, size: 2 }))
  test('that only begins like gzip has none either', async () => expect(await contentOf(base64(new Uint8Array([0x1f, 0x8b, 0xff])))).toEqual({ text: undefined, packed: false, size: 3 }))
  test('is shown as what it is, the best first', () => {
    const names = (text?: string): string[] => views({ text, packed: false, size: 1 }, 'AA==').map(([name]) => name)
    expect(names('{"a": 1}')).toEqual(['JSON', 'Text', 'Base64'])
    expect(names('a')).toEqual(['Text', 'Base64'])
    expect(names()).toEqual(['Base64'])
  })
})
