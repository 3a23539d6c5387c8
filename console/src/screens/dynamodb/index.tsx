// DynamoDB's pages.
import { Route, Routes } from 'react-router-dom'
import TablePage from './table'
import Tables from './tables'

export default function DynamoDB() {
  return <Routes><Route path="tables?" element={<Tables />} /><Route path="tables/:table" element={<TablePage />} /></Routes>
}
