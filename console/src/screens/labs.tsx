// Labs: a text, tasks, checks that look at what was really made.
import Alert from '@cloudscape-design/components/alert'
import Badge from '@cloudscape-design/components/badge'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Cards from '@cloudscape-design/components/cards'
import Checkbox from '@cloudscape-design/components/checkbox'
import Container from '@cloudscape-design/components/container'
import ExpandableSection from '@cloudscape-design/components/expandable-section'
import Grid from '@cloudscape-design/components/grid'
import Header from '@cloudscape-design/components/header'
import Link from '@cloudscape-design/components/link'
import ProgressBar from '@cloudscape-design/components/progress-bar'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import { useEffect, useState } from 'react'
import { Route, Routes, useParams } from 'react-router-dom'
import { looks, recorded } from '../api/calls'
import { ask, session, signIn } from '../api/session'
import { Kept } from '../api/store'
import { useAsked } from '../api/use'
import { nameOf } from '../app/catalogue'
import { fail, tell } from '../app/notices'
import { at, follow } from '../app/ways'
import { Confirm } from '../parts/confirm'
import { Markdown } from '../parts/markdown'
import { Json } from '../parts/values'

type Task = { id: string; goal: string; hints: string[] }
type Lab = { id: string; title: string; level: string[]; minutes: number; services: string[]; text: string; tasks: Task[] }
type Attempt = { lab: string; accounts: string[]; started: number; exam: boolean; done: Record<string, number>; hints: Record<string, number> }
type Finding = { task: string; why: string }

const attempts = new Kept<Record<string, Attempt>>('cumulet.labs', {})

const all = async (): Promise<Lab[]> => (await ask<{ labs: Lab[] }>('GET', 'labs')).labs

export default function Labs() {
  return <Routes><Route path="" element={<List />} /><Route path=":lab" element={<One />} /></Routes>
}

function List() {
  const asked = useAsked(all, [])
  const begun = attempts.use()
  return (
    <Cards
      items={asked.data ?? []} loading={asked.loading && !asked.data} loadingText="Loading" trackBy="id" cardsPerRow={[{ cards: 1 }, { minWidth: 640, cards: 2 }, { minWidth: 1100, cards: 3 }]} ariaLabels={{ itemSelectionLabel: () => '', selectionGroupLabel: 'Labs' }}
      header={<Header variant="h1" description="Learn by doing: each lab has tasks, and checks that look at what you really made, with the console, the CLI or anything else. An attempt lives in accounts of its own.">Labs</Header>}
      empty={asked.error?.message ?? 'No labs are in this installation.'}
      cardDefinition={{
        header: (lab) => <Link href={at(`/labs/${lab.id}`)} onFollow={follow} fontSize="heading-m">{lab.title}</Link>,
        sections: [
          { id: 'level', content: (lab) => <SpaceBetween direction="horizontal" size="xs">{lab.level.map((one) => <Badge key={one}>{one}</Badge>)}<Box tagOverride="span" color="text-body-secondary">{lab.minutes} min</Box></SpaceBetween> },
          { id: 'services', content: (lab) => lab.services.map((one) => nameOf(one)).join(', ') },
          { id: 'state', content: (lab) => (begun[lab.id] ? <ProgressBar value={(100 * Object.keys(begun[lab.id].done).length) / lab.tasks.length} additionalInfo={`${Object.keys(begun[lab.id].done).length} of ${lab.tasks.length} tasks`} ariaLabel={`${lab.title}: progress`} /> : `${lab.tasks.length} tasks`) },
        ],
      }}
    />
  )
}

function One() {
  const { lab: id = '' } = useParams()
  const asked = useAsked(all, [])
  const lab = asked.data?.find((one) => one.id === id)
  const attempt = attempts.use()[id]
  if (asked.error) return <Alert type="error">{asked.error.message}</Alert>
  if (!lab) return asked.loading ? null : <Alert type="error">There is no lab {id}.</Alert>
  return (
    <SpaceBetween size="l">
      <Header variant="h1" description={`${lab.minutes} minutes; ${lab.services.map((one) => nameOf(one)).join(', ')}`}>{lab.title}</Header>
      <Grid gridDefinition={[{ colspan: { default: 12, m: 7 } }, { colspan: { default: 12, m: 5 } }]}>
        <Container><Markdown text={lab.text} /></Container>
        <Work key={attempt?.started} lab={lab} attempt={attempt} />
      </Grid>
    </SpaceBetween>
  )
}

const keep = (id: string, attempt?: Attempt): void => {
  const { [id]: _, ...others } = attempts.get()
  attempts.set(attempt ? { ...others, [id]: attempt } : others)
}

function Work({ lab, attempt }: { lab: Lab; attempt?: Attempt }) {
  const [exam, setExam] = useState(false)
  const [busy, setBusy] = useState('')
  const [findings, setFindings] = useState<Finding[]>([])
  const [ending, setEnding] = useState(false)
  const who = session.use()
  const calls = recorded.use()
  const run = async (verb: string, body: unknown): Promise<void> => {
    setBusy(verb)
    try {
      const told = await ask<{ attempt?: Attempt; findings?: Finding[] }>('POST', `lab/${verb}`, body)
      keep(lab.id, told.attempt)
      setFindings(told.findings ?? [])
      if (verb !== 'begin' && told.attempt && Object.keys(told.attempt.done).length === lab.tasks.length) tell('success', `${lab.title}: all tasks are done.`)
    } catch (problem) {
      fail(problem)
    } finally {
      setBusy('')
    }
  }
  // What is changed from here is looked at as soon as it is done.
  const last = calls.at(-1)
  useEffect(() => {
    if (attempt && last && !looks(last.operation) && !last.error) void run('check', { attempt })
  }, [last])
  if (!attempt) {
    return (
      <Container header={<Header variant="h2">Begin</Header>}>
        <SpaceBetween size="m">
          <ol>{lab.tasks.map((task) => <li key={task.id}>{task.goal}</li>)}</ol>
          <Checkbox checked={exam} onChange={(event) => setExam(event.detail.checked)} description="Goals only, no hints.">As an exam</Checkbox>
          <Button variant="primary" loading={busy === 'begin'} onClick={() => void run('begin', { lab: lab.id, exam })}>Begin the lab</Button>
        </SpaceBetween>
      </Container>
    )
  }
  const done = Object.keys(attempt.done).length
  const account = attempt.accounts[0]
  return (
    <Container header={<Header variant="h2" actions={<Button variant="primary" loading={busy === 'check'} onClick={() => void run('check', { attempt })}>Check my work</Button>}>Tasks</Header>}>
      <SpaceBetween size="m">
        <ProgressBar value={(100 * done) / lab.tasks.length} additionalInfo={`${done} of ${lab.tasks.length}`} ariaLabel="Progress" />
        {who?.account === account ? <StatusIndicator>You are in the lab’s account, {account}</StatusIndicator> : <Button onClick={() => void signIn({ account }).catch(fail)}>Go into the lab’s account, {account}</Button>}
        <ExpandableSection headerText="With the CLI"><Json value={attempt.accounts.map((one, i) => `export AWS_ENDPOINT_URL=${location.origin} AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=${one} AWS_SECRET_ACCESS_KEY=test${i ? '   # another account of the lab' : ''}`).join('\n')} label="Variables" /></ExpandableSection>
        {lab.tasks.map((task, i) => <TaskRow key={task.id} number={i + 1} task={task} done={task.id in attempt.done} why={findings.find((one) => one.task === task.id)?.why ?? ''} hints={!attempt.exam} />)}
        <SpaceBetween direction="horizontal" size="xs">
          {!attempt.exam && <Button loading={busy === 'solve'} onClick={() => void run('solve', { attempt })}>Show the solution at work</Button>}
          <Button onClick={() => setEnding(true)}>End the lab</Button>
        </SpaceBetween>
      </SpaceBetween>
      {ending && <Confirm title="End the lab" button="End" close={() => setEnding(false)} act={() => run('end', { attempt })}>Its accounts go with all that is in them.</Confirm>}
    </Container>
  )
}

function TaskRow({ number, task, done, why, hints }: { number: number; task: Task; done: boolean; why: string; hints: boolean }) {
  const [seen, setSeen] = useState(0)
  return (
    <div data-testid={`task-${task.id}`}>
      <StatusIndicator type={done ? 'success' : 'pending'} wrapText><b>{number}.</b> {task.goal}</StatusIndicator>
      {!done && why && <Box color="text-status-error" margin={{ left: 'l' }} variant="small">{why}</Box>}
      {hints && !done && (
        <Box margin={{ left: 'l' }}>
          {task.hints.slice(0, seen).map((hint) => <Box key={hint} color="text-body-secondary"><span className="mono">{hint}</span></Box>)}
          {seen < task.hints.length && <Button variant="inline-link" ariaLabel={`Hint for task ${number}`} onClick={() => setSeen(seen + 1)}>{seen ? 'Another hint' : 'Hint'}</Button>}
        </Box>
      )}
    </div>
  )
}
