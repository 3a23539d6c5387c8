// An HTTP or WebSocket API: its routes with where they lead, its stages, a try.
import Button from '@cloudscape-design/components/button'
import { useParams } from 'react-router-dom'
import { invoke } from '../../api/calls'
import { useListed } from '../../api/pages'
import { useCall } from '../../api/use'
import { DataTable } from '../../parts/data-table'
import { moment } from '../../parts/values'
import { Frame } from './frame'
import { target } from './rest'
import { type Stage, Stages } from './stages'
import { Talk } from './talk'
import { Try } from './try'

type Route = { RouteId: string; RouteKey: string; AuthorizationType?: string; ApiKeyRequired?: boolean; Target?: string }
type Integration = { IntegrationId: string; IntegrationType: string; IntegrationUri?: string; IntegrationSubtype?: string }
type Told = { StageName: string; DeploymentId?: string; Description?: string; StageVariables?: Record<string, string>; LastUpdatedDate?: string; AutoDeploy?: boolean }

const PAGED = { in: 'NextToken', out: 'NextToken' }

export default function RoutedPage() {
  const { api = '' } = useParams()
  const told = useCall<{ Name: string; Description?: string; ProtocolType: string; CreatedDate?: string; RouteSelectionExpression?: string }>('apigatewayv2', 'GetApi', { ApiId: api })
  const routes = useListed<Route>('apigatewayv2', 'GetRoutes', 'Items', PAGED, { ApiId: api })
  const asked = useListed<Told>('apigatewayv2', 'GetStages', 'Items', PAGED, { ApiId: api })
  const stages = asked.rows.map((each): Stage => ({ name: each.StageName, deployment: each.DeploymentId, description: each.Description, variables: each.StageVariables, changed: each.LastUpdatedDate, byItself: each.AutoDeploy }))
  const { data } = told
  const talks = data?.ProtocolType === 'WEBSOCKET'
  const paths = routes.rows.map((each) => each.RouteKey.split(' ')[1]).filter(Boolean)
  const deploy = async (StageName: string, Description: string): Promise<void> => {
    if (!stages.some((each) => each.name === StageName)) await invoke('apigatewayv2', 'CreateStage', { ApiId: api, StageName })
    await invoke('apigatewayv2', 'CreateDeployment', { ApiId: api, StageName, ...(Description ? { Description } : {}) })
  }
  return (
    <Frame id={api} name={data?.Name} description={data?.Description} error={told.error} known={[{ label: 'Protocol', value: talks ? 'WebSocket' : 'HTTP' }, { label: 'Route selection', value: data?.RouteSelectionExpression ?? '–' }, { label: 'Created', value: moment(data?.CreatedDate ?? '') }]} tabs={[
      { id: 'routes', label: 'Routes', content: <RouteTable api={api} routes={routes} /> },
      { id: 'stages', label: 'Stages', content: <Stages api={api} webSocket={talks} stages={stages} loading={asked.loading} problem={asked.error} reload={asked.reload} deploy={deploy} remove={(StageName) => invoke('apigatewayv2', 'DeleteStage', { ApiId: api, StageName })} /> },
      { id: 'test', label: 'Test', content: talks ? <Talk api={api} stages={stages.map((each) => each.name)} /> : <Try api={api} stages={stages.map((each) => each.name)} paths={paths} /> },
    ]} />
  )
}

function RouteTable({ api, routes }: { api: string; routes: ReturnType<typeof useListed<Route>> }) {
  const integrations = useListed<Integration>('apigatewayv2', 'GetIntegrations', 'Items', PAGED, { ApiId: api })
  const found = (route: Route): Integration | undefined => integrations.rows.find((each) => route.Target === `integrations/${each.IntegrationId}`)
  return (
    <DataTable variant="container" title="Routes" items={routes.rows} loading={routes.loading} more={routes.more} trackBy="RouteId" empty={routes.error?.message ?? 'No routes yet.'}
      columns={[
        { id: 'key', header: 'Route', cell: (each) => each.RouteKey, isRowHeader: true, minWidth: 240, sortingField: 'RouteKey' },
        { id: 'who', header: 'Authorization', cell: (each) => `${each.AuthorizationType ?? 'NONE'}${each.ApiKeyRequired ? ', API key' : ''}`, width: 180 },
        { id: 'how', header: 'Integration', cell: (each) => found(each)?.IntegrationSubtype ?? found(each)?.IntegrationType ?? '–', width: 180 },
        { id: 'where', header: 'Leads to', cell: (each) => target(found(each)?.IntegrationUri), minWidth: 260 },
      ]}
      actions={<Button iconName="refresh" ariaLabel="Refresh routes" onClick={() => { routes.reload(); integrations.reload() }} />} />
  )
}
