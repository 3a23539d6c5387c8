// The side lists of services that have screens of their own.
export const NAVIGATION: Record<string, [string, string][]> = {}
