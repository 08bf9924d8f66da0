// What the listener of a run is told, and that neither events nor errors show a secret.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { AgentDir, oauth, storeOf } from '../support/agent-dir.mjs';
import { accounts, errorMessage, errorOf, PROVIDER, rateLimited, run } from '../support/runs.mjs';

suite('events', () => {
  test('tell every step', async (t) => {
    const dir = accounts(t, ['a', 'b']);
    const { answer, events } = run(dir, { a: rateLimited(), b: 'ok' });
    await answer;
    assert.deepEqual(
      events.map(({ type, profileId, attempt }) => [type, profileId, attempt]),
      [
        ['attempt', 'a', 1],
        ['failed', 'a', 1],
        ['attempt', 'b', 2],
        ['succeeded', 'b', 2],
      ],
    );
    assert.equal(events[1].booked, true);
    assert.doesNotMatch(JSON.stringify(events), /access-|refresh-secret/);
  });

  test('and errors never show a secret of the account, whatever form it has and wherever the server repeats it', async (t) => {
    const secret = '9f2c4e6a8b0d1f3e';
    const words = `invalid request: ${secret}`;
    const details = [
      { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: secret, metadata: { model: secret } },
    ];
    const body = JSON.stringify({ error: { message: words, status: secret, code: secret, type: secret, details } });
    const headers = { 'x-request-id': secret, 'x-cloudaicompanion-trace-id': secret };
    const thrown = Object.assign(new Error(words), { status: 400, code: secret, name: secret, headers, body });
    for (const field of ['access', 'refresh']) {
      for (const failure of [
        thrown,
        errorMessage(words),
        errorMessage(words, { failure: { class: 'format', text: words } }),
      ]) {
        const dir = new AgentDir(t, storeOf({ a: oauth(PROVIDER, { [field]: secret }) }));
        const { answer, events } = run(dir, { a: failure });
        const error = await errorOf(answer);
        assert.ok(events.some(({ type }) => type === 'failed'));
        const { message, attempts, failure: last } = error === thrown ? {} : error;
        assert.doesNotMatch(JSON.stringify([events, message, attempts, last]), new RegExp(secret));
        assert.equal(dir.text().split(secret).length, 2);
      }
    }
  });

  test('a listener that throws does not harm the run and is told as a warning', async (t) => {
    const dir = accounts(t, ['a']);
    const warned = new Promise((resolve) => process.once('warning', resolve));
    const onEvent = () => {
      throw new Error('mine');
    };
    assert.equal((await run(dir, { a: 'ok' }, { onEvent }).answer).result, 'ok');
    assert.equal((await warned).code, 'WARN_LISTENER_THREW');
  });

  test('a listener whose promise rejects does neither', async (t) => {
    const unhandled = [];
    const listener = (error) => unhandled.push(error);
    process.on('unhandledRejection', listener);
    t.after(() => process.off('unhandledRejection', listener));
    const dir = accounts(t, ['a']);
    const warned = new Promise((resolve) => process.once('warning', resolve));
    const onEvent = async () => {
      throw new Error('mine');
    };
    assert.equal((await run(dir, { a: 'ok' }, { onEvent }).answer).result, 'ok');
    assert.equal((await warned).code, 'WARN_LISTENER_THREW');
    await new Promise(setImmediate);
    assert.deepEqual(unhandled, []);
  });
});
