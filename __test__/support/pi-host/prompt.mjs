// One prompt for each of `tokens`, each of a session of its own; sends the assistant's last messages.
import { argument } from '../child.mjs';
import { lastAnswer, newSession } from './session.mjs';

const { tokens, ...where } = argument();
const answers = [];
for (const token of tokens) {
  const session = await newSession({ ...where, token });
  await session.prompt('Hello');
  answers.push(lastAnswer(session));
  session.dispose();
}
process.send(answers, () => process.disconnect());
