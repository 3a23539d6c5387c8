// EventBridge's pages: buses with their rules, archives, and the schedules of EventBridge Scheduler.
import { Navigate, Route, Routes, useParams } from 'react-router-dom'
import Archives from './archives'
import Buses from './buses'
import RulePage from './rule'
import Rules from './rules'
import Schedules from './schedules'

export default function Events() {
  return (
    <Routes>
      <Route path="rules?" element={<Rules />} />
      <Route path="rules/:bus" element={<ToBus />} />
      <Route path="rules/:bus/:rule" element={<RulePage />} />
      <Route path="buses" element={<Buses />} />
      <Route path="archives" element={<Archives />} />
      <Route path="schedules" element={<Schedules />} />
    </Routes>
  )
}

// What stands between the rules and one of them in its address.
function ToBus() {
  const { bus = '' } = useParams()
  return <Navigate to={`/events?bus=${encodeURIComponent(bus)}`} replace />
}
