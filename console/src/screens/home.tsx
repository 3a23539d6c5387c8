// The first page: where one was, what there is.
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import ContentLayout from '@cloudscape-design/components/content-layout'
import ExpandableSection from '@cloudscape-design/components/expandable-section'
import Grid from '@cloudscape-design/components/grid'
import Header from '@cloudscape-design/components/header'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import Link from '@cloudscape-design/components/link'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { ask, session } from '../api/session'
import { type Service, services as askServices } from '../api/spec'
import { useAsked } from '../api/use'
import { grouped, nameOf, pathOf } from '../app/catalogue'
import { favourites, recents } from '../app/settings'
import { at, follow, go } from '../app/ways'

type Status = { version: string; calls: number; denied: number; memory_mb: number; uptime: number; iam: string; store: string; ephemeral: boolean; endpoint: string }

const ServiceLink = ({ id, title }: { id: string; title?: string }) => <Link href={at(pathOf(id))} onFollow={follow}>{nameOf(id, title)}</Link>

export default function Home() {
  const who = session.use()
  const services = useAsked(askServices, []).data ?? []
  const here = services.filter((service) => service.here)
  const status = useAsked(() => ask<Status>('GET', 'control/status'), []).data
  const chosen = favourites.use()
  const past = recents.use()
  return (
    <ContentLayout header={<Header variant="h1" description={who?.arn}>Home</Header>}>
      <SpaceBetween size="l">
        <Grid gridDefinition={[{ colspan: { default: 12, m: 7 } }, { colspan: { default: 12, m: 5 } }]}>
          <Container fitHeight header={<Header variant="h2">{chosen.length ? 'Favourites' : 'Recently visited'}</Header>}>
            <div className="tiles">{(chosen.length ? chosen : past.length ? past : ['s3', 'dynamodb', 'sqs', 'sns', 'iam', 'kms', 'secretsmanager', 'ssm']).map((id) => <ServiceLink key={id} id={id} title={services.find((one) => one.id === id)?.title} />)}</div>
          </Container>
          <Container fitHeight header={<Header variant="h2" actions={<Button onClick={() => go('/inspector')}>Inspect calls</Button>}>This cloud</Header>}>
            {status && <KeyValuePairs columns={2} items={[
              { label: 'Calls', value: `${status.calls.toLocaleString()}, ${status.denied.toLocaleString()} denied` },
              { label: 'IAM', value: status.iam },
              { label: 'State', value: status.ephemeral ? 'in memory' : status.store },
              { label: 'Version', value: status.version },
            ]} />}
          </Container>
        </Grid>
        <Container header={<Header variant="h2" counter={`(${here.length})`} description="What AWS has beyond that is below, in grey.">Services</Header>}>
          <SpaceBetween size="l">{grouped(here).map(([group, members]) => <Group key={group} name={group} members={members} />)}</SpaceBetween>
        </Container>
        <ExpandableSection variant="container" headerText={`Not implemented yet (${services.length - here.length})`}>
          <div className="tiles off">{services.filter((one) => !one.here).map((one) => <ServiceLink key={one.id} id={one.id} title={one.title} />)}</div>
        </ExpandableSection>
      </SpaceBetween>
    </ContentLayout>
  )
}

const Group = ({ name, members }: { name: string; members: Service[] }) => (
  <div>
    <Box variant="h3" margin={{ bottom: 'xxs' }}>{name}</Box>
    <div className="tiles">{members.map((service) => <ServiceLink key={service.id} id={service.id} title={service.title} />)}</div>
  </div>
)
