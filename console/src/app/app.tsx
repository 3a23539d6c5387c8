// Which page is shown for which address.
import { lazy } from 'react'
import { Navigate, Route, Routes } from 'react-router-dom'
import { session } from '../api/session'
import Home from '../screens/home'
import { Shell } from './shell'

const SignIn = lazy(() => import('./sign-in'))
const ServicePage = lazy(() => import('../generic/service'))
const Inspector = lazy(() => import('../screens/inspector'))
const Explain = lazy(() => import('../screens/explain'))
const State = lazy(() => import('../screens/state'))
const Coverage = lazy(() => import('../screens/coverage'))
const Labs = lazy(() => import('../screens/labs'))
const S3 = lazy(() => import('../screens/s3'))
const DynamoDB = lazy(() => import('../screens/dynamodb'))
const SQS = lazy(() => import('../screens/sqs'))
const SNS = lazy(() => import('../screens/sns'))
const IAM = lazy(() => import('../screens/iam'))
const KMS = lazy(() => import('../screens/kms'))
const Secrets = lazy(() => import('../screens/secrets'))
const Lambda = lazy(() => import('../screens/lambda'))
const Logs = lazy(() => import('../screens/logs'))
const Events = lazy(() => import('../screens/events'))
const ApiGateway = lazy(() => import('../screens/apigateway'))
const Kinesis = lazy(() => import('../screens/kinesis'))
const Parameters = lazy(() => import('../screens/parameters'))

export default function App() {
  if (!session.use()) return <SignIn />
  return (
    <Shell>
      <Routes>
        <Route path="/" element={<Home />} />
        <Route path="/inspector" element={<Inspector />} />
        <Route path="/explain/:request?" element={<Explain />} />
        <Route path="/state" element={<State />} />
        <Route path="/coverage" element={<Coverage />} />
        <Route path="/labs/*" element={<Labs />} />
        <Route path="/s3/*" element={<S3 />} />
        <Route path="/dynamodb/*" element={<DynamoDB />} />
        <Route path="/sqs/*" element={<SQS />} />
        <Route path="/sns/*" element={<SNS />} />
        <Route path="/iam/*" element={<IAM />} />
        <Route path="/kms/*" element={<KMS />} />
        <Route path="/secretsmanager/*" element={<Secrets />} />
        <Route path="/ssm/*" element={<Parameters />} />
        <Route path="/lambda/*" element={<Lambda />} />
        <Route path="/logs/*" element={<Logs />} />
        <Route path="/events/*" element={<Events />} />
        <Route path="/apigateway/*" element={<ApiGateway />} />
        <Route path="/kinesis/*" element={<Kinesis />} />
        <Route path="/service/:service" element={<ServicePage />} />
        <Route path="*" element={<Navigate to="/" replace />} />
      </Routes>
    </Shell>
  )
}
