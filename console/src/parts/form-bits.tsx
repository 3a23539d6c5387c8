// A labelled input, as most dialogs need several of.
import FormField from '@cloudscape-design/components/form-field'
import Input, { type InputProps } from '@cloudscape-design/components/input'
import Select from '@cloudscape-design/components/select'
import Textarea from '@cloudscape-design/components/textarea'
import type { ReactNode } from 'react'

type Text = { label: ReactNode; value: string; set: (value: string) => void; hint?: ReactNode; placeholder?: string; error?: string }

export const TextField = ({ label, value, set, hint, placeholder, error, type }: Text & { type?: InputProps.Type }) => (
  <FormField label={label} description={hint} errorText={error}><Input value={value} type={type} placeholder={placeholder} onChange={(event) => set(event.detail.value)} /></FormField>
)

export const AreaField = ({ label, value, set, hint, placeholder, error, rows = 6 }: Text & { rows?: number }) => (
  <FormField stretch label={label} description={hint} errorText={error}><Textarea className="editor" rows={rows} value={value} placeholder={placeholder} spellcheck={false} onChange={(event) => set(event.detail.value)} /></FormField>
)

export const ChoiceField = ({ label, value, set, options, hint }: { label: ReactNode; value: string; set: (value: string) => void; options: ([string, string] | string)[]; hint?: ReactNode }) => {
  const all = options.map((one) => (typeof one === 'string' ? { value: one, label: one } : { value: one[0], label: one[1] }))
  return (
    <FormField label={label} description={hint}>
      <Select selectedOption={all.find((one) => one.value === value) ?? null} options={all} onChange={(event) => set(event.detail.selectedOption.value ?? '')} expandToViewport />
    </FormField>
  )
}
