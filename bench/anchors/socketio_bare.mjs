// An anchor: what Node's socket.io does as it comes, with one INSERT a message and pushes through Redis.
// It speaks just enough of the desk's wire for the same generator to drive it.

import { createServer } from 'node:http'
import { createAdapter } from '@socket.io/redis-adapter'
import pg from 'pg'
import { createClient } from 'redis'
import { Server } from 'socket.io'

const INSERT = {
  name: 'insert',
  text: `insert into anchor_node (chat_id, client_id, body) values ($1, $2, $3)
         on conflict do nothing returning id`,
}

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 20 })
await pool.query(`create table if not exists anchor_node (
  id bigserial primary key, chat_id bigint, client_id text, body text, created_at timestamptz default now(),
  unique (chat_id, client_id))`)

const publisher = createClient({ url: process.env.REDIS_URL })
const subscriber = publisher.duplicate()
await Promise.all([publisher.connect(), subscriber.connect()])

const http = createServer((_, response) => response.end('ok'))
const io = new Server(http, {
  transports: ['websocket'],
  adapter: createAdapter(publisher, subscriber, { key: 'anchor-node' }),
  perMessageDeflate: false,
})

io.on('connection', (socket) => {
  socket.join(`chat:${socket.handshake.auth.room}`)
  socket.on('message:send', async (data, ack) => {
    const { rows } = await pool.query({ ...INSERT, values: [data.chat_id, data.client_id, data.body] })
    io.to(`chat:${data.chat_id}`).emit('message:new', { id: Number(rows[0].id), ...data })
    ack({ ok: true })
  })
})

http.listen(Number(process.env.PORT), '127.0.0.1', 2048)
