// A web application of Hono's, behind a function URL.
import { Hono } from 'hono'
import { handle } from 'hono/aws-lambda'
import { basicAuth } from 'hono/basic-auth'
import { etag } from 'hono/etag'

const app = new Hono()
const kept = new Map()

app.use('/private/*', basicAuth({ username: 'ada', password: 'secret' }))
app.use('/notes/*', etag())
app.put('/notes/:id', async (c) => {
  kept.set(c.req.param('id'), await c.req.json())
  return c.json({ kept: kept.size }, 201)
})
app.get('/notes/:id', (c) => (kept.has(c.req.param('id')) ? c.json(kept.get(c.req.param('id'))) : c.notFound()))
app.get('/search', (c) => c.json({ words: c.req.queries('q'), agent: c.req.header('user-agent') }))
app.get('/private/page', (c) => c.html('<h1>Hello, Ada</h1>'))
app.get('/image', (c) => c.body(new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0xff]), 200, { 'content-type': 'image/png' }))

export const handler = handle(app)
