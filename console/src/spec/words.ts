// Words as AWS's models put them together, and as people read them.

export const spaced = (name: string): string =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .replace(/[_-]/g, ' ')

export function label(name: string): string {
  const words = spaced(name).split(' ')
  return words
    .map((word, at) => (/^[A-Z0-9]{2,}s?$/.test(word) ? word : at === 0 ? word[0].toUpperCase() + word.slice(1) : word.toLowerCase()))
    .join(' ')
    .replace(/\b(arn|url|id|vpc|kms|iam|ami|acl|tls|sqs|sns|dns|dhcp|nat|ip|ttl|cidr|mfa|json|uri|acl|sse)(s?)\b/gi, (_, word: string, more: string) => (word.toLowerCase() === 'id' ? 'ID' : word.toUpperCase()) + more)
}

const ODD: Record<string, string> = { Indices: 'Index', Analyses: 'Analysis', Statuses: 'Status', Aliases: 'Alias', Addresses: 'Address', Caches: 'Cache' }

export function singular(name: string): string {
  for (const [many, one] of Object.entries(ODD)) if (name.endsWith(many)) return name.slice(0, -many.length) + one
  if (/ies$/.test(name)) return name.slice(0, -3) + 'y'
  if (/(ss|x|ch|sh)es$/.test(name)) return name.slice(0, -2)
  if (/ss$/.test(name) || !name.endsWith('s')) return name
  return name.slice(0, -1)
}
