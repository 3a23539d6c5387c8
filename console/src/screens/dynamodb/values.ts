// DynamoDB's typed values, and the plain JSON that people read and write.
export type Value = Record<string, unknown>
export type Item = Record<string, Value>

// Numbers that JSON would change, sets and bytes stay in DynamoDB's form; everything else is plain.
export function plain(value: Value): unknown {
  const [type, one] = Object.entries(value)[0] ?? ['NULL', true]
  switch (type) {
    case 'S': case 'BOOL':
      return one
    case 'N':
      return String(Number(one)) === one ? Number(one) : value
    case 'NULL':
      return null
    case 'L':
      return (one as Value[]).map(plain)
    case 'M':
      return plainItem(one as Item)
    default:
      return value
  }
}

export const plainItem = (item: Item): Record<string, unknown> => Object.fromEntries(Object.entries(item).map(([name, value]) => [name, plain(value)]))

const TYPED = new Set(['N', 'SS', 'NS', 'BS', 'B'])

export function typed(value: unknown): Value {
  if (value === null || value === undefined) return { NULL: true }
  if (typeof value === 'string') return { S: value }
  if (typeof value === 'number') return { N: String(value) }
  if (typeof value === 'boolean') return { BOOL: value }
  if (Array.isArray(value)) return { L: value.map(typed) }
  const keys = Object.keys(value)
  if (keys.length === 1 && TYPED.has(keys[0]) && isTyped(keys[0], (value as Record<string, unknown>)[keys[0]])) return value as Value
  return { M: typedItem(value as Record<string, unknown>) }
}

const isTyped = (type: string, one: unknown): boolean => (type === 'N' ? typeof one === 'string' : type === 'B' ? typeof one === 'string' || isBlob(one) : Array.isArray(one))
const isBlob = (one: unknown): boolean => typeof one === 'object' && one !== null && 'base64' in one

export const typedItem = (item: Record<string, unknown>): Item => Object.fromEntries(Object.entries(item).map(([name, value]) => [name, typed(value)]))

export function shownValue(value?: Value): string {
  if (!value) return ''
  const [type, one] = Object.entries(value)[0] ?? ['', '']
  if (type === 'S' || type === 'N') return String(one)
  if (type === 'BOOL') return one ? 'true' : 'false'
  if (type === 'NULL') return 'null'
  if (type === 'SS' || type === 'NS') return `{${(one as string[]).join(', ')}}`
  return JSON.stringify(plain(value))
}

// --- conditions of a query or a filter ---

export type Condition = { name: string; how: string; value: string; and: string; type: 'S' | 'N' | 'B' | 'BOOL' }
export const HOWS: [string, string][] = [['=', '='], ['<>', '≠'], ['<', '<'], ['<=', '≤'], ['>', '>'], ['>=', '≥'], ['between', 'between'], ['begins_with', 'begins with'], ['contains', 'contains'], ['attribute_exists', 'exists'], ['attribute_not_exists', 'does not exist']]
export const KEY_HOWS = HOWS.filter(([how]) => ['=', '<', '<=', '>', '>=', 'between', 'begins_with'].includes(how))

export function expression(conditions: Condition[], mark: string): { text: string; names: Record<string, string>; values: Item } {
  const names: Record<string, string> = {}
  const values: Item = {}
  const texts = conditions.map(({ name, how, value, and, type }, at) => {
    const key = `#${mark}${at}`
    const one = `:${mark}${at}`
    names[key] = name
    if (how.startsWith('attribute_')) return `${how}(${key})`
    values[one] = given(type, value)
    if (how === 'between') {
      values[`${one}b`] = given(type, and)
      return `${key} BETWEEN ${one} AND ${one}b`
    }
    return how === 'begins_with' || how === 'contains' ? `${how}(${key}, ${one})` : `${key} ${how} ${one}`
  })
  return { text: texts.join(' AND '), names, values }
}

const given = (type: Condition['type'], value: string): Value => (type === 'BOOL' ? { BOOL: value === 'true' } : { [type]: value })
