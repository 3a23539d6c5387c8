// Where one comes in: `/go?to=NAME` is what `cumulet open` asks for; addresses of AWS's console lead to the same thing here.
import { region } from '../api/session'
import { moved, placeOfName } from './places'

export function arrive(): void {
  const path = location.pathname.replace(/^\/_console/, '') || '/'
  const name = path === '/go' ? (new URLSearchParams(location.search).get('to') ?? '') : undefined
  const found = name === undefined ? moved(path, location.search, location.hash) : { to: placeOfName(name), region: name.split(':')[3] ?? '' }
  if (!found) return
  if (found.region) region.set(found.region)
  history.replaceState(null, '', `/_console${found.to}`)
}
