// Tags in the forms in which services tell them.
import type { Row } from '../spec/kinds'

export function tagsOf(value: Row): Record<string, string> | undefined {
  const found = Object.entries(value).find(([name]) => /^tags?(list|set)?$/i.test(name))?.[1]
  if (Array.isArray(found)) {
    return Object.fromEntries(found.map((tag: Row) => [String(tag.Key ?? tag.key ?? tag.TagKey ?? ''), String(tag.Value ?? tag.value ?? tag.TagValue ?? '')]))
  }
  return found !== null && typeof found === 'object' ? (found as Record<string, string>) : undefined
}
