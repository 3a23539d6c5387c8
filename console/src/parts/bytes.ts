// Bytes come as {"base64": …}; these are texts in them.
export type Bytes = { base64: string }

export const textOf = (base64: string): string => new TextDecoder().decode(Uint8Array.from(atob(base64), (one) => one.charCodeAt(0)))
