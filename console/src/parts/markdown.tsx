// The little of Markdown that labs are written in: headings, paragraphs, lists, code, links, emphasis, tables.
import Box from '@cloudscape-design/components/box'
import { Fragment, type ReactNode } from 'react'
import { Json } from './values'

export function Markdown({ text }: { text: string }) {
  return <div className="markdown">{blocks(text).map((block, at) => <Fragment key={at}>{draw(block)}</Fragment>)}</div>
}

export type Block = { kind: 'heading'; level: number; text: string } | { kind: 'code' | 'text'; text: string } | { kind: 'list'; ordered: boolean; items: string[] } | { kind: 'table'; rows: string[][] }

export function blocks(text: string): Block[] {
  const found: Block[] = []
  const lines = text.split('\n')
  for (let at = 0; at < lines.length; ) {
    const line = lines[at]
    const heading = /^(#{1,4}) (.*)/.exec(line)
    if (line.startsWith('```')) {
      const end = lines.findIndex((one, i) => i > at && one.startsWith('```'))
      const stop = end < 0 ? lines.length : end
      found.push({ kind: 'code', text: lines.slice(at + 1, stop).join('\n') })
      at = stop + 1
    } else if (heading) {
      found.push({ kind: 'heading', level: heading[1].length, text: heading[2] })
      at += 1
    } else if (line.trim() === '') at += 1
    else {
      const many = runFrom(lines, at)
      found.push(paragraph(many))
      at += many.length
    }
  }
  return found
}

const runFrom = (lines: string[], at: number): string[] => {
  const end = lines.findIndex((one, i) => i > at && (one.trim() === '' || one.startsWith('```') || /^#{1,4} /.test(one)))
  return lines.slice(at, end < 0 ? lines.length : end)
}

const ITEM = /^\s*([-*]|\d+\.) /

function paragraph(lines: string[]): Block {
  if (lines.every((line) => line.startsWith('|'))) {
    const rows = lines.filter((line) => !/^\|[\s:|-]+\|?$/.test(line)).map((line) => line.replace(/^\||\|\s*$/g, '').split('|').map((cell) => cell.trim()))
    return { kind: 'table', rows }
  }
  if (!ITEM.test(lines[0])) return { kind: 'text', text: lines.every((line) => line.startsWith('    ')) ? lines.join('\n') : lines.join(' ') }
  const items: string[] = []
  for (const line of lines) ITEM.test(line) ? items.push(line.replace(ITEM, '')) : (items[items.length - 1] += ` ${line.trim()}`)
  return { kind: 'list', ordered: /^\s*\d/.test(lines[0]), items }
}

function draw(block: Block): ReactNode {
  if (block.kind === 'heading') return block.level === 1 ? null : <Box variant={block.level === 2 ? 'h2' : 'h3'} margin={{ top: 'm' }}>{inline(block.text)}</Box>
  if (block.kind === 'code') return <Json value={block.text} label="Code" />
  if (block.kind === 'table') return <table><thead><tr>{block.rows[0]?.map((cell, at) => <th key={at} scope="col">{inline(cell)}</th>)}</tr></thead><tbody>{block.rows.slice(1).map((row, at) => <tr key={at}>{row.map((cell, i) => <td key={i}>{inline(cell)}</td>)}</tr>)}</tbody></table>
  if (block.kind === 'list') {
    const items = block.items.map((item, at) => <li key={at}>{inline(item)}</li>)
    return block.ordered ? <ol>{items}</ol> : <ul>{items}</ul>
  }
  return <Box variant="p">{inline(block.text)}</Box>
}

// `code`, **strong**, *emphasis*, [text](address)
function inline(text: string): ReactNode[] {
  return text.split(/(`[^`]+`|\*\*[^*]+\*\*|\*[^*]+\*|\[[^\]]+\]\(https?:[^)]+\))/).map((part, at) => {
    if (part.startsWith('`')) return <code key={at} className="mono">{part.slice(1, -1)}</code>
    if (part.startsWith('**')) return <b key={at}>{part.slice(2, -2)}</b>
    if (/^\*[^*]/.test(part)) return <i key={at}>{part.slice(1, -1)}</i>
    const link = /^\[([^\]]+)\]\((.*)\)$/.exec(part)
    return link ? <a key={at} href={link[2]} target="_blank" rel="noreferrer">{link[1]}</a> : part
  })
}
