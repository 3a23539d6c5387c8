// The page of any service, made from its model: its things, and all its operations.
import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import Select from '@cloudscape-design/components/select'
import Spinner from '@cloudscape-design/components/spinner'
import Tabs from '@cloudscape-design/components/tabs'
import { useState } from 'react'
import { useParams, useSearchParams } from 'react-router-dom'
import { CallError, invoke } from '../api/calls'
import { type Listed, usePaged } from '../api/pages'
import { region, session } from '../api/session'
import { type Spec, specOf } from '../api/spec'
import { useAsked } from '../api/use'
import { nameOf } from '../app/catalogue'
import { ExplainButton, tell } from '../app/notices'
import { Confirm } from '../parts/confirm'
import { DataTable } from '../parts/data-table'
import { shown } from '../parts/values'
import { columns, type Kind, kinds, type Row, rowsOf, valueAt } from '../spec/kinds'
import { label } from '../spec/words'
import { source } from '../spec/pickers'
import { Picker } from './field'
import { OperationForm } from './operation-form'
import { ending, Thing, title } from './thing'

export default function ServicePage() {
  const { service = '' } = useParams()
  const spec = useAsked(() => specOf(service), [service])
  if (spec.error) return <Alert type="error" header={service}>{spec.error.message}</Alert>
  if (!spec.data || spec.data.id !== service) return <Box textAlign="center" padding="xxl"><Spinner size="large" /></Box>
  return <Service key={service} spec={spec.data} />
}

function Service({ spec }: { spec: Spec }) {
  const [asked, setAsked] = useSearchParams()
  const all = kinds(spec, session.use()?.account)
  const kind = all.find((one) => one.many === asked.get('kind')) ?? all[0]
  const tab = asked.get('tab') ?? (kind ? 'things' : 'operations')
  return (
    <>
      {!spec.here && <Box margin={{ bottom: 's' }}><Alert type="info" header={`${nameOf(spec.id, spec.title)} is not implemented yet`}>Its operations answer 501 with their name. What the service would have is shown in grey.</Alert></Box>}
      <Tabs activeTabId={tab} onChange={(event) => setAsked({ ...(kind ? { kind: kind.many } : {}), tab: event.detail.activeTabId })} tabs={[
        ...(kind ? [{ id: 'things', label: 'Resources', content: <Things key={kind.many} spec={spec} all={all} kind={kind} choose={(many) => setAsked({ kind: many })} /> }] : []),
        { id: 'operations', label: 'All operations', content: <Operations spec={spec} /> },
      ]} />
    </>
  )
}

function Things({ spec, all, kind, choose }: { spec: Spec; all: Kind[]; kind: Kind; choose: (many: string) => void }) {
  const [of, setOf] = useState('')
  const given = kind.needs ? { ...kind.given, [kind.needs]: of } : kind.given
  const things = usePages(spec, kind, given, !kind.needs || of !== '')
  const [picked, setPicked] = useState<Row[]>([])
  const [doing, setDoing] = useState('')
  const names = columns(spec, kind.item, things.rows, kind.noun)
  const one = picked[0]
  const end = one && ending(spec, kind, { ...given, ...one })
  const from = kind.needs ? source(spec, kind.needs) : undefined
  const noun = label(kind.noun)
  const changed = (): void => {
    setPicked([])
    things.reload()
  }
  const make = kind.create
  return (
    <div className={kind.here ? '' : 'off'}>
      <DataTable
        variant="container" level="h1" title={label(kind.many)} items={things.rows} loading={things.loading} more={things.more}
        picked={picked} onPick={setPicked}
        empty={things.error ? <Refusal problem={things.error} /> : undefined}
        columns={names.map((name) => ({ id: name, header: label(name), cell: (row: Row) => shown(name, row[name]), sortingField: name, minWidth: 110 }))}
        description={kind.needs && (
          <FormField label={`${label(kind.needs)}: whose`}>
            {from ? <Picker from={from} value={of} set={setOf} name={kind.needs} /> : <Input value={of} onChange={(event) => setOf(event.detail.value)} ariaLabel={label(kind.needs)} />}
          </FormField>
        )}
        actions={[
          <Select key="kind" selectedOption={{ value: kind.many, label: label(kind.many) }} options={all.map((each) => ({ value: each.many, label: label(each.many), disabled: !each.here, labelTag: each.here ? '' : 'not yet' }))} onChange={(event) => choose(event.detail.selectedOption.value ?? '')} filteringType="auto" ariaLabel="Kind of resource" expandToViewport />,
          <Button key="reload" iconName="refresh" ariaLabel="Refresh" onClick={things.reload} />,
          kind.remove && <Button key="delete" disabled={!end || !spec.operations[kind.remove].here} onClick={() => setDoing('end')}>{verbOf(kind.remove, kind)}</Button>,
          make && <Button key="make" variant="primary" disabled={!spec.operations[make].here} onClick={() => setDoing('make')}>{label(make)}</Button>,
        ].filter(Boolean)}
      />
      {one && <Box margin={{ top: 'l' }}><Thing key={JSON.stringify(one)} spec={spec} kind={kind} row={{ ...given, ...one }} changed={changed} /></Box>}
      {doing === 'make' && make && <OperationForm spec={spec} operation={make} making={kind.noun} start={kind.needs ? given : undefined} close={() => setDoing('')} done={changed} />}
      {doing === 'end' && kind.remove && end && (
        <Confirm title={`${verbOf(kind.remove, kind)} ${noun}?`} button={verbOf(kind.remove, kind)} close={() => setDoing('')} act={async () => {
          await invoke(spec.id, kind.remove as string, end)
          tell('success', `${title(one, kind)}: done`)
          changed()
        }}>
          {label(kind.remove)}: <b>{title(one, kind)}</b>
        </Confirm>
      )}
    </div>
  )
}

const verbOf = (operation: string, kind: Kind): string => label(operation.replace(new RegExp(`(${kind.many}|${kind.noun})$`), '')) || operation

function Refusal({ problem }: { problem: Error }) {
  const told = problem instanceof CallError ? problem.told : undefined
  return (
    <Box textAlign="center">
      <Box variant="strong">{told?.status === 501 ? 'Not implemented yet' : problem instanceof CallError ? problem.code : 'That did not work'}</Box>
      <Box variant="p" color="text-body-secondary">{problem.message}</Box>
      {told?.decision && !told.decision.allowed && <ExplainButton request={told.request} />}
    </Box>
  )
}

// The things of a kind, page by page.
function usePages(spec: Spec, kind: Kind, given: Row, when: boolean): Listed<Row> {
  return usePaged<Row>(async (token) => {
    const page = spec.operations[kind.list].page
    const answer = await invoke<Row>(spec.id, kind.list, token && typeof page?.in === 'string' ? { ...given, [page.in]: token } : given)
    return { rows: rowsOf(kind, answer, kind.noun), next: nextOf(spec, kind, answer) }
  }, [spec, kind.list, region.use(), session.use()?.token, JSON.stringify(given)], when)
}

function nextOf(spec: Spec, kind: Kind, answer: Row): string | undefined {
  const page = spec.operations[kind.list].page
  if (typeof page?.in !== 'string' || typeof page.out !== 'string') return undefined
  return (valueAt(answer, page.out.split(' || ')[0]) as string | undefined) || undefined
}

function Operations({ spec }: { spec: Spec }) {
  const [open, setOpen] = useState('')
  const rows = Object.entries(spec.operations).map(([name, said]) => ({ name, doc: said.doc, here: said.here }))
  const here = rows.filter((row) => row.here).length
  return (
    <>
      <DataTable
        variant="container" level="h1" title={nameOf(spec.id, spec.title)} label="Operations" size={100} items={rows.sort((a, b) => Number(b.here) - Number(a.here) || a.name.localeCompare(b.name))}
        description={`${here} of ${rows.length} operations are implemented.`}
        columns={[
          { id: 'name', header: 'Operation', cell: (row) => (row.here ? <Button variant="inline-link" onClick={() => setOpen(row.name)}>{row.name}</Button> : <Box color="text-status-inactive">{row.name}</Box>), sortingField: 'name', width: 320 },
          { id: 'here', header: 'Here', cell: (row) => (row.here ? 'Yes' : 'Not yet'), sortingField: 'here', width: 110 },
          { id: 'doc', header: 'What it does', cell: (row) => row.doc },
        ]}
      />
      {open && <OperationForm spec={spec} operation={open} close={() => setOpen('')} done={() => undefined} />}
    </>
  )
}
