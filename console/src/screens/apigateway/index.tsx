// API Gateway's pages: all APIs, and one of them, of whichever kind.
import { Navigate, Route, Routes } from 'react-router-dom'
import Apis from './apis'
import RestPage from './rest'
import RoutedPage from './routed'

export default function ApiGateway() {
  return (
    <Routes>
      <Route path="" element={<Apis />} />
      <Route path="rest" element={<Navigate to="/apigateway" replace />} />
      <Route path="rest/:api" element={<RestPage />} />
      <Route path="apis" element={<Navigate to="/apigateway" replace />} />
      <Route path="apis/:api" element={<RoutedPage />} />
    </Routes>
  )
}
