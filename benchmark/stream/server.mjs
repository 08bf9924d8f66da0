// The server of the benchmark, in a process of its own. What it answers follows from the header
// `x-script`: `<script>-<count>`.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';

/** `{ url, written() }`: written() asks how many bytes have gone out so far. */
export async function startServer() {
  const child = fork(fileURLToPath(import.meta.url), ['--serve']);
  const [{ port }] = await once(child, 'message');
  return {
    url: `http://127.0.0.1:${port}`,
    async written() {
      child.send('written');
      const [{ bytes }] = await once(child, 'message');
      return bytes;
    },
    stop: () => child.kill(),
  };
}

const frame = (response) => `data: ${JSON.stringify({ response, traceId: 'trace-0123456789' })}\r\n\r\n`;
const part = (content) => frame({ candidates: [{ content: { role: 'model', parts: [content] } }], responseId: 'r1' });
const usageMetadata = { promptTokenCount: 9, candidatesTokenCount: 9, totalTokenCount: 18 };
const finish = () =>
  frame({ candidates: [{ content: { parts: [{ text: 'end' }] }, finishReason: 'STOP' }], usageMetadata });
const word = (index) => part({ text: `word${index} ` });
const mixed = (index) =>
  index % 10 === 9
    ? part({ functionCall: { name: 'read', args: { path: `/tmp/${index}`, lines: [1, 2, 3] }, id: `call-${index}` } })
    : part({ text: `word${index} `, ...(index % 3 === 0 && { thought: true }) });

const now = () => Number(process.hrtime.bigint()) / 1e6;

const scripts = {
  async burst(response, count) {
    let piece = '';
    for (let index = 0; index < count; index++) {
      piece += word(index);
      if (piece.length > 16_384) {
        if (!response.write(piece)) await once(response, 'drain');
        piece = '';
      }
    }
    response.end(piece + finish());
  },
  async mixed(response, count) {
    for (let index = 0; index < count; index += 50) {
      const piece = Array.from({ length: 50 }, (_, more) => mixed(index + more)).join('');
      if (!response.write(piece)) await once(response, 'drain');
    }
    response.end(finish());
  },
  async timed(response, count) {
    for (let index = 0; index < count; index++) {
      response.write(part({ text: String(now()) }));
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    response.end(finish());
  },
  async flood(response, count) {
    const piece = part({ text: 'x'.repeat(16_000) });
    response.setMaxListeners(0);
    const closed = once(response, 'close');
    for (let index = 0; index < count && !response.destroyed; index++) {
      if (!response.write(piece)) await Promise.race([once(response, 'drain'), closed]);
    }
    response.end(finish());
  },
  async received(response) {
    response.end(part({ text: String(now()) }) + finish());
  },
  async silent(response) {
    response.write(word(0));
  },
};

function serve() {
  let closed = 0;
  const sockets = new Set();
  const server = createServer(async (request, response) => {
    // Taken in and thrown away: what a body costs the server is not what is measured.
    request.resume();
    await once(request, 'end');
    const [script, count] = request.headers['x-script'].split('-');
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    scripts[script](response, Number(count)).catch(() => response.destroy());
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => {
      closed += socket.bytesWritten;
      sockets.delete(socket);
    });
  });
  process.on('message', () => {
    const open = [...sockets].reduce((sum, socket) => sum + socket.bytesWritten - socket.writableLength, 0);
    process.send({ bytes: closed + open });
  });
  process.on('disconnect', () => process.exit());
  server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
}

if (process.argv[2] === '--serve') serve();
