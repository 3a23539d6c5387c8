// The bus that a page is about.
import { useListed } from '../../api/pages'
import { ChoiceField } from '../../parts/form-bits'

export type Bus = { Name: string; Arn: string; Policy?: string; Description?: string; CreationTime?: string }
export const PAGES = { in: 'NextToken', out: 'NextToken' }
export const useBuses = () => useListed<Bus>('events', 'ListEventBuses', 'EventBuses', PAGES)

export function BusChoice({ value, set }: { value: string; set: (bus: string) => void }) {
  const names = useBuses().rows.map((bus) => bus.Name)
  return <ChoiceField label="Event bus" value={value} set={set} options={names.includes(value) ? names : [value, ...names]} />
}
