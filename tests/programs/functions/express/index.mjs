// Notes, as Express's users write them, behind a REST API.
import express from 'express'
import serverlessExpress from '@codegenie/serverless-express'

const app = express()
const notes = new Map()
app.use(express.json())
app.get('/', (request, response) => response.send(`<h1>${notes.size} notes</h1>`))
app.put('/notes/:name', (request, response) => {
  notes.set(request.params.name, request.body)
  response.status(201).set('X-Kept', '1').cookie('last', request.params.name).json({ kept: request.params.name })
})
app.get('/notes/:name', (request, response) => {
  const found = notes.get(request.params.name)
  if (!found) return response.status(404).json({ missing: request.params.name })
  response.json(found)
})
app.get('/search', (request, response) => response.json({ words: request.query.q, ip: request.ip }))
app.get('/old', (request, response) => response.redirect('/'))
export const handler = serverlessExpress({ app })
