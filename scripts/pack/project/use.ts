// What a user's program does first: marks on a store and one request. Compiled in every module system of TypeScript,
// in an empty project that has nothing but the packed packages.
import {
  type AuthProfileRunEvent,
  createFailover,
  markAuthProfileFailure,
  markAuthProfileUsed,
  readAuthProfileStore,
  requestGeminiCli,
  resolveAuthProfileOrder,
} from 'auth-failover';
import { isSupported, whyUnsupported } from 'auth-failover/supported';

async function main(agentDir: string, baseUrl: string) {
  const store = await readAuthProfileStore({ agentDir });
  const provider = 'google-gemini-cli';
  const [first, second] = resolveAuthProfileOrder({ store, provider });
  if (!first || !second) throw new Error('two profiles are expected');
  const failed = await markAuthProfileFailure({ store, profileId: first, reason: 'rate_limit', agentDir });
  const used = await markAuthProfileUsed({ store, profileId: second, agentDir });
  const message = await requestGeminiCli(
    { id: 'gemini-3-pro-preview', baseUrl },
    { messages: [{ role: 'user', content: 'Hello' }] },
    { apiKey: JSON.stringify({ token: 'token-1', projectId: 'project-1' }) },
  );
  const [block] = message.content;
  const text: string | undefined = block?.type === 'text' ? block.text : undefined;
  const order: string[] = resolveAuthProfileOrder({ store: await readAuthProfileStore({ agentDir }), provider });
  const failures: string[] = [];
  const onEvent = (event: AuthProfileRunEvent) => {
    if (event.type === 'failed') failures.push(event.failure.class);
  };
  const accounts = createFailover({
    provider: 'acme',
    profiles: ['key-1'],
    state: 'memory',
    model: undefined,
    onEvent,
  });
  const { result: key } = await accounts.run(({ apiKey }) => apiKey);
  await accounts.close();
  return {
    key,
    failures,
    persisted: failed.persisted && used.persisted,
    order,
    text,
    supported: isSupported(),
    why: whyUnsupported(),
  };
}

main(process.argv[2] ?? '', process.argv[3] ?? '').then(
  (result) => console.log(JSON.stringify(result)),
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
