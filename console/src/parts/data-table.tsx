// A table of things: filtered, sorted, paged; further pages are fetched when somebody goes there.
import { useCollection } from '@cloudscape-design/collection-hooks'
import Box from '@cloudscape-design/components/box'
import Header from '@cloudscape-design/components/header'
import Pagination from '@cloudscape-design/components/pagination'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Table, { type TableProps } from '@cloudscape-design/components/table'
import TextFilter from '@cloudscape-design/components/text-filter'
import { type ReactNode, useEffect, useRef } from 'react'

type Props<T> = {
  title: ReactNode
  description?: ReactNode
  items: T[]
  columns: TableProps.ColumnDefinition<T>[]
  loading?: boolean
  actions?: ReactNode
  empty?: ReactNode
  picked?: T[]
  onPick?: (items: T[]) => void
  multi?: boolean
  trackBy?: string | ((item: T) => string)
  more?: () => void // fetches the next page; absent when all is there
  label?: string
  size?: number
  variant?: TableProps.Variant
  level?: 'h1' | 'h2'
}

export function DataTable<T>(props: Props<T>) {
  const { items, picked, onPick, more, label = typeof props.title === 'string' ? props.title : 'Table', size = 50 } = props
  const { items: seen, filterProps, paginationProps, collectionProps, filteredItemsCount, actions } = useCollection(items, {
    filtering: {
      filteringFunction: (item, text) => JSON.stringify(item).toLowerCase().includes(text.toLowerCase()),
      empty: <Empty>{props.empty ?? 'Nothing is here yet.'}</Empty>,
      noMatch: <Empty>Nothing fits the filter.</Empty>,
    },
    pagination: { pageSize: size },
    sorting: {},
  })
  const last = paginationProps.pagesCount
  const wanted = useRef(0) // the page that is shown once it has come
  const turn = (page: number): void => {
    wanted.current = page > last ? page : 0
    if (page > last) more?.()
    else actions.setCurrentPage(page)
  }
  useEffect(() => {
    if (wanted.current === 0 || last < wanted.current) return
    actions.setCurrentPage(wanted.current)
    wanted.current = 0
  }, [last])
  return (
    <Table
      {...collectionProps}
      items={seen}
      columnDefinitions={props.columns.map(wide)}
      loading={props.loading && items.length === 0}
      loadingText="Loading"
      stickyHeader
      resizableColumns
      wrapLines={false}
      variant={props.variant ?? 'full-page'}
      trackBy={props.trackBy}
      selectionType={onPick ? (props.multi ? 'multi' : 'single') : undefined}
      selectedItems={picked}
      onSelectionChange={onPick && ((event) => onPick(event.detail.selectedItems))}
      onRowClick={onPick && ((event) => onPick([event.detail.item]))}
      ariaLabels={{
        tableLabel: label,
        selectionGroupLabel: `${label}: selection`,
        allItemsSelectionLabel: () => 'Select all',
        itemSelectionLabel: (_, item) => `Select ${named(item)}`,
        resizerRoleDescription: 'Resize button',
      }}
      header={
        <Header variant={props.variant && props.level !== 'h1' ? 'h2' : 'awsui-h1-sticky'} counter={props.loading && items.length === 0 ? undefined : `(${items.length}${more ? '+' : ''})`} description={props.description} actions={<SpaceBetween direction="horizontal" size="xs">{props.actions}</SpaceBetween>}>
          {props.title}
        </Header>
      }
      filter={<TextFilter {...filterProps} filteringPlaceholder={`Find in ${label.toLowerCase()}`} filteringAriaLabel={`Filter ${label}`} countText={filteredItemsCount === undefined ? '' : `${filteredItemsCount} ${filteredItemsCount === 1 ? 'match' : 'matches'}`} />}
      pagination={last > 1 || more ? <Pagination {...paginationProps} openEnd={Boolean(more)} onChange={(event) => turn(event.detail.currentPageIndex)} ariaLabels={{ nextPageLabel: 'Next page', previousPageLabel: 'Previous page', pageLabel: (page) => `Page ${page}` }} /> : undefined}
    />
  )
}

// A column is no narrower than its name, with the room that is around it and for the sign of the order.
function wide<T>(column: TableProps.ColumnDefinition<T>): TableProps.ColumnDefinition<T> {
  if (typeof column.header !== 'string') return column
  const least = Math.ceil(column.header.length * 8.5) + (column.sortingField || column.sortingComparator ? 66 : 44)
  return { ...column, minWidth: Math.max(Number(column.minWidth ?? 0), least), ...(column.width ? { width: Math.max(Number(column.width), least) } : {}) }
}

const Empty = ({ children }: { children: ReactNode }) => (
  <Box textAlign="center" color="text-body-secondary" padding={{ vertical: 'l' }}>{children}</Box>
)

const named = (item: unknown): string => {
  const first = typeof item === 'object' && item !== null ? Object.values(item).find((value) => typeof value === 'string') : item
  return String(first ?? 'this')
}
