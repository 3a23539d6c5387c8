// How a bucket is set up: versioning, encryption, website, notifications, lifecycle, policy, public access, CORS.
import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import Box from '@cloudscape-design/components/box'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Toggle from '@cloudscape-design/components/toggle'
import { useState } from 'react'
import { CallError, invoke } from '../../api/calls'
import { useCall } from '../../api/use'
import { fail, tell } from '../../app/notices'
import { Confirm, Dialog } from '../../parts/confirm'
import { AreaField } from '../../parts/form-bits'
import { Json, pretty } from '../../parts/values'

// A part of a bucket's setup that is read, written and taken away whole, as JSON.
type Setup = { title: string; get: string; put: string; end?: string; member: string; read: (answer: Record<string, unknown>) => unknown; example: unknown; hint: string }

const whole = (answer: Record<string, unknown>): unknown => answer

const PROPERTIES: Setup[] = [
  { title: 'Default encryption', get: 'GetBucketEncryption', put: 'PutBucketEncryption', end: 'DeleteBucketEncryption', member: 'ServerSideEncryptionConfiguration', read: (a) => a.ServerSideEncryptionConfiguration, example: { Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' }, BucketKeyEnabled: true }] }, hint: 'How objects are encrypted that come without a word about it.' },
  { title: 'Static website', get: 'GetBucketWebsite', put: 'PutBucketWebsite', end: 'DeleteBucketWebsite', member: 'WebsiteConfiguration', read: whole, example: { IndexDocument: { Suffix: 'index.html' }, ErrorDocument: { Key: 'error.html' } }, hint: 'Pages at BUCKET.s3-website.localhost.' },
  { title: 'Lifecycle', get: 'GetBucketLifecycleConfiguration', put: 'PutBucketLifecycleConfiguration', end: 'DeleteBucketLifecycle', member: 'LifecycleConfiguration', read: whole, example: { Rules: [{ ID: 'tidy', Status: 'Enabled', Filter: { Prefix: 'tmp/' }, Expiration: { Days: 7 } }] }, hint: 'What is moved or deleted after which time.' },
  { title: 'Notifications', get: 'GetBucketNotificationConfiguration', put: 'PutBucketNotificationConfiguration', member: 'NotificationConfiguration', read: whole, example: { QueueConfigurations: [{ QueueArn: 'arn:aws:sqs:us-east-1:000000000000:queue', Events: ['s3:ObjectCreated:*'] }] }, hint: 'Who is told of new and deleted objects.' },
  { title: 'Tags', get: 'GetBucketTagging', put: 'PutBucketTagging', end: 'DeleteBucketTagging', member: 'Tagging', read: whole, example: { TagSet: [{ Key: 'team', Value: 'red' }] }, hint: '' },
]
const PERMISSIONS: Setup[] = [
  { title: 'Block public access', get: 'GetPublicAccessBlock', put: 'PutPublicAccessBlock', end: 'DeletePublicAccessBlock', member: 'PublicAccessBlockConfiguration', read: (a) => a.PublicAccessBlockConfiguration, example: { BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true }, hint: 'Whatever policies and ACLs say, nothing becomes public.' },
  { title: 'CORS', get: 'GetBucketCors', put: 'PutBucketCors', end: 'DeleteBucketCors', member: 'CORSConfiguration', read: whole, example: { CORSRules: [{ AllowedOrigins: ['http://localhost:3000'], AllowedMethods: ['GET', 'PUT'], AllowedHeaders: ['*'] }] }, hint: 'Which pages of other origins may read and write.' },
]

export const Properties = ({ bucket }: { bucket: string }) => (
  <SpaceBetween size="l"><Versioning bucket={bucket} />{PROPERTIES.map((setup) => <Part key={setup.title} bucket={bucket} setup={setup} />)}</SpaceBetween>
)

export const Permissions = ({ bucket }: { bucket: string }) => (
  <SpaceBetween size="l"><Policy bucket={bucket} />{PERMISSIONS.map((setup) => <Part key={setup.title} bucket={bucket} setup={setup} />)}</SpaceBetween>
)

function Versioning({ bucket }: { bucket: string }) {
  const asked = useCall<{ Status?: string }>('s3', 'GetBucketVersioning', { Bucket: bucket })
  const on = asked.data?.Status === 'Enabled'
  const turn = (to: boolean): void => void invoke('s3', 'PutBucketVersioning', { Bucket: bucket, VersioningConfiguration: { Status: to ? 'Enabled' : 'Suspended' } }).then(asked.reload, fail)
  return <Container header={<Header variant="h2">Versioning</Header>}><Toggle checked={on} disabled={asked.loading} onChange={(event) => turn(event.detail.checked)}>{asked.data?.Status ?? 'Never enabled'}</Toggle></Container>
}

const absent = (error?: Error): boolean => error instanceof CallError && error.told.status === 404

function Part({ bucket, setup }: { bucket: string; setup: Setup }) {
  const asked = useCall<Record<string, unknown>>('s3', setup.get, { Bucket: bucket })
  const [doing, setDoing] = useState('')
  const told = asked.data && setup.read(asked.data)
  const there = told !== undefined && Object.keys(told as object).length > 0
  return (
    <Container header={<Header variant="h2" description={setup.hint} actions={
      <SpaceBetween direction="horizontal" size="xs">
        {setup.end && <Button disabled={!there} ariaLabel={`Remove: ${setup.title}`} onClick={() => setDoing('end')}>Remove</Button>}
        <Button ariaLabel={`Edit: ${setup.title}`} onClick={() => setDoing('edit')}>Edit</Button>
      </SpaceBetween>
    }>{setup.title}</Header>}>
      {asked.error && !absent(asked.error) ? <Alert type="error">{asked.error.message}</Alert> : there ? <Json value={told} label={setup.title} /> : <Box color="text-body-secondary">{asked.loading ? 'Loading' : 'Not set.'}</Box>}
      {doing === 'edit' && <Edit title={setup.title} first={JSON.stringify(there ? told : setup.example, null, 2)} close={() => setDoing('')} put={async (text) => { await invoke('s3', setup.put, { Bucket: bucket, [setup.member]: JSON.parse(text) }); tell('success', `${setup.title}: saved`); asked.reload() }} />}
      {doing === 'end' && setup.end && <Confirm title={`Remove: ${setup.title}`} button="Remove" close={() => setDoing('')} act={async () => { await invoke('s3', setup.end as string, { Bucket: bucket }); asked.reload() }}>It is taken away from {bucket}.</Confirm>}
    </Container>
  )
}

function Policy({ bucket }: { bucket: string }) {
  const asked = useCall<{ Policy?: string }>('s3', 'GetBucketPolicy', { Bucket: bucket })
  const [doing, setDoing] = useState('')
  const text = asked.data?.Policy
  const example = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: `arn:aws:s3:::${bucket}/*` }] }
  return (
    <Container header={<Header variant="h2" description="Who may do what with this bucket and its objects." actions={
      <SpaceBetween direction="horizontal" size="xs">
        <Button disabled={!text} ariaLabel="Delete the bucket policy" onClick={() => setDoing('end')}>Delete</Button>
        <Button ariaLabel="Edit the bucket policy" onClick={() => setDoing('edit')}>Edit</Button>
      </SpaceBetween>
    }>Bucket policy</Header>}>
      {asked.error && !absent(asked.error) ? <Alert type="error">{asked.error.message}</Alert> : text ? <Json value={pretty(text)} label="Bucket policy" /> : <Box color="text-body-secondary">{asked.loading ? 'Loading' : 'No policy.'}</Box>}
      {doing === 'edit' && <Edit title="Bucket policy" first={text ? pretty(text) : JSON.stringify(example, null, 2)} close={() => setDoing('')} put={async (typed) => { await invoke('s3', 'PutBucketPolicy', { Bucket: bucket, Policy: typed }); tell('success', 'The policy is saved.'); asked.reload() }} />}
      {doing === 'end' && <Confirm title="Delete the bucket policy" close={() => setDoing('')} act={async () => { await invoke('s3', 'DeleteBucketPolicy', { Bucket: bucket }); asked.reload() }}>What it let others do ends.</Confirm>}
    </Container>
  )
}

function Edit({ title, first, put, close }: { title: string; first: string; put: (text: string) => Promise<void>; close: () => void }) {
  const [text, setText] = useState(first)
  return <Dialog title={title} button="Save" size="large" close={close} act={() => put(text)}><AreaField label="JSON" value={text} set={setText} rows={18} /></Dialog>
}
