// To the clipboard, which a page of plain HTTP may not have.
import { tell } from '../app/notices'

export function copy(text: string, what = 'Copied'): void {
  const done = navigator.clipboard?.writeText(text) ?? Promise.reject(new Error('no clipboard'))
  done.then(
    () => tell('success', what),
    () => tell('info', text, 'This browser keeps the clipboard from pages: copy it from here'),
  )
}

export function save(name: string, content: Blob | string, type = 'application/json'): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }))
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 1000)
}
