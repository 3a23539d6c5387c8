// Settings of a thing: a box of each kind with a button to change it, and pairs such as tags.
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import { type ReactNode, useState } from 'react'
import { Dialog } from '../parts/confirm'
import { Pairs } from './lists'

export type Texts = Record<string, string>

export const Part = ({ title, edit, children }: { title: string; edit: () => void; children: ReactNode }) => <Container header={<Header variant="h2" actions={<Button ariaLabel={`Edit ${title.toLowerCase()}`} onClick={edit}>Edit</Button>}>{title}</Header>}>{children}</Container>

export const Listed = ({ pairs, empty }: { pairs: Texts; empty: string }) => (Object.keys(pairs).length ? <KeyValuePairs columns={3} items={Object.entries(pairs).map(([label, value]) => ({ label, value }))} /> : <Box color="text-body-secondary">{empty}</Box>)

export function PairsDialog({ title, start, close, save }: { title: string; start: Texts; close: () => void; save: (now: Texts) => Promise<void> }) {
  const [now, setNow] = useState(start)
  return <Dialog title={title} button="Save" close={close} act={() => save(now)}><Pairs name={title.replace(/s$/, '')} value={now} set={(pairs) => setNow((pairs as Texts) ?? {})} /></Dialog>
}

// The names that are no longer there.
export const gone = (before: Texts, now: Texts): string[] => Object.keys(before).filter((key) => !(key in now))
