// Kinesis Data Streams' pages.
import { Route, Routes } from 'react-router-dom'
import StreamPage from './stream'
import Streams from './streams'

export default function Kinesis() {
  return <Routes><Route path="streams?" element={<Streams />} /><Route path="streams/:name" element={<StreamPage />} /></Routes>
}
