// The swap in the hosts' published code: their own functions before it, with it and after it was undone.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';

import { apply, undo } from '../../examples/swap/swap.mjs';
import { AgentDir, oauth, storeOf } from '../support/agent-dir.mjs';
import { startCodeAssistServer } from '../support/code-assist-server.mjs';
import { hosts, install, startInHost } from '../support/host-install.mjs';
import { apiKey, model } from '../support/request.mjs';

const profiles = {
  'google-gemini-cli:a': oauth(),
  'google-gemini-cli:b': oauth('google-gemini-cli', { projectId: 'project-b' }),
  'google-gemini-cli:c': { type: 'token', provider: 'google-gemini-cli', token: 't' },
  'openai:d': { type: 'api_key', provider: 'openai', key: 'k' },
};

/** What the host's functions answer, leave in memory and write, from one starting point. */
async function session(t, installation) {
  const dir = new AgentDir(t, storeOf(profiles));
  const child = startInHost(t, installation, 'host-session.mjs', { agentDir: dir.path });
  return child.next();
}

for (const host of hosts) {
  const name = `${host.name} ${host.version}`;

  test(`${name}: answers, memory and file are the same before the swap, with it and after the undo`, async (t) => {
    const installation = install(t, host);
    const before = await session(t, installation);
    apply(installation.folder);
    const swapped = await session(t, installation);
    undo(installation.folder);
    const after = await session(t, installation);

    assert.deepEqual([before.native, swapped.native, after.native], [false, true, false]);
    for (const part of ['answers', 'store', 'file']) {
      assert.deepEqual(swapped[part], before[part], part);
      assert.deepEqual(after[part], before[part], part);
    }
  });

  test(`${name}: without the addon a swapped host goes on with its own functions`, async (t) => {
    const installation = install(t, host);
    const before = await session(t, installation);
    apply(installation.folder);
    rmSync(installation.addon);
    const without = await session(t, installation);
    assert.equal(without.native, false);
    assert.deepEqual(without.warnings, ['AUTH_FAILOVER_NOT_LOADED']);
    assert.deepEqual(without.answers, before.answers);
    assert.equal(without.file, before.file);
  });

  test(`${name}: a process that was started before the swap and one after it lose no mark of each other`, async (t) => {
    const installation = install(t, host);
    const dir = new AgentDir(t, storeOf(profiles));
    const argument = { agentDir: dir.path, profileId: 'openai:d', marks: 10 };
    const old = startInHost(t, installation, 'host-marker.mjs', argument);
    await old.next();
    apply(installation.folder);
    const fresh = startInHost(t, installation, 'host-marker.mjs', argument);
    await fresh.next();
    for (const child of [old, fresh]) child.send('go');
    await Promise.all([old.next(), fresh.next()]);
    assert.equal(dir.stats('openai:d').errorCount, 20);
  });

  test(`${name}: an agent asks Gemini CLI through the addon, once on a 429, and other models as before`, async (t) => {
    const installation = install(t, host);
    const server = await startCodeAssistServer({
      answer: () => ({ status: 429, steps: [JSON.stringify({ error: { code: 429, status: 'RESOURCE_EXHAUSTED' } })] }),
    });
    t.after(() => server.close());
    const gemini = model({ baseUrl: server.url });
    const models = [gemini, { ...gemini, provider: 'google-antigravity' }, { ...gemini, api: 'openai-completions' }];
    const ask = () =>
      startInHost(t, installation, 'host-request.mjs', { models, options: { apiKey: apiKey() } }).next();

    const byHost = { answeredBy: 'host' };
    assert.deepEqual(await ask(), [byHost, byHost, byHost]);
    apply(installation.folder);
    const [message, ...others] = await ask();
    assert.deepEqual(others, [byHost, byHost]);
    assert.equal(message.failure.status, 429);
    // What pi's session takes for a rate limit it would send three more times to the same account.
    assert.doesNotMatch(message.errorMessage, /429|rate.?limit/i);
    assert.equal(server.requests.length, 1);
    // The host's own wrapper still sits on top.
    assert.equal(server.requests[0].body.request.generationConfig.temperature, 0.25);
  });
}
