// The swap kit for pi and for gateways that load its extensions (1.30 to 4.29): the real pi 0.70.6 finds the extension
// where an operator puts it, and its session asks through it.
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { resetApiProviders } from '@mariozechner/pi-ai';
import * as pi from 'pi-coding-agent-070';
import { createExtension } from '../../entry/pi-extension.js';
import { classifyFailoverReason } from '../../index.js';
import { AgentDir } from '../support/agent-dir.mjs';
import { finish, rateLimited, sse, text, thought } from '../support/code-assist-server.mjs';
import { lastAnswer, textOf } from '../support/pi-session.mjs';
import { apiKey, server } from '../support/request.mjs';

const provider = 'google-gemini-cli';
const root = fileURLToPath(new URL('../..', import.meta.url));

/** What an operator does: the ways to get the extension into an agent directory. */
const installs = {
  'the drop-in file, the package installed beside it'(agentDir) {
    mkdirSync(join(agentDir, 'extensions'));
    mkdirSync(join(agentDir, 'node_modules'));
    symlinkSync(root, join(agentDir, 'node_modules', 'auth-failover'), 'junction');
    const file = join('extensions', 'auth-failover.js');
    copyFileSync(join(root, 'examples', 'pi-extension', 'auth-failover.js'), join(agentDir, file));
  },
  'the package as a folder of extensions/'(agentDir) {
    mkdirSync(join(agentDir, 'extensions'));
    symlinkSync(root, join(agentDir, 'extensions', 'auth-failover'), 'junction');
  },
  async 'pi install <folder>'(agentDir) {
    const settingsManager = pi.SettingsManager.create(agentDir, agentDir);
    const packages = new pi.DefaultPackageManager({ cwd: agentDir, agentDir, settingsManager });
    await packages.installAndPersist(root);
    await settingsManager.flush();
  },
};

// pi keeps one registry in the process: what one test registers must not serve the next.
beforeEach(resetApiProviders);

async function sessionIn(
  t,
  agentDir,
  { url, thinkingLevel = 'off', modelId = 'gemini-3-pro-preview', extensionFactories },
) {
  const authStorage = pi.AuthStorage.inMemory();
  authStorage.setRuntimeApiKey(provider, apiKey('account'));
  // A provider that an extension registers takes its models from pi's registry again, so the address stands there.
  const models = join(agentDir, 'models.json');
  writeFileSync(models, JSON.stringify({ providers: { [provider]: { baseUrl: url } } }));
  const modelRegistry = pi.ModelRegistry.create(authStorage, models);
  const settingsManager = pi.SettingsManager.create(agentDir, agentDir);
  const resourceLoader = new pi.DefaultResourceLoader({
    cwd: agentDir,
    agentDir,
    settingsManager,
    extensionFactories,
  });
  await resourceLoader.reload();
  const { session, extensionsResult } = await pi.createAgentSession({
    cwd: agentDir,
    agentDir,
    authStorage,
    modelRegistry,
    model: modelRegistry.find(provider, modelId),
    sessionManager: pi.SessionManager.inMemory(),
    settingsManager,
    resourceLoader,
    thinkingLevel,
  });
  t.after(() => session.dispose());
  assert.deepEqual(extensionsResult.errors, []);
  assert.equal(extensionsResult.extensions.length, 1);
  await session.bindExtensions({});
  return session;
}

async function prompt(t, install, answer, { settings = {}, ...options } = {}) {
  const started = await server(answer);
  const agentDir = new AgentDir(t).path;
  writeFileSync(join(agentDir, 'settings.json'), JSON.stringify(settings));
  await install(agentDir);
  const session = await sessionIn(t, agentDir, { url: started.url, ...options });
  await session.prompt('Hello');
  assert.match(started.requests[0].headers['user-agent'], /^auth-failover\//);
  return { message: lastAnswer(session), requests: started.requests };
}

const spent = () => rateLimited({ resetAfter: '12m10s', reason: 'QUOTA_EXHAUSTED' });

for (const [name, install] of Object.entries(installs)) {
  suite(name, () => {
    test('an account out of quota is asked once', async (t) => {
      const { message, requests } = await prompt(t, install, spent);
      assert.equal(requests.length, 1);
      assert.equal(message.stopReason, 'error');
      assert.equal(classifyFailoverReason(message.errorMessage), 'rate_limit');
    });

    test('an account with quota answers', async (t) => {
      const { message, requests } = await prompt(t, install, () => sse(text('Hello you'), finish('STOP')));
      assert.equal(textOf(message), 'Hello you');
      assert.equal(requests[0].token, 'account');
    });
  });
}

test('the thinking level of the session reaches the server', async (t) => {
  const install = installs['the package as a folder of extensions/'];
  const answer = () => sse(thought('Hm'), text('Hello'), finish('STOP'));
  const { requests } = await prompt(t, install, answer, { thinkingLevel: 'high' });
  assert.deepEqual(requests[0].body.request.generationConfig.thinkingConfig, {
    includeThoughts: true,
    thinkingLevel: 'HIGH',
  });
});

suite('settings of an extension', () => {
  const none = () => {};
  const answer = () => sse(text('Hello'), finish('STOP'));

  test('reach the server where pi states nothing itself', async (t) => {
    const extension = createExtension({ headers: { 'x-mine': 'yes' }, temperature: 0.5 });
    const { requests } = await prompt(t, none, answer, { extensionFactories: [extension] });
    assert.equal(requests[0].headers['x-mine'], 'yes');
    assert.equal(requests[0].body.request.generationConfig.temperature, 0.5);
  });

  test('are not lost to options that pi names without a value', async (t) => {
    const extension = createExtension({ thinkingBudgets: { high: 4321 } });
    const options = { extensionFactories: [extension], modelId: 'gemini-2.5-pro', thinkingLevel: 'high' };
    const { requests } = await prompt(t, none, answer, options);
    assert.equal(requests[0].body.request.generationConfig.thinkingConfig.thinkingBudget, 4321);
  });

  test('word a rate limit', async (t) => {
    const extension = createExtension({ rateLimitText: 'status' });
    const settings = { retry: { enabled: false } };
    const { message } = await prompt(t, none, spent, { extensionFactories: [extension], settings });
    assert.match(message.errorMessage, /\(429\)/);
  });
});
