// One thing of a service: what is known of it, its tags, what hangs on it, what can be done with it.
import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import ButtonDropdown from '@cloudscape-design/components/button-dropdown'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Tabs from '@cloudscape-design/components/tabs'
import { useState } from 'react'
import { useCall } from '../api/use'
import type { Spec } from '../api/spec'
import { DataTable } from '../parts/data-table'
import { Json, shown } from '../parts/values'
import { actions, aimed, children, columns, filled, type Kind, type Row, rowsOf } from '../spec/kinds'
import { label } from '../spec/words'
import { OperationForm } from './operation-form'
import { tagsOf } from './tags'

type Props = { spec: Spec; kind: Kind; row: Row; changed: () => void }

export function Thing({ spec, kind, row, changed }: Props) {
  const [doing, setDoing] = useState<{ name: string; params: Row }>()
  const can = actions(spec, kind, row)
  const read = kind.read !== undefined && spec.operations[kind.read].here ? aimed(spec, kind.read, row, kind.noun) : undefined
  const told = useCall<Row>(spec.id, kind.read ?? '', read, read !== undefined)
  const whole = read && told.data ? inside(told.data, kind) : row
  const hanging = children(spec, kind, row)
  const tags = tagsOf(whole) ?? tagsOf(row)
  return (
    <SpaceBetween size="m">
      <Header variant="h2" actions={
        <ButtonDropdown
          items={can.map(({ name }) => ({ id: name, text: label(name), disabled: !spec.operations[name].here, disabledReason: 'Not implemented yet' }))}
          onItemClick={(event) => setDoing(can.find(({ name }) => name === event.detail.id))}
          disabled={can.length === 0}
          expandToViewport
        >Actions</ButtonDropdown>
      }>{title(row, kind)}</Header>
      <Tabs tabs={[
        { id: 'details', label: 'Details', content: <Details value={whole} /> },
        ...(tags ? [{ id: 'tags', label: 'Tags', content: <Tags tags={tags} /> }] : []),
        ...hanging.map((child) => ({ id: child.name, label: label(child.name).replace(/^(List|Describe) (.)/, (_, __, first: string) => first.toUpperCase()), content: <Child spec={spec} child={child} /> })),
        { id: 'json', label: 'JSON', content: <Json value={whole} /> },
      ]} />
      {doing && <OperationForm spec={spec} operation={doing.name} start={doing.params} close={() => setDoing(undefined)} done={() => { changed(); told.reload() }} />}
    </SpaceBetween>
  )
}

// What a Get or Describe tells, less the wrapping: {"Table": {…}}, {"Vpcs": [{…}]}.
function inside(answer: Row, kind: Kind): Row {
  const values = Object.values(answer)
  const wrapped = answer[kind.noun] ?? (values.length === 1 ? values[0] : undefined)
  if (Array.isArray(wrapped) && wrapped.length === 1 && typeof wrapped[0] === 'object') return wrapped[0] as Row
  return wrapped !== null && typeof wrapped === 'object' && !Array.isArray(wrapped) ? (wrapped as Row) : answer
}

export function title(row: Row, kind: Kind): string {
  const noun = kind.noun.toLowerCase()
  const name = Object.entries(row).find(([key, value]) => typeof value === 'string' && (/^(name|id)$/i.test(key) || [`${noun}name`, `${noun}id`].includes(key.toLowerCase())))
  return String(name?.[1] ?? Object.values(row).find((value) => typeof value === 'string') ?? label(kind.noun))
}

function Details({ value }: { value: Row }) {
  const plain = Object.entries(value).filter(([, one]) => one === null || typeof one !== 'object')
  const nested = Object.entries(value).filter(([, one]) => one !== null && typeof one === 'object' && Object.keys(one).length > 0)
  return (
    <SpaceBetween size="m">
      <Container><KeyValuePairs columns={3} items={plain.map(([name, one]) => ({ label: label(name), value: shown(name, one) }))} /></Container>
      {nested.map(([name, one]) => <Box key={name}><Box variant="awsui-key-label">{label(name)}</Box><Json value={one} label={label(name)} /></Box>)}
    </SpaceBetween>
  )
}

function Tags({ tags }: { tags: Record<string, string> }) {
  return <DataTable variant="embedded" title="Tags" items={Object.entries(tags)} empty="No tags." columns={[{ id: 'key', header: 'Key', cell: ([key]) => key, sortingField: '0' }, { id: 'value', header: 'Value', cell: ([, value]) => value }]} />
}

function Child({ spec, child }: { spec: Spec; child: ReturnType<typeof children>[number] }) {
  const asked = useCall<Row>(spec.id, child.name, child.params)
  if (asked.error) return <Alert type="error">{asked.error.message}</Alert>
  const rows = rowsOf({ result: child.kind.result }, asked.data, child.kind.noun)
  const names = columns(spec, child.kind.item, rows, child.kind.noun)
  return <DataTable variant="embedded" title={label(child.name)} items={rows} loading={asked.loading} columns={names.map((name) => ({ id: name, header: label(name), cell: (row: Row) => shown(name, row[name]), sortingField: name, minWidth: 120 }))} />
}

// The form that ends a thing, or what it would need.
export const ending = (spec: Spec, kind: Kind, row: Row): Row | undefined => (kind.remove ? (filled(spec, kind.remove, row, kind.noun) && aimed(spec, kind.remove, row, kind.noun)) : undefined)
