// CloudWatch Logs' pages.
import { Route, Routes } from 'react-router-dom'
import Group from './group'
import Groups from './groups'
import Insights from './insights'

export default function Logs() {
  return <Routes><Route path="groups?" element={<Groups />} /><Route path="groups/:group" element={<Group />} /><Route path="insights" element={<Insights />} /></Routes>
}
