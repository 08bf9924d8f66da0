// One prompt of a session of pi 0.49.3, the provider as the process was started with; sends the assistant's last message.
import * as pi from '@mariozechner/pi-coding-agent';

import { argument } from './child.mjs';
import { lastAnswer, newSession } from './pi-session.mjs';
import { settings } from './swapped-provider.mjs';

const { rateLimitText, piSettings, ...where } = argument();
settings.rateLimitText = rateLimitText;
const session = await newSession(pi, { ...where, settings: piSettings });
await session.prompt('Hello');
process.send(lastAnswer(session), () => process.disconnect());
session.dispose();
