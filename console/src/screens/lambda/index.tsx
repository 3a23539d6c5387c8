// Lambda's pages.
import { Route, Routes } from 'react-router-dom'
import FunctionPage from './function'
import Functions from './functions'

export default function Lambda() {
  return <Routes><Route path="functions?" element={<Functions />} /><Route path="functions/:name" element={<FunctionPage />} /></Routes>
}
