// Who are you: the root of an account with one click, or a user of it.
import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Form from '@cloudscape-design/components/form'
import FormField from '@cloudscape-design/components/form-field'
import Header from '@cloudscape-design/components/header'
import Input from '@cloudscape-design/components/input'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Tabs from '@cloudscape-design/components/tabs'
import { useEffect, useState } from 'react'
import { ask, signIn, Unanswered } from '../api/session'

export default function SignIn() {
  const [account, setAccount] = useState('')
  const [any, setAny] = useState(true)
  const [problem, setProblem] = useState<Unanswered>()
  const [busy, setBusy] = useState(false)
  useEffect(() => {
    ask<{ account: string; any: boolean }>('GET', 'roots').then(
      (roots) => { setAccount(roots.account); setAny(roots.any) },
      setProblem,
    )
  }, [])
  const enter = (asked: Record<string, string>): void => {
    setBusy(true)
    setProblem(undefined)
    signIn(asked).catch(setProblem).finally(() => setBusy(false))
  }
  return (
    <main className="sign-in">
      <SpaceBetween size="l">
        <Box textAlign="center"><Box variant="h1">Sign in to cumulet</Box><Box color="text-body-secondary">Your own cloud, on your own machine</Box></Box>
        {problem && <Alert type={problem.asks === 'code' || problem.asks === 'change' ? 'info' : 'error'}>{problem.message}</Alert>}
        <Container>
          <Tabs tabs={[
            { id: 'root', label: 'Root of an account', content: <Root account={account} any={any} busy={busy} enter={enter} /> },
            { id: 'user', label: 'IAM user', content: <User account={account} busy={busy} asks={problem?.asks ?? ''} enter={enter} /> },
          ]} />
        </Container>
      </SpaceBetween>
    </main>
  )
}

type Ways = { account: string; busy: boolean; enter: (asked: Record<string, string>) => void }

function Root({ account, any, busy, enter }: Ways & { any: boolean }) {
  const [said, setSaid] = useState<string>()
  const name = said ?? account
  return (
    <form onSubmit={(event) => { event.preventDefault(); enter({ account: name }) }}>
      <Form header={<Header variant="h3" description={any ? 'An account is there as soon as somebody uses it. No password is needed here.' : 'This server takes only keys that IAM made, besides its own account’s.'}>Root</Header>} actions={<Button variant="primary" loading={busy} disabled={name === ''}>Sign in as root</Button>}>
        <FormField label="Account ID or alias"><Input value={name} onChange={(event) => setSaid(event.detail.value)} disabled={!any} /></FormField>
      </Form>
    </form>
  )
}

function User({ account, busy, enter, asks }: Ways & { asks: string }) {
  const [form, setForm] = useState<Record<string, string>>({})
  const field = (name: string, text: string, type: 'text' | 'password' = 'text', first = '') => (
    <FormField label={text}><Input value={form[name] ?? first} type={type} onChange={(event) => setForm({ ...form, [name]: event.detail.value })} autoComplete={name === 'username' ? 'username' : type === 'password' ? 'current-password' : 'off'} /></FormField>
  )
  const changing = asks === 'change' || 'newpassword' in form
  return (
    <form onSubmit={(event) => { event.preventDefault(); enter({ account, ...form }) }}>
      <Form actions={<Button variant="primary" loading={busy} disabled={!form.username}>Sign in</Button>}>
        <SpaceBetween size="s">
          {field('account', 'Account ID or alias', 'text', account)}
          {field('username', 'IAM user name')}
          {field('password', changing ? 'Old password' : 'Password', 'password')}
          {changing && field('newpassword', 'New password', 'password')}
          {changing && field('newpassword2', 'Retype new password', 'password')}
          {(asks === 'code' || form.mfacode) && field('mfacode', 'MFA code')}
        </SpaceBetween>
      </Form>
    </form>
  )
}
