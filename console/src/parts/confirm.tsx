// Asks before something is ended; where it matters, the word must be typed.
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import Modal from '@cloudscape-design/components/modal'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { type ReactNode, useState } from 'react'
import { fail } from '../app/notices'

type Props = { title: string; children: ReactNode; button?: string; word?: string; act: () => Promise<unknown>; close: () => void }

export function Confirm({ title, children, button = 'Delete', word, act, close }: Props) {
  const [typed, setTyped] = useState('')
  const [busy, setBusy] = useState(false)
  const run = (): void => {
    setBusy(true)
    act().catch(fail).finally(close)
  }
  return (
    <Modal visible header={title} onDismiss={close} closeAriaLabel="Close" footer={
      <Box float="right">
        <SpaceBetween direction="horizontal" size="xs">
          <Button variant="link" onClick={close}>Cancel</Button>
          <Button variant="primary" loading={busy} disabled={word !== undefined && typed !== word} onClick={run}>{button}</Button>
        </SpaceBetween>
      </Box>
    }>
      <SpaceBetween size="m">
        <div>{children}</div>
        {word !== undefined && <FormField label={`To confirm, type ${word}`}><Input value={typed} onChange={(event) => setTyped(event.detail.value)} ariaRequired /></FormField>}
      </SpaceBetween>
    </Modal>
  )
}

// One modal with a form: fields and a button that acts.
export function Dialog({ title, children, button, act, close, size = 'medium', disabled }: Props & { size?: 'medium' | 'large' | 'max'; disabled?: boolean }) {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState('')
  const run = (): void => {
    setBusy(true)
    setProblem('')
    act().then(close, (error: Error) => setProblem(error.message)).finally(() => setBusy(false))
  }
  return (
    <Modal visible size={size} header={title} onDismiss={close} closeAriaLabel="Close" footer={
      <Box float="right">
        <SpaceBetween direction="horizontal" size="xs">
          <Button variant="link" onClick={close}>Cancel</Button>
          <Button variant="primary" loading={busy} disabled={disabled} onClick={run}>{button}</Button>
        </SpaceBetween>
      </Box>
    }>
      <form onSubmit={(event) => { event.preventDefault(); if (!disabled) run() }}>
        <SpaceBetween size="m">
          {children}
          {problem && <Box color="text-status-error" data-testid="problem"><span role="alert">{problem}</span></Box>}
        </SpaceBetween>
      </form>
    </Modal>
  )
}
