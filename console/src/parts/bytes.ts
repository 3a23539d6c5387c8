// Bytes come as {"base64": …}; these are texts in them.
export type Bytes = { base64: string }

export const bytesOf = (base64: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(base64), (one) => one.charCodeAt(0))
export const textOf = (base64: string): string => new TextDecoder().decode(bytesOf(base64))
