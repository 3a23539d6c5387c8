// Statements of PartiQL.
import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import { invoke } from '../../api/calls'
import { AreaField } from '../../parts/form-bits'
import { Json } from '../../parts/values'
import { type Item, plainItem } from './values'

export function PartiQL({ table }: { table: string }) {
  const [text, setText] = useState(`SELECT * FROM "${table}"`)
  const [answer, setAnswer] = useState<Item[]>()
  const [problem, setProblem] = useState('')
  const run = (): void => {
    setProblem('')
    invoke<{ Items?: Item[] }>('dynamodb', 'ExecuteStatement', { Statement: text }).then((found) => setAnswer(found.Items ?? []), (error: Error) => { setAnswer(undefined); setProblem(error.message) })
  }
  return (
    <SpaceBetween size="m">
      <AreaField label="Statement" value={text} set={setText} rows={4} />
      <Button variant="primary" onClick={run}>Run</Button>
      {problem && <Alert type="error">{problem}</Alert>}
      {answer && <Json value={answer.map(plainItem)} label={`${answer.length} items`} />}
    </SpaceBetween>
  )
}
