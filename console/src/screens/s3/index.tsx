// S3's pages.
import { Route, Routes } from 'react-router-dom'
import BucketPage from './bucket'
import Buckets from './buckets'

export default function S3() {
  return <Routes><Route path="buckets?" element={<Buckets />} /><Route path="buckets/:bucket" element={<BucketPage />} /></Routes>
}
