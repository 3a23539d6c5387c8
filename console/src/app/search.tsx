// The search at the top: services and pages by name; `/` leads there.
import Autosuggest, { type AutosuggestProps } from '@cloudscape-design/components/autosuggest'
import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import { ask } from '../api/session'
import type { Service } from '../api/spec'
import { type Found, grouped, nameOf, pathOf, placeOf } from './catalogue'
import { go } from './ways'

export const PAGES: [string, string, string][] = [
  ['/inspector', 'Request inspector', 'Calls as they come, with who, what and why'],
  ['/explain', 'Explain a decision', 'Why IAM allows or denies'],
  ['/state', 'State', 'The clock, snapshots, forks, reset'],
  ['/coverage', 'Coverage', 'What works here'],
  ['/labs', 'Labs', 'Walkthroughs with checks'],
]

export function Search({ services }: { services: Service[] }) {
  const [text, setText] = useState('')
  const field = useRef<AutosuggestProps.Ref>(null)
  // As soon as the page is seen, not some time after.
  useLayoutEffect(() => {
    const focus = (event: KeyboardEvent): void => {
      const element = event.target as HTMLElement
      if (event.key !== '/' || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName) || element.isContentEditable) return
      event.preventDefault()
      field.current?.focus()
    }
    addEventListener('keydown', focus)
    return () => removeEventListener('keydown', focus)
  }, [])
  const resources = useResources(text)
  const options = [
    ...(resources.length ? [{ label: 'Resources', options: resources.map((one) => ({ value: placeOf(one), label: one.name, description: one.type, filteringTags: [one.id] })) }] : []),
    { label: 'Pages', options: PAGES.map(([path, name, doc]) => ({ value: path, label: name, description: doc })) },
    ...grouped(services).map(([group, members]) => ({
      label: group,
      options: members.map((service) => ({ value: pathOf(service.id), label: nameOf(service.id, service.title), description: service.title, tags: [service.id], labelTag: service.here ? '' : 'not yet' })),
    })),
  ]
  return (
    <Autosuggest
      ref={field} value={text} options={text ? options : []} onChange={(event) => setText(event.detail.value)}
      onSelect={(event) => { setText(''); if (event.detail.value.startsWith('/')) go(event.detail.value) }}
      placeholder="Search services, pages  [/]" ariaLabel="Search" enteredTextLabel={(typed) => `Search: ${typed}`} empty="Nothing has this name" hideEnteredTextOption
    />
  )
}

// Asked for when somebody stops typing.
function useResources(text: string): Found[] {
  const [found, setFound] = useState<{ text: string; all: Found[] }>({ text: '', all: [] })
  useEffect(() => {
    if (text.trim().length < 2) return undefined
    const stop = new AbortController()
    const timer = setTimeout(() => {
      ask<{ resources: Found[] }>('GET', `search?q=${encodeURIComponent(text)}`, undefined, stop.signal).then(({ resources }) => setFound({ text, all: resources }), () => undefined)
    }, 250)
    return () => {
      clearTimeout(timer)
      stop.abort()
    }
  }, [text])
  return text.startsWith(found.text) && found.text ? found.all : []
}
