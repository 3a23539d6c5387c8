// Rows of conditions: which attribute, how, what.
import Button from '@cloudscape-design/components/button'
import Grid from '@cloudscape-design/components/grid'
import Input from '@cloudscape-design/components/input'
import Select from '@cloudscape-design/components/select'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { type Condition, HOWS } from './values'

type Props = { all: Condition[]; set: (all: Condition[]) => void; hows?: [string, string][]; fixed?: boolean }

const TYPES = [{ value: 'S', label: 'String' }, { value: 'N', label: 'Number' }, { value: 'BOOL', label: 'Boolean' }]

export function Conditions({ all, set, hows = HOWS, fixed = false }: Props) {
  const put = (at: number, change: Partial<Condition>): void => set(all.map((one, i) => (i === at ? { ...one, ...change } : one)))
  return (
    <SpaceBetween size="xs">
      {all.map((one, at) => (
        <Grid key={at} gridDefinition={[{ colspan: { default: 12, s: 3 } }, { colspan: { default: 5, s: 2 } }, { colspan: { default: 7, s: 2 } }, { colspan: { default: 10, s: 4 } }, { colspan: { default: 2, s: 1 } }]}>
          <Input value={one.name} disabled={fixed} placeholder="Attribute" ariaLabel={`Attribute ${at + 1}`} onChange={(event) => put(at, { name: event.detail.value })} />
          <Select selectedOption={TYPES.find((type) => type.value === one.type) ?? { value: one.type, label: 'Binary' }} options={TYPES} disabled={fixed} onChange={(event) => put(at, { type: event.detail.selectedOption.value as Condition['type'] })} ariaLabel={`Type ${at + 1}`} />
          <Select selectedOption={named(hows, one.how)} options={(fixed && at === 0 ? [hows[0]] : hows).map(([value, label]) => ({ value, label }))} onChange={(event) => put(at, { how: event.detail.selectedOption.value ?? '=' })} ariaLabel={`Comparison ${at + 1}`} />
          <SpaceBetween direction="horizontal" size="xs">
            {!one.how.startsWith('attribute_') && <Input value={one.value} placeholder="Value" ariaLabel={`Value of ${one.name || `condition ${at + 1}`}`} onChange={(event) => put(at, { value: event.detail.value })} />}
            {one.how === 'between' && <Input value={one.and} placeholder="and" ariaLabel={`Upper value of ${one.name || `condition ${at + 1}`}`} onChange={(event) => put(at, { and: event.detail.value })} />}
          </SpaceBetween>
          {fixed ? <span /> : <Button iconName="remove" variant="icon" ariaLabel={`Remove filter ${at + 1}`} onClick={() => set(all.filter((_, i) => i !== at))} />}
        </Grid>
      ))}
      {!fixed && <Button iconName="add-plus" onClick={() => set([...all, { name: '', how: '=', value: '', and: '', type: 'S' }])}>Add filter</Button>}
    </SpaceBetween>
  )
}

const named = (hows: [string, string][], how: string): { value: string; label: string } => {
  const found = hows.find(([value]) => value === how) ?? hows[0]
  return { value: found[0], label: found[1] }
}
