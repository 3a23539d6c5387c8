// The texts of a function's package, changed in place and deployed.
import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import FileUpload from '@cloudscape-design/components/file-upload'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import { useState } from 'react'
import { invoke } from '../../api/calls'
import { ask, region } from '../../api/session'
import { useAsked } from '../../api/use'
import { fail, tell } from '../../app/notices'
import type { Bytes } from '../../parts/bytes'
import { Dialog } from '../../parts/confirm'
import { AreaField, ChoiceField, TextField } from '../../parts/form-bits'
import { size } from '../../parts/values'
import type { Configuration } from './functions'

type Files = Record<string, string>
type Kept = { files: Files; others: { name: string; size: number }[] }

export function Code({ config, changed }: { config: Configuration; changed: () => void }) {
  const asked = useAsked(async () => ({ of: config.LastModified, kept: await ask<Kept>('POST', 'function/code', { function: config.FunctionName, region: region.get() }) }), [config.FunctionArn, config.LastModified])
  if (asked.error) return <Alert type="error">{asked.error.message}</Alert>
  return asked.data ? <Editor key={asked.data.of} config={config} kept={asked.data.kept} changed={changed} /> : null
}

// The file that the handler is in, or the first.
export const firstOf = (files: Files, handler = ''): string => {
  const names = Object.keys(files).sort()
  const module = handler.split('.').slice(0, -1).join('.')
  return names.find((name) => name.replace(/\.[^./]+$/, '') === module) ?? names[0] ?? ''
}

function Editor({ config, kept, changed }: { config: Configuration; kept: Kept; changed: () => void }) {
  const [files, setFiles] = useState(kept.files)
  const [name, setName] = useState(firstOf(kept.files, config.Handler))
  const [doing, setDoing] = useState('')
  const [busy, setBusy] = useState(false)
  const names = Object.keys(files).sort()
  const touched = JSON.stringify(files) !== JSON.stringify(kept.files)
  const update = (ZipFile: Bytes): Promise<unknown> => invoke('lambda', 'UpdateFunctionCode', { FunctionName: config.FunctionName, ZipFile }).then(() => { tell('success', `${config.FunctionName} is deployed.`); changed() })
  const deploy = (): void => {
    setBusy(true)
    ask<Bytes>('POST', 'function/package', { files, function: config.FunctionName, region: region.get() }).then(update).catch(fail).finally(() => setBusy(false))
  }
  const without = (gone: string): void => {
    const { [gone]: _, ...rest } = files
    setFiles(rest)
    setName(firstOf(rest, config.Handler))
  }
  return (
    <Container header={
      <Header variant="h2" description={touched ? <StatusIndicator type="pending">Changed, not deployed</StatusIndicator> : <StatusIndicator type="success">Deployed</StatusIndicator>} actions={
        <SpaceBetween direction="horizontal" size="xs">
          <Button onClick={() => setDoing('file')}>New file</Button>
          <Button disabled={!name || names.length < 2} onClick={() => without(name)}>Remove file</Button>
          <Button onClick={() => setDoing('zip')}>Upload zip</Button>
          <Button variant="primary" loading={busy} disabled={!touched} onClick={deploy}>Deploy</Button>
        </SpaceBetween>
      }>Code source</Header>
    }>
      <SpaceBetween size="m">
        {names.length > 1 && <ChoiceField label="File" value={name} set={setName} options={names} />}
        {name ? <AreaField label={name} value={files[name]} set={(text) => setFiles({ ...files, [name]: text })} rows={22} /> : <Box color="text-body-secondary">No file of this package is text.</Box>}
        {kept.others.length > 0 && <Box variant="small" color="text-body-secondary">Not shown, and kept as they are: {kept.others.slice(0, 20).map((one) => `${one.name} (${size(one.size)})`).join(', ')}{kept.others.length > 20 && ` and ${kept.others.length - 20} more`}</Box>}
      </SpaceBetween>
      {doing === 'file' && <NewFile names={names} close={() => setDoing('')} make={(made) => { setFiles({ ...files, [made]: '' }); setName(made) }} />}
      {doing === 'zip' && <Upload close={() => setDoing('')} update={update} />}
    </Container>
  )
}

function NewFile({ names, close, make }: { names: string[]; close: () => void; make: (name: string) => void }) {
  const [name, setName] = useState('')
  return (
    <Dialog title="New file" button="Create file" close={close} disabled={!name || names.includes(name)} act={async () => make(name)}>
      <TextField label="File name" value={name} set={setName} placeholder="helpers/text.py" error={names.includes(name) ? 'There is one of this name.' : ''} />
    </Dialog>
  )
}

function Upload({ close, update }: { close: () => void; update: (zip: Bytes) => Promise<unknown> }) {
  const [files, setFiles] = useState<File[]>([])
  const send = async (): Promise<void> => {
    const bytes = new Uint8Array(await files[0].arrayBuffer())
    let text = ''
    for (let at = 0; at < bytes.length; at += 32_768) text += String.fromCharCode(...bytes.subarray(at, at + 32_768))
    await update({ base64: btoa(text) })
  }
  return (
    <Dialog title="Upload a package" button="Upload" close={close} disabled={files.length === 0} act={send}>
      <FileUpload value={files} onChange={(event) => setFiles(event.detail.value.slice(0, 1))} accept=".zip" showFileSize i18nStrings={{ uploadButtonText: () => 'Choose file', dropzoneText: () => 'Drop the zip here', removeFileAriaLabel: () => 'Remove the file', limitShowFewer: '', limitShowMore: '' }} />
    </Dialog>
  )
}
