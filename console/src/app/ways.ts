// Where the page is, for what is not rendered within the router.
import type { NavigateFunction } from 'react-router-dom'

let navigate: NavigateFunction = () => undefined

export const bind = (way: NavigateFunction): void => {
  navigate = way
}
export const go = (path: string): void => void navigate(path)

// A link of the page's own: followed here, opened elsewhere when asked so.
export const follow = (event: { preventDefault: () => void; detail: { href?: string; external?: boolean; button?: number; ctrlKey?: boolean; metaKey?: boolean } }): void => {
  const { href, external, ctrlKey, metaKey } = event.detail
  if (external || !href || ctrlKey || metaKey) return
  event.preventDefault()
  go(href.replace(/^\/_console/, '') || '/')
}

export const at = (path: string): string => `/_console${path}`
export const part = encodeURIComponent
