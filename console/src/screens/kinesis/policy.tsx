// The policy of a stream or of a consumer: what other accounts may do with it.
import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import { CallError, invoke } from '../../api/calls'
import { region, session } from '../../api/session'
import { useAsked } from '../../api/use'
import { tell } from '../../app/notices'
import { Confirm, Dialog } from '../../parts/confirm'
import { AreaField } from '../../parts/form-bits'
import { Json, pretty } from '../../parts/values'

const absent = (problem: unknown): string => {
  if (problem instanceof CallError && problem.code === 'ResourceNotFoundException') return ''
  throw problem
}

// actions: what a first policy lets the own account do, to begin with.
export function Policy({ arn, actions }: { arn: string; actions: string[] }) {
  const asked = useAsked(() => invoke<{ Policy: string }>('kinesis', 'GetResourcePolicy', { ResourceARN: arn }).then((told) => told.Policy, absent), [arn, region.use(), session.use()?.token])
  const [doing, setDoing] = useState('')
  const text = asked.data
  const example = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { AWS: arn.split(':')[4] }, Action: actions, Resource: arn }] }
  return (
    <Container header={<Header variant="h2" description="What other accounts may do with it; the own account's identities have policies of their own." actions={
      <SpaceBetween direction="horizontal" size="xs">
        <Button disabled={!text} ariaLabel="Delete the policy" onClick={() => setDoing('end')}>Delete</Button>
        <Button disabled={text === undefined} ariaLabel="Edit the policy" onClick={() => setDoing('edit')}>Edit</Button>
      </SpaceBetween>
    }>Resource policy</Header>}>
      {asked.error ? <Alert type="error">{asked.error.message}</Alert> : text ? <Json value={pretty(text)} label="Resource policy" /> : <Box color="text-body-secondary">{asked.loading ? 'Loading' : 'No policy: nobody of another account.'}</Box>}
      {doing === 'edit' && <Edit first={text ? pretty(text) : JSON.stringify(example, null, 2)} close={() => setDoing('')} put={async (Policy) => { await invoke('kinesis', 'PutResourcePolicy', { ResourceARN: arn, Policy }); tell('success', 'The policy is saved.'); asked.reload() }} />}
      {doing === 'end' && <Confirm title="Delete the policy" close={() => setDoing('')} act={async () => { await invoke('kinesis', 'DeleteResourcePolicy', { ResourceARN: arn }); asked.reload() }}>What it let others do ends.</Confirm>}
    </Container>
  )
}

function Edit({ first, put, close }: { first: string; put: (text: string) => Promise<void>; close: () => void }) {
  const [text, setText] = useState(first)
  return <Dialog title="Resource policy" button="Save" size="large" close={close} act={() => put(text)}><AreaField label="Policy" value={text} set={setText} rows={18} /></Dialog>
}
