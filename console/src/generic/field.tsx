// One field of a form that the model asks for.
import Alert from '@cloudscape-design/components/alert'
import Autosuggest from '@cloudscape-design/components/autosuggest'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import ExpandableSection from '@cloudscape-design/components/expandable-section'
import FileUpload from '@cloudscape-design/components/file-upload'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import Select from '@cloudscape-design/components/select'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Textarea from '@cloudscape-design/components/textarea'
import { useState } from 'react'
import { invoke } from '../api/calls'
import type { Spec } from '../api/spec'
import { type Field, fields } from '../spec/forms'
import { type Row, rowsOf } from '../spec/kinds'
import { type Source, source } from '../spec/pickers'
import { label } from '../spec/words'
import { Words, Pairs } from './lists'

type Props = { spec: Spec; field: Field; value: unknown; set: (value: unknown) => void; depth?: number; making?: string; problem?: string }

export function FieldControl(props: Props) {
  const { field, value, set } = props
  if (field.control === 'group') return <Group {...props} />
  if (field.control === 'groups') return <Groups {...props} />
  return (
    <FormField
      stretch={field.control === 'json' || field.control === 'policy'}
      label={<>{label(field.name)}{!field.required && <i> – optional</i>}{!field.here && <Away />}</>}
      description={field.doc}
      errorText={props.problem}
    >
      <Control {...props} value={value} set={set} />
    </FormField>
  )
}

const Away = () => <Box variant="small" color="text-status-inactive"> · not implemented yet</Box>

function Control({ spec, field, value, set, making, problem }: Props) {
  const said = spec.shapes[field.shape]
  const common = { disabled: !field.here, invalid: Boolean(problem), ariaRequired: field.required }
  const text = typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value)
  const change = (event: { detail: { value: string } }): void => set(event.detail.value === '' ? undefined : event.detail.value)
  switch (field.control) {
    case 'flag':
      return <Choice options={['true', 'false']} names={{ true: 'Yes', false: 'No' }} value={value === undefined ? '' : String(value)} set={(one) => set(one === '' ? undefined : one === 'true')} {...common} />
    case 'choice':
      return <Choice options={said?.enum ?? []} value={text} set={(one) => set(one || undefined)} {...common} />
    case 'number':
      return <Input {...common} type="number" inputMode="numeric" value={text} onChange={change} step="any" />
    case 'texts':
      return <Words {...common} name={field.name} value={(value as string[]) ?? []} set={set} options={spec.shapes[said?.of ?? '']?.enum} source={source(spec, field.name, making)} />
    case 'pairs':
      return <Pairs {...common} name={field.name} value={(value as Record<string, string>) ?? {}} set={set} />
    case 'json':
      return <JsonText {...common} value={value} set={set} />
    case 'policy':
      return <Textarea {...common} className="editor" rows={12} value={text} onChange={change} placeholder={'{\n  "Version": "2012-10-17",\n  "Statement": []\n}'} spellcheck={false} />
    case 'blob':
      return <Blob {...common} value={value} set={set} />
    case 'time':
      return <Input {...common} value={text} onChange={change} placeholder="2026-01-31T12:00:00Z" />
    case 'secret':
      return <Input {...common} type="password" autoComplete={false} value={text} onChange={change} />
    default: {
      const from = source(spec, field.name, making)
      return from ? <Picker {...common} from={from} value={text} set={(one) => set(one || undefined)} name={field.name} /> : <Input {...common} value={text} onChange={change} />
    }
  }
}

function Choice({ options, names, value, set, disabled, invalid, ariaRequired }: { options: string[]; names?: Record<string, string>; value: string; set: (value: string) => void; disabled: boolean; invalid: boolean; ariaRequired: boolean }) {
  const shown = [{ value: '', label: '–' }, ...options.map((one) => ({ value: one, label: names?.[one] ?? one }))]
  return <Select ariaRequired={ariaRequired} disabled={disabled} invalid={invalid} selectedOption={shown.find((one) => one.value === value) ?? shown[0]} options={shown} onChange={(event) => set(event.detail.selectedOption.value ?? '')} filteringType={options.length > 8 ? 'auto' : 'none'} expandToViewport />
}

export function Picker({ from, value, set, disabled, name, invalid }: { from: Source; value: string; set: (value: string) => void; disabled?: boolean; name: string; invalid?: boolean }) {
  const [options, setOptions] = useState<{ value: string; description?: string }[]>()
  const [state, setState] = useState<'pending' | 'loading' | 'finished' | 'error'>('pending')
  const load = (): void => {
    if (options || state === 'loading') return
    setState('loading')
    invoke(from.service, from.list, from.params).then(
      (answer) => {
        const rows = rowsOf({ result: from.result, inner: from.inner }, answer, from.value)
        setOptions(rows.map((row: Row) => ({ value: String(row[from.value] ?? ''), description: from.label ? String(row[from.label] ?? '') : undefined })))
        setState('finished')
      },
      () => setState('error'),
    )
  }
  return <Autosuggest value={value} disabled={disabled} invalid={invalid} onChange={(event) => set(event.detail.value)} onFocus={load} options={options ?? []} statusType={state === 'pending' ? 'finished' : state} loadingText="Loading" errorText="These cannot be listed" empty="There are none yet" enteredTextLabel={(text) => `Use: ${text}`} ariaLabel={label(name)} placeholder="Choose or type" expandToViewport />
}

function JsonText({ value, set, disabled }: { value: unknown; set: (value: unknown) => void; disabled?: boolean }) {
  const [text, setText] = useState(value === undefined ? '' : JSON.stringify(value, null, 2))
  const [wrong, setWrong] = useState('')
  const change = (typed: string): void => {
    setText(typed)
    try {
      set(typed.trim() === '' ? undefined : JSON.parse(typed))
      setWrong('')
    } catch (problem) {
      setWrong((problem as Error).message)
    }
  }
  return (
    <>
      <Textarea className="editor" disabled={disabled} rows={5} value={text} invalid={wrong !== ''} onChange={(event) => change(event.detail.value)} placeholder="JSON" spellcheck={false} />
      {wrong && <Box variant="small" color="text-status-error">{wrong}</Box>}
    </>
  )
}

function Blob({ value, set, disabled }: { value: unknown; set: (value: unknown) => void; disabled?: boolean }) {
  const [files, setFiles] = useState<File[]>([])
  const take = (chosen: File[]): void => {
    setFiles(chosen)
    if (chosen.length === 0) return set(undefined)
    const reader = new FileReader()
    reader.onload = () => set({ base64: String(reader.result).split(',')[1] ?? '' })
    reader.readAsDataURL(chosen[0])
  }
  return (
    <SpaceBetween size="xs">
      {files.length === 0 && <Textarea disabled={disabled} rows={3} value={typeof value === 'string' ? value : ''} onChange={(event) => set(event.detail.value || undefined)} placeholder="Text, or choose a file" />}
      {!disabled && <FileUpload value={files} onChange={(event) => take(event.detail.value)} showFileSize i18nStrings={{ uploadButtonText: () => 'Choose file', dropzoneText: () => 'Drop a file here', removeFileAriaLabel: () => 'Remove the file', limitShowFewer: '', limitShowMore: '' }} />}
    </SpaceBetween>
  )
}

function Group({ spec, field, value, set, depth = 0 }: Props) {
  const inner = (value as Row | undefined) ?? {}
  return (
    <ExpandableSection variant="container" headerText={label(field.name) + (field.required ? '' : ' – optional')} headerDescription={field.doc} defaultExpanded={field.required}>
      {field.here ? <Fields spec={spec} shape={field.shape} value={inner} set={(one) => set(Object.keys(one).length ? one : undefined)} depth={depth + 1} /> : <Alert type="info">This server does not honour it yet.</Alert>}
    </ExpandableSection>
  )
}

function Groups({ spec, field, value, set, depth = 0 }: Props) {
  const rows = (value as Row[] | undefined) ?? []
  const of = spec.shapes[field.shape]?.of ?? ''
  const put = (at: number, one: Row): void => set(rows.map((row, i) => (i === at ? one : row)))
  return (
    <FormField stretch label={<>{label(field.name)}{!field.required && <i> – optional</i>}{!field.here && <Away />}</>} description={field.doc}>
      <SpaceBetween size="s">
        {rows.map((row, at) => (
          <ExpandableSection key={at} variant="container" defaultExpanded headerText={`${label(field.name)} ${at + 1}`} headerActions={<Button ariaLabel={`Remove ${label(field.name)} ${at + 1}`} iconName="remove" variant="icon" onClick={() => set(rows.length === 1 ? undefined : rows.filter((_, i) => i !== at))} />}>
            <Fields spec={spec} shape={of} value={row} set={(one) => put(at, one)} depth={depth + 1} />
          </ExpandableSection>
        ))}
        <Button iconName="add-plus" disabled={!field.here} onClick={() => set([...rows, {}])}>Add {label(field.name).toLowerCase()}</Button>
      </SpaceBetween>
    </FormField>
  )
}

type FieldsProps = { spec: Spec; shape: string; value: Row; set: (value: Row) => void; honours?: string[]; depth?: number; making?: string; problems?: Record<string, string> }

// All fields of a structure: the required ones first, the rest on demand where there are many.
export function Fields({ spec, shape, value, set, honours, depth = 0, making, problems }: FieldsProps) {
  const all = fields(spec, shape, honours, depth)
  const put = (name: string, one: unknown): void => {
    const { [name]: _, ...rest } = value
    set(one === undefined ? rest : { ...rest, [name]: one })
  }
  const shown = all.filter((field) => field.required || all.length <= 8 || value[field.name] !== undefined)
  const rest = all.filter((field) => !shown.includes(field))
  const draw = (field: Field) => <FieldControl key={field.name} spec={spec} field={field} value={value[field.name]} set={(one) => put(field.name, one)} depth={depth} making={making} problem={problems?.[field.name]} />
  return (
    <SpaceBetween size="m">
      {shown.map(draw)}
      {rest.length > 0 && (
        <ExpandableSection headerText={`${shown.length ? 'More' : 'All'} settings (${rest.length})`} defaultExpanded={shown.length === 0}>
          <SpaceBetween size="m">{rest.map(draw)}</SpaceBetween>
        </ExpandableSection>
      )}
      {all.length === 0 && <Box color="text-body-secondary">Nothing needs to be said.</Box>}
    </SpaceBetween>
  )
}
