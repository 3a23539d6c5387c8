// A form for any operation: fields or JSON, the answer below, and the command for it at the foot.
import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Modal from '@cloudscape-design/components/modal'
import SegmentedControl from '@cloudscape-design/components/segmented-control'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Textarea from '@cloudscape-design/components/textarea'
import { useState } from 'react'
import { CallError, invoke } from '../api/calls'
import type { Spec } from '../api/spec'
import { ExplainButton, tell } from '../app/notices'
import { Json } from '../parts/values'
import { params, problems } from '../spec/forms'
import { looks } from '../api/calls'
import type { Row } from '../spec/kinds'
import { label } from '../spec/words'
import { Fields } from './field'

type Props = { spec: Spec; operation: string; start?: Row; making?: string; close: () => void; done: (answer: Row) => void }

export function OperationForm({ spec, operation, start = {}, making, close, done }: Props) {
  const said = spec.operations[operation]
  const [value, setValue] = useState<Row>(start)
  const [json, setJson] = useState<string>()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<Error>()
  const [answer, setAnswer] = useState<Row>()
  const [tried, setTried] = useState(false)
  const wrong = said.in && json === undefined ? problems(spec, said.in, value) : {}

  const send = async (): Promise<void> => {
    setTried(true)
    if (Object.keys(wrong).length > 0) return
    setBusy(true)
    setError(undefined)
    try {
      const given = json === undefined ? ((said.in ? params(spec, said.in, value) : {}) ?? {}) : JSON.parse(json || '{}')
      const told = await invoke<Row>(spec.id, operation, given as Row)
      if (looks(operation) || Object.keys(told).length > 0) setAnswer(told)
      if (!looks(operation)) {
        tell('success', `${label(operation)}: done`)
        done(told)
        if (Object.keys(told).length === 0 || making) close()
      }
    } catch (problem) {
      setError(problem as Error)
    } finally {
      setBusy(false)
    }
  }

  const turn = (to: string): void => {
    if (to === 'json') return setJson(JSON.stringify((said.in && params(spec, said.in, value)) ?? {}, null, 2))
    try {
      setValue(JSON.parse(json || '{}') as Row)
      setJson(undefined)
    } catch (problem) {
      setError(problem as Error)
    }
  }
  const refused = error instanceof CallError && error.told.decision && !error.told.decision.allowed ? error.told.request : ''
  return (
    <Modal visible size="large" header={label(operation)} onDismiss={close} closeAriaLabel="Close" footer={
      <Box float="right">
        <SpaceBetween direction="horizontal" size="xs">
          <Button variant="link" onClick={close}>{answer ? 'Close' : 'Cancel'}</Button>
          <Button variant="primary" loading={busy} disabled={!said.here} onClick={() => void send()}>{label(operation)}</Button>
        </SpaceBetween>
      </Box>
    }>
      <SpaceBetween size="m">
        <Box color="text-body-secondary">{said.doc}</Box>
        {!said.here && <Alert type="info">This server does not have {operation} yet: it would answer 501.</Alert>}
        <SegmentedControl label="How to fill it in" selectedId={json === undefined ? 'form' : 'json'} options={[{ id: 'form', text: 'Form' }, { id: 'json', text: 'JSON' }]} onChange={(event) => turn(event.detail.selectedId)} />
        {json === undefined ? (
          said.in && <Fields spec={spec} shape={said.in} value={value} set={setValue} honours={said.here ? said.honours : []} making={making} problems={tried ? wrong : undefined} />
        ) : (
          <Textarea className="editor" rows={16} value={json} onChange={(event) => setJson(event.detail.value)} spellcheck={false} ariaLabel="Parameters as JSON" />
        )}
        {error && <Alert type="error" header={error instanceof CallError ? error.code : 'That did not work'} action={refused ? <ExplainButton request={refused} /> : undefined}>{error.message}</Alert>}
        {answer && <Json value={answer} label="Answer" />}
      </SpaceBetween>
    </Modal>
  )
}
