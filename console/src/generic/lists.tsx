// Lists of texts, and pairs of them, as rows that one adds and removes.
import Button from '@cloudscape-design/components/button'
import Grid from '@cloudscape-design/components/grid'
import Input from '@cloudscape-design/components/input'
import Select from '@cloudscape-design/components/select'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import { label } from '../spec/words'
import type { Source } from '../spec/pickers'
import { Picker } from './field'

const COLUMNS = [{ colspan: { default: 10 } }, { colspan: { default: 2 } }]

export function Words({ name, value, set, options, source, disabled }: { name: string; value: string[]; set: (value: unknown) => void; options?: string[]; source?: Source; disabled?: boolean }) {
  const put = (at: number, one: string): void => set(value.map((old, i) => (i === at ? one : old)))
  return (
    <SpaceBetween size="xs">
      {value.map((one, at) => (
        <Grid key={at} gridDefinition={COLUMNS}>
          {options ? (
            <Select selectedOption={one ? { value: one, label: one } : null} options={options.map((option) => ({ value: option, label: option }))} onChange={(event) => put(at, event.detail.selectedOption.value ?? '')} filteringType="auto" ariaLabel={`${label(name)} ${at + 1}`} expandToViewport />
          ) : source ? (
            <Picker from={source} value={one} set={(text) => put(at, text)} name={`${name} ${at + 1}`} />
          ) : (
            <Input value={one} onChange={(event) => put(at, event.detail.value)} ariaLabel={`${label(name)} ${at + 1}`} />
          )}
          <Button formAction="none" iconName="remove" variant="icon" ariaLabel={`Remove ${label(name)} ${at + 1}`} onClick={() => set(value.length === 1 ? undefined : value.filter((_, i) => i !== at))} />
        </Grid>
      ))}
      <Button formAction="none" iconName="add-plus" disabled={disabled} onClick={() => set([...value, ''])}>Add {label(name).toLowerCase()}</Button>
    </SpaceBetween>
  )
}

const PAIR = [{ colspan: { default: 5 } }, { colspan: { default: 5 } }, { colspan: { default: 2 } }]

// The rows are kept in their order, with names that may be empty or twice while somebody types.
export function Pairs({ name, value, set, disabled, add = 'Add' }: { name: string; value: Record<string, string>; set: (value: unknown) => void; disabled?: boolean; add?: string }) {
  const [rows, setRows] = useState<[string, string][]>(Object.entries(value))
  const change = (next: [string, string][]): void => {
    setRows(next)
    const kept = Object.fromEntries(next.filter(([key]) => key !== ''))
    set(Object.keys(kept).length ? kept : undefined)
  }
  const put = (at: number, row: [string, string]): void => change(rows.map((old, i) => (i === at ? row : old)))
  return (
    <SpaceBetween size="xs">
      {rows.map(([key, one], at) => (
        <Grid key={at} gridDefinition={PAIR}>
          <Input value={key} placeholder="Name" ariaLabel={`${label(name)} ${at + 1}: name`} onChange={(event) => put(at, [event.detail.value, one])} />
          <Input value={one} placeholder="Value" ariaLabel={`${label(name)} ${at + 1}: value`} onChange={(event) => put(at, [key, event.detail.value])} />
          <Button formAction="none" iconName="remove" variant="icon" ariaLabel={`Remove ${label(name)} ${at + 1}`} onClick={() => change(rows.filter((_, i) => i !== at))} />
        </Grid>
      ))}
      <Button formAction="none" iconName="add-plus" disabled={disabled} onClick={() => change([...rows, ['', '']])}>{add} {label(name).toLowerCase()}</Button>
    </SpaceBetween>
  )
}
