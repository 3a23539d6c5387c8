// What this browser remembers: light or dark, favourites, where one has been.
import { applyMode, Mode } from '@cloudscape-design/global-styles'
import { Kept } from '../api/store'

export const dark = new Kept<boolean>('cumulet.dark', matchMedia('(prefers-color-scheme: dark)').matches)
export const favourites = new Kept<string[]>('cumulet.favourites', [])
export const recents = new Kept<string[]>('cumulet.recents', [])

export function show(): void {
  applyMode(dark.get() ? Mode.Dark : Mode.Light)
}

export function visited(service: string): void {
  const others = recents.get().filter((id) => id !== service)
  recents.set([service, ...others].slice(0, 8))
}

export function toggleFavourite(service: string): void {
  const now = favourites.get()
  favourites.set(now.includes(service) ? now.filter((id) => id !== service) : [...now, service])
}
