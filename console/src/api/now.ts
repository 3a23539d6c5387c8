// The cloud's time in seconds, which is not always this machine's.
import { ask } from './session'

export const cloudNow = async (): Promise<number> => (await ask<{ now: number }>('GET', 'control/time')).now
