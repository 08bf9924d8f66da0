// A provider for the benchmark, in a process of its own: answers at once, whole or as a stream of so many chunks.
import { createServer } from 'node:http';

const chunk = (delta, finish_reason = null) =>
  `data: ${JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason }] })}\n\n`;
const document = JSON.stringify({
  id: 'c1',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Once upon a time' }, finish_reason: 'stop' }],
});

const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (part) => chunks.push(part));
  request.on('end', async () => {
    const { stream, metadata } = JSON.parse(Buffer.concat(chunks));
    if (!stream) return response.writeHead(200, { 'content-type': 'application/json' }).end(document);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(chunk({ role: 'assistant', content: '' }));
    for (let i = 0; i < metadata.chunks; i += 1) {
      response.write(chunk({ content: `word ${i} ` }));
      // Each chunk a packet of its own.
      await new Promise(setImmediate);
    }
    response.end(`${chunk({}, 'stop')}data: [DONE]\n\n`);
  });
});
server.listen(0, '127.0.0.1', () => process.send(server.address().port));
