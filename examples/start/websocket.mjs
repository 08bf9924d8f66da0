// OPENAI_API_KEY_1=… OPENAI_API_KEY_2=… PORT=8788 node websocket.mjs
// Each client gets a connection to the provider with the key of an account that is free; an account that refuses the
// connection rests, and the next one is tried.
import { createFailover, fromEnv } from 'auth-failover';
import { WebSocket, WebSocketServer } from 'ws';

const accounts = createFailover({ provider: 'openai', profiles: fromEnv('OPENAI_API_KEY') });
const upstream = process.env.UPSTREAM ?? 'wss://api.openai.com/v1/realtime';

/** An open connection, or what the server said instead. */
function connect(apiKey, path, signal) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${upstream}${path}`, { headers: { authorization: `Bearer ${apiKey}` } });
    signal.addEventListener('abort', () => socket.terminate(), { once: true });
    socket.once('open', () => resolve(socket));
    socket.once('error', reject);
    socket.once('unexpected-response', (_request, response) => {
      const { statusCode: status, headers } = response;
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('close', () => {
        const body = Buffer.concat(chunks).toString();
        reject(Object.assign(new Error(`refused with ${status}`), { status, headers, body }));
      });
    });
  });
}

/** The first account that lets us in: its lease, and the connection. */
async function open(path, signal) {
  let lease = await accounts.lease({ signal });
  for (;;) {
    try {
      const socket = await connect(lease.apiKey, path, lease.signal);
      lease.deliver();
      return { lease, socket };
    } catch (error) {
      await lease.fail(error);
      lease = await lease.next();
    }
  }
}

const server = new WebSocketServer({ port: Number(process.env.PORT ?? 8788), host: '127.0.0.1' });
server.on('connection', async (client, request) => {
  const gone = new AbortController();
  client.on('close', () => gone.abort());
  // What the client says before we are connected.
  const early = [];
  const keep = (data, isBinary) => early.push([data, isBinary]);
  client.on('message', keep);
  try {
    const { lease, socket } = await open(request.url.slice(1), gone.signal);
    client.off('message', keep);
    for (const [data, binary] of early) socket.send(data, { binary });
    client.on('message', (data, binary) => socket.send(data, { binary }));
    socket.on('message', (data, binary) => client.send(data, { binary }));
    socket.on('error', (error) => lease.fail(error));
    socket.on('close', () => {
      lease.succeed();
      client.close();
    });
    client.on('close', () => socket.close());
  } catch (error) {
    client.close(1013, String(error.code ?? error.message).slice(0, 100));
  }
});
server.on('listening', () => console.log(`ws://127.0.0.1:${server.address().port}`));
