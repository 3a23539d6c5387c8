// One record, as JSON, as text or as it was sent.
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import SegmentedControl from '@cloudscape-design/components/segmented-control'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import { Json, Mono, precise, size } from '../../parts/values'
import { views } from './content'
import type { Row } from './reading'

// after: goes to where the next record is.
export function RecordView({ row, after, close }: { row: Row; after: () => void; close: () => void }) {
  const all = views(row.content, row.base64)
  const [view, setView] = useState(all[0][0])
  return (
    <Container header={<Header variant="h2" actions={
      <SpaceBetween direction="horizontal" size="xs">
        <div className="choice"><SegmentedControl label="Shown as" selectedId={view} onChange={(event) => setView(event.detail.selectedId)} options={all.map(([id]) => ({ id, text: id }))} /></div>
        <Button onClick={after}>Start after it</Button>
        <Button iconName="close" variant="icon" ariaLabel="Close the record" onClick={close} />
      </SpaceBetween>
    }>{row.key}</Header>}>
      <SpaceBetween size="s">
        <Json value={all.find(([id]) => id === view)?.[1] ?? ''} label="Data" />
        <KeyValuePairs columns={2} items={[{ label: 'Shard', value: row.shard }, { label: 'Arrived', value: precise(row.at) }, { label: 'Size', value: `${size(row.content.size)}${row.content.packed ? ', gzip' : ''}` }, { label: 'Sequence number', value: <Mono>{row.number}</Mono> }]} />
      </SpaceBetween>
    </Container>
  )
}
