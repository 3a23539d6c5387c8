// The line at the foot: the last call as a command, and all of them on demand.
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Modal from '@cloudscape-design/components/modal'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Toggle from '@cloudscape-design/components/toggle'
import { useState } from 'react'
import { looks, recorded } from '../api/calls'
import { copy, save } from './copy'

export function Recorder() {
  const calls = recorded.use()
  const [open, setOpen] = useState(false)
  const last = calls.at(-1)
  if (!last) return null
  return (
    <footer className="recorder" aria-label="Last call">
      <span className="recorder-line" title={last.cli}>$ {last.cli}</span>
      <span className={last.error ? 'recorder-bad' : 'recorder-good'}>{last.status}{last.error ? ` ${last.error.code}` : ''}</span>
      <span className="recorder-note">{last.ms} ms</span>
      {last.decision && !last.decision.allowed && <span className="recorder-bad">denied{last.decision.mode === 'audit' ? ' (audit)' : ''}</span>}
      <Button variant="inline-icon" iconName="copy" ariaLabel="Copy the command" onClick={() => copy(last.cli)} />
      <Button variant="inline-link" onClick={() => setOpen(true)}>Commands</Button>
      {open && <Commands close={() => setOpen(false)} />}
    </footer>
  )
}

function Commands({ close }: { close: () => void }) {
  const [all, setAll] = useState(false)
  const calls = recorded.use().filter((call) => all || !looks(call.operation))
  const text = calls.map((call) => (call.error ? `# ${call.status} ${call.error.code}\n` : '') + call.cli).join('\n')
  return (
    <Modal visible size="max" header="The commands for what you did" onDismiss={close} closeAriaLabel="Close" footer={
      <Box float="right">
        <SpaceBetween direction="horizontal" size="xs">
          <Button onClick={() => recorded.set([])}>Forget them</Button>
          <Button onClick={() => save('commands.sh', `#!/bin/sh\n${text}\n`, 'text/x-shellscript')}>Download</Button>
          <Button variant="primary" onClick={() => copy(text)}>Copy</Button>
        </SpaceBetween>
      </Box>
    }>
      <SpaceBetween size="s">
        <Toggle checked={all} onChange={(event) => setAll(event.detail.checked)}>Also what only looked</Toggle>
        <div className="code"><pre tabIndex={0} aria-label="Commands">{text || '# Nothing was changed yet.'}</pre></div>
      </SpaceBetween>
    </Modal>
  )
}
