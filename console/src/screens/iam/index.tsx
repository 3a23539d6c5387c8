// IAM's pages.
import { Route, Routes } from 'react-router-dom'
import { Entities } from './entities'
import { EntityPage } from './entity'
import { Policies, PolicyPage } from './policies'

export default function IAM() {
  return (
    <Routes>
      <Route path="policies" element={<Policies />} />
      <Route path="policies/:arn" element={<PolicyPage />} />
      {(['users', 'groups', 'roles'] as const).map((kind) => <Route key={kind} path={kind === 'users' ? 'users?' : kind} element={<Entities key={kind} kind={kind} />} />)}
      {(['users', 'groups', 'roles'] as const).map((kind) => <Route key={kind} path={`${kind}/:name`} element={<EntityPage kind={kind} />} />)}
    </Routes>
  )
}
