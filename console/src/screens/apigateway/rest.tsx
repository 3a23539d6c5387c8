// A REST API: the tree of its resources with their methods, its stages, a try.
import Badge from '@cloudscape-design/components/badge'
import Button from '@cloudscape-design/components/button'
import { useParams } from 'react-router-dom'
import { invoke } from '../../api/calls'
import { useListed } from '../../api/pages'
import { useCall } from '../../api/use'
import { DataTable } from '../../parts/data-table'
import { moment } from '../../parts/values'
import { Frame } from './frame'
import { type Stage, Stages } from './stages'
import { Try } from './try'

type Method = { httpMethod: string; authorizationType?: string; apiKeyRequired?: boolean; methodIntegration?: { type: string; uri?: string; httpMethod?: string } }
type Resource = { id: string; path: string; resourceMethods?: Record<string, Method> }
type Row = { key: string; path: string; method?: Method }
type Told = { item?: { stageName: string; deploymentId?: string; description?: string; variables?: Record<string, string>; lastUpdatedDate?: string }[] }

export default function RestPage() {
  const { api = '' } = useParams()
  const told = useCall<{ name: string; description?: string; createdDate?: string; endpointConfiguration?: { types?: string[] }; apiKeySource?: string }>('apigateway', 'GetRestApi', { restApiId: api })
  const resources = useListed<Resource>('apigateway', 'GetResources', 'items', { in: 'position', out: 'position' }, { restApiId: api, embed: ['methods'], limit: 500 })
  const asked = useCall<Told>('apigateway', 'GetStages', { restApiId: api })
  const stages = (asked.data?.item ?? []).map((each): Stage => ({ name: each.stageName, deployment: each.deploymentId, description: each.description, variables: each.variables, changed: each.lastUpdatedDate }))
  const { data } = told
  return (
    <Frame id={api} name={data?.name} description={data?.description} error={told.error} known={[{ label: 'Protocol', value: 'REST' }, { label: 'Endpoint', value: data?.endpointConfiguration?.types?.join(', ') ?? '–' }, { label: 'Created', value: moment(data?.createdDate ?? '') }]} tabs={[
      { id: 'resources', label: 'Resources', content: <Tree rows={rowsOf(resources.rows)} asked={resources} /> },
      { id: 'stages', label: 'Stages', content: <Stages api={api} stages={stages} loading={asked.loading} problem={asked.error} reload={asked.reload} deploy={(stageName, description) => invoke('apigateway', 'CreateDeployment', { restApiId: api, stageName, ...(description ? { description } : {}) })} remove={(stageName) => invoke('apigateway', 'DeleteStage', { restApiId: api, stageName })} /> },
      { id: 'test', label: 'Test', content: <Try api={api} stages={stages.map((each) => each.name)} paths={resources.rows.filter((each) => each.resourceMethods).map((each) => each.path)} /> },
    ]} />
  )
}

// A line for each method; one for a resource that has none.
const rowsOf = (resources: Resource[]): Row[] =>
  [...resources].sort((a, b) => (a.path < b.path ? -1 : 1)).flatMap(({ path, resourceMethods }): Row[] => {
    const methods = Object.entries(resourceMethods ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
    return methods.length ? methods.map(([name, method]) => ({ key: `${path} ${name}`, path, method: { ...method, httpMethod: name } })) : [{ key: path, path }]
  })

function Tree({ rows, asked }: { rows: Row[]; asked: { loading: boolean; error?: Error; more?: () => void; reload: () => void } }) {
  return (
    <DataTable variant="container" title="Resources" items={rows} loading={asked.loading} more={asked.more} trackBy="key" empty={asked.error?.message}
      columns={[
        { id: 'path', header: 'Path', cell: ({ path }) => <span style={{ paddingInlineStart: 16 * (path.split('/').filter(Boolean).length) }}>{path}</span>, isRowHeader: true, minWidth: 240, sortingField: 'path' },
        { id: 'method', header: 'Method', cell: ({ method }) => (method ? <Badge>{method.httpMethod}</Badge> : '–'), width: 130 },
        { id: 'who', header: 'Authorization', cell: ({ method }) => (method ? `${method.authorizationType ?? 'NONE'}${method.apiKeyRequired ? ', API key' : ''}` : '–'), width: 180 },
        { id: 'how', header: 'Integration', cell: ({ method }) => method?.methodIntegration?.type ?? '–', width: 140 },
        { id: 'where', header: 'Leads to', cell: ({ method }) => target(method?.methodIntegration?.uri), minWidth: 260 },
      ]}
      actions={<Button iconName="refresh" ariaLabel="Refresh resources" onClick={asked.reload} />} />
  )
}

// Of an integration's URI what people know it by: the function's ARN is between two other parts.
export const target = (uri?: string): string => (uri ? (/functions\/(arn:.*)\/invocations$/.exec(uri)?.[1] ?? uri) : '–')
