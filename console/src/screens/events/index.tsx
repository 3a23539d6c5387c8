// EventBridge's pages: buses with their rules, archives, and the schedules of EventBridge Scheduler.
import { Route, Routes } from 'react-router-dom'
import Archives from './archives'
import Buses from './buses'
import RulePage from './rule'
import Rules from './rules'
import Schedules from './schedules'

export default function Events() {
  return (
    <Routes>
      <Route path="rules?" element={<Rules />} />
      <Route path="rules/:bus/:rule" element={<RulePage />} />
      <Route path="buses" element={<Buses />} />
      <Route path="archives" element={<Archives />} />
      <Route path="schedules" element={<Schedules />} />
    </Routes>
  )
}
