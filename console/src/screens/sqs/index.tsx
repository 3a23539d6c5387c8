// SQS's pages.
import { Route, Routes } from 'react-router-dom'
import QueuePage from './queue'
import Queues from './queues'

export default function SQS() {
  return <Routes><Route path="queues?" element={<Queues />} /><Route path="queues/:queue" element={<QueuePage />} /></Routes>
}
