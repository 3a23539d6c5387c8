// A try: a request to a stage as any client sends it, without a signature, and what is answered.
import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Grid from '@cloudscape-design/components/grid'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import { fail } from '../../app/notices'
import { AreaField, ChoiceField, TextField } from '../../parts/form-bits'
import { Json, pretty } from '../../parts/values'
import { pathOf } from './urls'

type Answer = { status: number; ms: number; headers: string; text: string }

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']

// `Name: value`, a line each.
const headersOf = (text: string): [string, string][] =>
  text.split('\n').filter((line) => line.includes(':')).map((line) => [line.slice(0, line.indexOf(':')).trim(), line.slice(line.indexOf(':') + 1).trim()])

async function send(url: string, method: string, headers: string, body: string): Promise<Answer> {
  const begun = performance.now()
  const response = await fetch(url, { method, headers: headersOf(headers), body: body && method !== 'GET' && method !== 'HEAD' ? body : undefined, credentials: 'omit', cache: 'no-store' })
  const text = await response.text()
  return { status: response.status, ms: Math.round(performance.now() - begun), headers: [...response.headers].map(([name, value]) => `${name}: ${value}`).join('\n'), text }
}

export function Try({ api, stages, paths }: { api: string; stages: string[]; paths: string[] }) {
  const [form, setForm] = useState({ stage: '', method: 'GET', path: '', headers: '', body: '' })
  const [answer, setAnswer] = useState<Answer>()
  const [busy, setBusy] = useState(false)
  const put = (name: keyof typeof form) => (value: string): void => setForm({ ...form, [name]: value })
  const stage = form.stage || stages[0] || ''
  const path = form.path || paths[0] || '/'
  const run = (): void => {
    setBusy(true)
    setAnswer(undefined)
    send(pathOf(api, stage) + (path.startsWith('/') ? path : `/${path}`), form.method, form.headers, form.body).then(setAnswer, fail).finally(() => setBusy(false))
  }
  return (
    <SpaceBetween size="l">
      {answer && <Result answer={answer} />}
      <Container header={<Header variant="h2" description="It goes where clients' requests go: authorizers, keys, throttles and caches count. It is not signed." actions={<Button variant="primary" loading={busy} disabled={!stage} onClick={run}>Send request</Button>}>Request</Header>}>
        <SpaceBetween size="m">
          <Grid gridDefinition={[{ colspan: { default: 12, s: 3 } }, { colspan: { default: 12, s: 3 } }, { colspan: { default: 12, s: 6 } }]}>
            <ChoiceField label="Stage" value={stage} set={put('stage')} options={stages} />
            <ChoiceField label="Method" value={form.method} set={put('method')} options={METHODS} />
            <TextField label="Path and query" value={path} set={put('path')} />
          </Grid>
          <AreaField label={<>Headers<i> – optional</i></>} hint="Name: value, a line each" value={form.headers} set={put('headers')} rows={3} />
          {form.method !== 'GET' && form.method !== 'HEAD' && <AreaField label={<>Body<i> – optional</i></>} value={form.body} set={put('body')} rows={8} />}
        </SpaceBetween>
      </Container>
    </SpaceBetween>
  )
}

const Result = ({ answer }: { answer: Answer }) => (
  <SpaceBetween size="m">
    <Alert type={answer.status < 400 ? 'success' : 'error'} header={`Status ${answer.status}`}>{`It took ${answer.ms} ms.`}</Alert>
    <div><Box variant="awsui-key-label">Answer</Box><Json value={pretty(answer.text)} label="Answer" /></div>
    <div><Box variant="awsui-key-label">Headers</Box><Json value={answer.headers} label="Answer headers" /></div>
  </SpaceBetween>
)
