// A value that components watch, and that may outlive the page.
import { useSyncExternalStore } from 'react'

export class Store<T> {
  private listeners = new Set<() => void>()

  constructor(private value: T) {}

  get = (): T => this.value

  set(value: T): void {
    this.value = value
    this.listeners.forEach((tell) => tell())
  }

  watch = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  use(): T {
    return useSyncExternalStore(this.watch, this.get)
  }
}

// The same, kept by the browser under a name.
export class Kept<T> extends Store<T> {
  constructor(
    private name: string,
    first: T,
    private storage: Storage = localStorage,
  ) {
    super(read(name, first, storage))
  }

  set(value: T): void {
    super.set(value)
    this.storage.setItem(this.name, JSON.stringify(value))
  }
}

function read<T>(name: string, first: T, storage: Storage): T {
  try {
    const text = storage.getItem(name)
    return text === null ? first : (JSON.parse(text) as T)
  } catch {
    return first
  }
}
