// node examples/any-gateway/ask.mjs <agent-dir> <provider> <model> <text>
import { createGateway } from './gateway.mjs';

const [agentDir, provider, model, text] = process.argv.slice(2);
if (!text) {
  console.error('usage: node ask.mjs <agent-dir> <provider> <model> <text>');
  process.exit(2);
}
const baseUrls = JSON.parse(process.env.BASE_URLS ?? '{}');
const gateway = createGateway({ agentDir, baseUrls, log: (line) => console.error(line) });
try {
  const answer = await gateway.ask({ provider, model, messages: [{ role: 'user', content: text }] });
  console.log(answer.text);
} catch (error) {
  // Nobody is free: the message says who is next and when.
  console.error(error.message);
  process.exitCode = 1;
}
