// What every page stands in: the bar at the top, the list at the side, notices, the last call at the foot.
import AppLayoutToolbar from '@cloudscape-design/components/app-layout-toolbar'
import Box from '@cloudscape-design/components/box'
import BreadcrumbGroup from '@cloudscape-design/components/breadcrumb-group'
import SideNavigation, { type SideNavigationProps } from '@cloudscape-design/components/side-navigation'
import Spinner from '@cloudscape-design/components/spinner'
import TopNavigation, { type TopNavigationProps } from '@cloudscape-design/components/top-navigation'
import { type ReactNode, Suspense, useEffect, useState } from 'react'
import { createPortal } from 'react-dom'
import { useLocation, useNavigate } from 'react-router-dom'
import { before, region, session, signOut, switchBack, switchRole } from '../api/session'
import { type Service, services as askServices } from '../api/spec'
import { useAsked } from '../api/use'
import { copy } from '../parts/copy'
import { Recorder } from '../parts/recorder'
import { label } from '../spec/words'
import { SwitchRole } from './switch-role'
import { nameOf, pathOf, REGIONS } from './catalogue'
import { fail, Notices } from './notices'
import { PAGES, Search } from './search'
import { dark, favourites, recents, show, toggleFavourite, visited } from './settings'
import { at, bind, follow } from './ways'
import { NAVIGATION } from './navigation'

export function Shell({ children }: { children: ReactNode }) {
  bind(useNavigate())
  const where = useLocation()
  const asked = useAsked(askServices, [])
  const services = asked.data ?? []
  const parts = where.pathname.split('/').filter(Boolean).map(decodeURIComponent)
  const service = parts[0] === 'service' ? parts[1] : NAVIGATION[parts[0]] ? parts[0] : ''
  const name = service && nameOf(service, services.find((one) => one.id === service)?.title)
  const [open, setOpen] = useState(innerWidth > 1000)
  useEffect(() => {
    if (service) visited(service)
    document.title = `${name || (PAGES.find(([path]) => path === `/${parts[0]}`)?.[1] ?? 'Home')} · cumulet`
  }, [service, name, where.pathname])
  return (
    <>
      {createPortal(<Top services={services} />, document.getElementById('top') as HTMLElement)}
      <AppLayoutToolbar
        headerSelector="#top" footerSelector="#foot" toolsHide navigationOpen={open} onNavigationChange={(event) => setOpen(event.detail.open)} maxContentWidth={Number.MAX_VALUE}
        ariaLabels={{ navigation: 'Side navigation', navigationClose: 'Close side navigation', navigationToggle: 'Open side navigation', notifications: 'Notifications' }}
        breadcrumbs={<BreadcrumbGroup items={crumbs(parts, name)} onFollow={follow} ariaLabel="Where you are" />}
        notifications={<Notices />}
        navigation={<Side service={service} name={name} services={services} path={where.pathname + where.search} />}
        content={<Suspense fallback={<Box textAlign="center" padding="xxl"><Spinner size="large" /></Box>}>{children}</Suspense>}
      />
      {createPortal(<Recorder />, document.getElementById('foot') as HTMLElement)}
    </>
  )
}

function crumbs(parts: string[], name: string): { text: string; href: string }[] {
  const first = { text: 'Home', href: at('/') }
  if (parts[0] === 'service') return [first, { text: name, href: at(`/service/${parts[1]}`) }]
  return [first, ...parts.map((part, i) => ({
    text: i > 0 ? (NAVIGATION[parts[0]] && i === 1 ? label(part) : part) : name || (PAGES.find(([path]) => path === `/${part}`)?.[1] ?? part),
    href: at(`/${parts.slice(0, i + 1).map(encodeURIComponent).join('/')}`),
  }))]
}

function Top({ services }: { services: Service[] }) {
  const who = session.use()
  const earlier = before.use()
  const here = region.use()
  const isDark = dark.use()
  const [switching, setSwitching] = useState(false)
  if (!who) return null
  const utilities: TopNavigationProps.Utility[] = [
    { type: 'button', iconName: 'view-full', text: 'Inspector', title: 'Request inspector', href: at('/inspector'), onFollow: follow, disableUtilityCollapse: false },
    { type: 'button', ariaLabel: isDark ? 'Light mode' : 'Dark mode', text: isDark ? 'Light' : 'Dark', onClick: () => { dark.set(!isDark); show() } },
    { type: 'menu-dropdown', text: REGIONS.find(([id]) => id === here)?.[1] ?? here, ariaLabel: `Region ${here}`, items: REGIONS.map(([id, text]) => ({ id, text, description: id })), onItemClick: (event) => region.set(event.detail.id) },
    {
      type: 'menu-dropdown', iconName: 'user-profile', text: `${who.name} @ ${who.alias || who.account}`, description: who.arn,
      items: [
        { id: 'account', text: `Copy account ID ${who.account}` },
        { id: 'env', text: 'Copy settings for a shell' },
        { id: 'switch', text: 'Switch role…' },
        ...(earlier ? [{ id: 'back', text: `Switch back to ${earlier.name}` }] : []),
        { id: 'out', text: 'Sign out' },
      ],
      onItemClick: (event) => {
        if (event.detail.id === 'account') copy(who.account)
        if (event.detail.id === 'env') copy(shellLines(who.account, here))
        if (event.detail.id === 'switch') setSwitching(true)
        if (event.detail.id === 'back') switchBack()
        if (event.detail.id === 'out') signOut().catch(fail)
      },
    },
  ]
  return (
    <>
      <TopNavigation identity={{ href: at('/'), title: 'cumulet', onFollow: follow }} search={<Search services={services} />} utilities={utilities}
        i18nStrings={{ searchIconAriaLabel: 'Search', searchDismissIconAriaLabel: 'Close search', overflowMenuTriggerText: 'More', overflowMenuTitleText: 'All', overflowMenuBackIconAriaLabel: 'Back', overflowMenuDismissIconAriaLabel: 'Close menu' }} />
      {switching && <SwitchRole account={who.account} close={() => setSwitching(false)} act={switchRole} />}
    </>
  )
}

const shellLines = (account: string, here: string): string =>
  [`AWS_ENDPOINT_URL=${location.origin}`, `AWS_ACCESS_KEY_ID=${account}`, 'AWS_SECRET_ACCESS_KEY=test', `AWS_REGION=${here}`].map((line) => `export ${line}`).join('\n')

function Side({ service, name, services, path }: { service: string; name: string; services: Service[]; path: string }) {
  const stars = favourites.use()
  const others = recents.use().filter((id) => id !== service)
  const link = (id: string): SideNavigationProps.Link => ({ type: 'link', text: nameOf(id, services.find((one) => one.id === id)?.title), href: at(pathOf(id)) })
  const own = NAVIGATION[service]
  const pages: SideNavigationProps.Item[] = [
    { type: 'section', text: 'This cloud', items: PAGES.map(([to, text]) => ({ type: 'link', text, href: at(to) })) },
    ...(stars.length ? [{ type: 'section' as const, text: 'Favourites', items: stars.map(link) }] : []),
    ...(others.length ? [{ type: 'section' as const, text: 'Recently visited', items: others.map(link) }] : []),
  ]
  const items: SideNavigationProps.Item[] = service
    ? [
        ...(own ?? []).map(([text, to]): SideNavigationProps.Item => ({ type: 'link', text, href: at(to) })),
        ...(own ? [{ type: 'link' as const, text: 'Everything else', href: at(`/service/${service}`) }] : []),
        { type: 'link', text: stars.includes(service) ? '★ Remove from favourites' : '☆ Add to favourites', href: '#favourite' },
        { type: 'divider' },
        ...pages,
      ]
    : pages
  return (
    <SideNavigation
      activeHref={at(path)} items={items} header={{ text: name || 'cumulet', href: at(service ? pathOf(service) : '/') }}
      onFollow={(event) => {
        if (event.detail.href !== '#favourite') return follow(event)
        event.preventDefault()
        toggleFavourite(service)
      }}
    />
  )
}
