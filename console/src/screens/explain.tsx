// Why IAM allows or denies: each kind of policy, each statement, and the smallest change that lets it pass.
import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import ContentLayout from '@cloudscape-design/components/content-layout'
import FormField from '@cloudscape-design/components/form-field'
import Grid from '@cloudscape-design/components/grid'
import Header from '@cloudscape-design/components/header'
import Input from '@cloudscape-design/components/input'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import Table from '@cloudscape-design/components/table'
import { useEffect, useState } from 'react'
import { useParams } from 'react-router-dom'
import { ask, session } from '../api/session'
import { fail, tell } from '../app/notices'
import { go } from '../app/ways'
import { Json } from '../parts/values'

type Statement = {
  policy: string; statement: string; effect: string; matched: boolean; principal?: boolean | null; action?: boolean | null; resource?: boolean | null
  conditions: { condition: string; values: string[] | null; held: boolean }[]
}
type Step = { kind: string; verdict: string; statements: Statement[] }
type Change = { kind: string; do: string; from: string; statement?: unknown } & Record<string, unknown>
type Explained = {
  principal: string; action: string; resource: string; decision: string; by: string; message: string; explicit: boolean
  steps: Step[]; changes: Change[]; unknown: string[]; applied?: string[]; then?: { mode: string; decision: string }
}
type Question = Record<string, string>

export default function Explain() {
  const { request } = useParams()
  const [asked, setAsked] = useState<Question>(request ? { request } : {})
  const [found, setFound] = useState<Explained>()
  const [problem, setProblem] = useState('')
  const [busy, setBusy] = useState(false)
  const question = async (about: Question, change = false): Promise<void> => {
    setBusy(true)
    setProblem('')
    try {
      const answer = change ? await ask<Explained>('POST', 'control/explain', about) : await ask<Explained>('GET', `control/explain?${new URLSearchParams(about)}`)
      setFound(answer)
      setAsked(about)
      if (answer.applied) tell('success', `Changed: ${answer.applied.join(', ')}`)
    } catch (error) {
      if (change) fail(error)
      else { setFound(undefined); setProblem((error as Error).message) }
    } finally {
      setBusy(false)
    }
  }
  useEffect(() => {
    if (request) void question({ request })
  }, [request])
  return (
    <ContentLayout header={<Header variant="h1" description="Of a call that was made, or of one that might be." actions={<Button onClick={() => (request === 'last' ? void question({ request }) : go('/explain/last'))}>The last denial</Button>}>Explain a decision</Header>}>
      <SpaceBetween size="l">
        <Ask ask={(about) => void question(about)} busy={busy} found={found} />
        {problem && <Alert type="info" header="Nothing to explain">{problem.replace('bad request: ', '')}</Alert>}
        {found && <Answer found={found} busy={busy} apply={() => void question(asked, true)} />}
      </SpaceBetween>
    </ContentLayout>
  )
}

function Ask({ ask: question, busy, found }: { ask: (about: Question) => void; busy: boolean; found?: Explained }) {
  const account = session.use()?.account
  const [principal, setPrincipal] = useState('')
  const [action, setAction] = useState('')
  const [resource, setResource] = useState('*')
  useEffect(() => {
    if (!found) return
    setPrincipal(found.principal)
    setAction(found.action)
    setResource(found.resource)
  }, [found])
  return (
    <Container>
      <form onSubmit={(event) => { event.preventDefault(); question({ principal, action, resource }) }}>
        <Grid gridDefinition={[{ colspan: { default: 12, s: 4 } }, { colspan: { default: 12, s: 3 } }, { colspan: { default: 12, s: 3 } }, { colspan: { default: 12, s: 2 } }]}>
          <FormField stretch label="Principal"><Input value={principal} onChange={(event) => setPrincipal(event.detail.value)} placeholder={`arn:aws:iam::${account}:user/ann`} /></FormField>
          <FormField stretch label="Action"><Input value={action} onChange={(event) => setAction(event.detail.value)} placeholder="s3:GetObject" /></FormField>
          <FormField stretch label="Resource"><Input value={resource} onChange={(event) => setResource(event.detail.value)} placeholder="arn:aws:s3:::bucket/key" /></FormField>
          <div className="beside"><Button loading={busy} disabled={!principal || !action}>What if?</Button></div>
        </Grid>
      </form>
    </Container>
  )
}

function Answer({ found, busy, apply }: { found: Explained; busy: boolean; apply: () => void }) {
  const allowed = found.decision === 'allowed'
  return (
    <SpaceBetween size="l">
      <Alert type={allowed ? 'success' : 'error'} header={`${found.decision[0].toUpperCase()}${found.decision.slice(1)}: ${found.action}`}>{found.message || `By ${found.by}.`}</Alert>
      <Container header={<Header variant="h2">The question</Header>}>
        <KeyValuePairs columns={3} items={[{ label: 'Principal', value: found.principal }, { label: 'Action', value: found.action }, { label: 'Resource', value: found.resource }, { label: 'Decided by', value: found.by || 'nothing' }, ...(found.then ? [{ label: 'At that time', value: `${found.then.decision}, mode ${found.then.mode}` }] : [])]} />
      </Container>
      <Table
        header={<Header variant="h2">Policies, in order</Header>} items={found.steps} wrapLines ariaLabels={{ tableLabel: 'Steps of the decision' }}
        columnDefinitions={[
          { id: 'kind', header: 'Kind of policy', cell: (step) => step.kind, width: 220, isRowHeader: true },
          { id: 'verdict', header: 'What it says', cell: (step) => <Verdict step={step} />, width: 300 },
          { id: 'statements', header: 'Statements', cell: (step) => (step.statements.length ? <Statements all={step.statements} /> : '–') },
        ]}
      />
      {found.changes.length > 0 && !allowed && (
        <Container header={<Header variant="h2" description="The smallest that lets this call pass." actions={<Button variant="primary" loading={busy} onClick={apply}>Apply the change</Button>}>{found.changes.length > 1 ? 'Changes' : 'Change'}</Header>}>
          <SpaceBetween size="m">
            {found.changes.map((change, at) => (
              <div key={at}>
                <Box variant="awsui-key-label">{change.do} in the {change.kind}{change.from && `: ${change.from}`}</Box>
                <Json value={change.statement ?? change} label="Statement" />
              </div>
            ))}
          </SpaceBetween>
        </Container>
      )}
    </SpaceBetween>
  )
}

const Verdict = ({ step }: { step: Step }) => {
  const type = /den(y|ies|ied)/i.test(step.verdict) && !/no/i.test(step.verdict) ? 'error' : /^allow|allows/i.test(step.verdict) ? 'success' : 'info'
  return <StatusIndicator type={type} wrapText>{step.verdict}</StatusIndicator>
}

const PARTS = ['principal', 'action', 'resource'] as const

const Statements = ({ all }: { all: Statement[] }) => (
  <SpaceBetween size="s">
    {all.map((one, at) => (
      <div key={at}>
        <Box variant="strong">{one.policy}{one.statement && `, ${one.statement}`}</Box> <Box tagOverride="span" color="text-body-secondary">{one.effect}</Box>
        <SpaceBetween direction="horizontal" size="s">
          {PARTS.filter((part) => one[part] !== null && one[part] !== undefined).map((part) => <StatusIndicator key={part} type={one[part] ? 'success' : 'error'}>{part} {one[part] ? 'fits' : 'does not fit'}</StatusIndicator>)}
          {one.conditions.map((each) => <StatusIndicator key={each.condition} type={each.held ? 'success' : 'error'} wrapText>{each.condition}{each.values ? ` (was ${each.values.join(', ')})` : ' (nothing was given)'}</StatusIndicator>)}
        </SpaceBetween>
      </div>
    ))}
  </SpaceBetween>
)
