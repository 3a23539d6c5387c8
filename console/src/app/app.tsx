// Which page is shown for which address.
import { lazy } from 'react'
import { Navigate, Route, Routes } from 'react-router-dom'
import { session } from '../api/session'
import Home from '../screens/home'
import { Shell } from './shell'

const SignIn = lazy(() => import('./sign-in'))
const ServicePage = lazy(() => import('../generic/service'))

export default function App() {
  if (!session.use()) return <SignIn />
  return (
    <Shell>
      <Routes>
        <Route path="/" element={<Home />} />
        <Route path="/service/:service" element={<ServicePage />} />
        <Route path="*" element={<Navigate to="/" replace />} />
      </Routes>
    </Shell>
  )
}
