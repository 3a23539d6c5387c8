// Where a stage of an API answers.

// By a name of its own where this page was asked for by a name, else by a path.
export function urlOf(api: string, stage: string, webSocket = false): string {
  const way = webSocket ? location.protocol.replace('http', 'ws') : location.protocol
  const port = location.port && `:${location.port}`
  return location.hostname === 'localhost' ? `${way}//${api}.execute-api.localhost${port}/${stage === '$default' ? '' : stage}` : `${way}//${location.host}${pathOf(api, stage)}`
}

// The same at this page's own host, which is where a page may send requests to.
export const pathOf = (api: string, stage: string): string => `/_aws/execute-api/${api}/${stage}`
