// Building and sending a long conversation: 1,000 messages, 5 MB of images.
import { compare, ms } from '../store/report.mjs';
import { longestTurn, measure, median, open, readAll, takeTurns } from './ways.mjs';

const image = Buffer.alloc(750_000, 7).toString('base64');
const words = 'The quick brown fox jumps over the lazy dog, "quoted" and\nbroken. '.repeat(8);

const turn = (index) => {
  if (index % 200 === 199) {
    return {
      role: 'user',
      content: [
        { type: 'text', text: words },
        { type: 'image', data: image, mimeType: 'image/png' },
      ],
    };
  }
  if (index % 4 === 1) {
    const call = {
      type: 'toolCall',
      id: `call-${index}`,
      name: 'read',
      arguments: { path: `/tmp/${index}`, lines: [1, 2] },
    };
    const origin = { provider: 'google-gemini-cli', api: 'google-gemini-cli', model: 'gemini-2.5-pro' };
    return { role: 'assistant', content: [{ type: 'text', text: words }, call], ...origin, stopReason: 'toolUse' };
  }
  if (index % 4 === 2) {
    const id = `call-${index - 1}`;
    return {
      role: 'toolResult',
      toolCallId: id,
      toolName: 'read',
      content: [{ type: 'text', text: words }],
      isError: false,
    };
  }
  return { role: 'user', content: words };
};
const context = {
  systemPrompt: words,
  messages: [...Array.from({ length: 1000 }, (_, index) => turn(index)), ...[1, 2].map(() => turn(199))],
};

const now = () => Number(process.hrtime.bigint()) / 1e6;

export async function sending(server) {
  const sizes = JSON.stringify(context).length;
  console.log(`${context.messages.length} messages, ${(sizes / 1e6).toFixed(1)} MB of JSON`);
  const active = await takeTurns(11, async (way) => {
    return (await measure(() => readAll(open(way, server, 'received-1', { context })))).active;
  });
  const held = await takeTurns(11, (way) => longestTurn(() => readAll(open(way, server, 'received-1', { context }))));
  const arrival = await takeTurns(11, async (way) => {
    const start = now();
    for await (const event of open(way, server, 'received-1', { context })) {
      if (event.type === 'text_delta' && event.delta !== 'end') return Number(event.delta) - start;
    }
    throw new Error('no answer');
  });
  const show = (what, { own, original }, target) => {
    const [left, right] = [median(own), median(original)];
    compare(what, ms(left), ms(right), right / left, target);
  };
  show('event loop active for the whole request', active, 2);
  show('event loop held at one go', held, 2);
  show('call until the server has the whole body', arrival, 2);
}
