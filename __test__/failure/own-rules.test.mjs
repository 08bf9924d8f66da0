// Rules of the caller's own: providers change their words, and an operator must not wait for a release.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';

import { classifyFailure, runWithAuthProfiles } from '../../index.js';
import { accounts, PROVIDER } from '../support/runs.mjs';

const strange = { status: 500, body: { error: { code: 'E_PIGGY', message: 'The piggy bank has gone quiet.' } } };
const judged = (rules, more) => classifyFailure({ ...strange, provider: 'acme', rules, ...more });

suite('a rule that fits', () => {
  test('gives its class, with the scope and rotation of that class', () => {
    const failure = judged([{ when: { text: 'PIGGY bank' }, then: { class: 'billing' } }]);
    assert.deepEqual(
      [failure.class, failure.scope, failure.rotate, failure.rule],
      ['billing', 'account', true, 'own-rule'],
    );
  });

  test('may state scope, rotation and wait by themselves', () => {
    const then = { scope: 'request', rotate: false, retryAfterMs: 5_000 };
    const failure = judged([{ when: { code: 'e_*', status: [500, 502] }, then }], { now: 1_000 });
    assert.deepEqual(
      [failure.scope, failure.rotate, failure.retryAfterMs, failure.resetAt, failure.source, failure.trust],
      ['request', false, 5_000, 6_000, 'own-rule', 'server'],
    );
  });

  test('is the first of them', () => {
    const rules = [
      { when: { provider: 'other' }, then: { class: 'auth' } },
      { when: { provider: ' ACME ' }, then: { class: 'quota' } },
      { when: { status: 500 }, then: { class: 'billing' } },
    ];
    assert.equal(judged(rules).class, 'quota');
  });

  test('finds any header, also of a thrown error', () => {
    const rules = [{ when: { header: 'X-Plan: free*' }, then: { class: 'no_license' } }];
    assert.equal(classifyFailure({ status: 403, headers: { 'x-plan': 'Free tier' }, rules }).class, 'no_license');
    const error = Object.assign(new Error('no'), { status: 403, headers: new Headers({ 'x-plan': 'free' }) });
    assert.equal(classifyFailure({ error, rules }).class, 'no_license');
    assert.notEqual(classifyFailure({ status: 403, headers: { 'x-plan': 'paid' }, rules }).class, 'no_license');
  });

  test('decides in the loop too', async (t) => {
    const dir = accounts(t, ['a', 'b']);
    const asked = [];
    const run = ({ profileId }) => {
      asked.push(profileId);
      throw Object.assign(new Error('tea time'), { status: 400, body: '{"error":{"message":"tea time"}}' });
    };
    const rules = [{ when: { text: 'tea time', status: 400 }, then: { class: 'billing' } }];
    const params = { provider: PROVIDER, agentDir: dir.path, run };
    await assert.rejects(runWithAuthProfiles({ ...params, rules }), { code: 'ERR_NO_PROFILE_AVAILABLE' });
    assert.deepEqual(asked, ['a', 'b']);
  });
});

suite('a rule that cannot be read is refused by the name of its field', () => {
  const then = { class: 'quota' };
  const when = { status: 429 };
  for (const [field, rules] of [
    ['rules', {}],
    ['rules[0]', [7]],
    ['rules[0].when', [{ then }]],
    ['rules[0].then', [{ when, then: {} }]],
    ['rules[0].when', [{ when: {}, then }]],
    ['rules[0].wenn', [{ when, then, wenn: {} }]],
    [
      'rules[1].when.stauts',
      [
        { when, then },
        { when: { stauts: 429 }, then },
      ],
    ],
    ['rules[0].when.status', [{ when: { status: '429' }, then }]],
    ['rules[0].when.status', [{ when: { status: [] }, then }]],
    ['rules[0].when.status', [{ when: { status: 42 }, then }]],
    ['rules[0].when.text', [{ when: { text: '*' }, then }]],
    ['rules[0].when.text', [{ when: { text: /x+/ }, then }]],
    ['rules[0].when.header', [{ when: { header: ':free' }, then }]],
    ['rules[0].then.class', [{ when, then: { class: 'rate-limit' } }]],
    ['rules[0].then.scope', [{ when, then: { scope: 'world' } }]],
    ['rules[0].then.rotate', [{ when, then: { rotate: 'yes' } }]],
    ['rules[0].then.retryAfterMs', [{ when, then: { retryAfterMs: -1 } }]],
  ]) {
    test(`${field}: ${JSON.stringify(rules)}`, async (t) => {
      const named = (holder) => (error) => {
        assert.deepEqual([error.code, error instanceof TypeError], ['ERR_INVALID_ARGUMENT', true]);
        assert.ok(error.message.includes(`${holder}.${field}`), error.message);
        return true;
      };
      assert.throws(() => classifyFailure({ status: 429, rules }), named('evidence'));
      const params = { provider: PROVIDER, agentDir: accounts(t, ['a']).path, run: () => 1, rules };
      await assert.rejects(runWithAuthProfiles(params), named('params'));
    });
  }
});

suite('explain', () => {
  test('tells which piece decided, and what else was seen', () => {
    const body = { error: { code: 'insufficient_quota', type: 'tokens', message: 'usage limit, retry in 5s' } };
    const { class: name, explanation } = classifyFailure({ status: 429, body, explain: true });
    assert.equal(name, 'billing');
    const decisive = explanation.filter((it) => it.decisive).map(({ place, text }) => `${place} ${text}`);
    assert.ok(decisive.includes('code insufficient_quota'), decisive.join());
    assert.ok(explanation.some(({ place, text, decisive: did }) => place === 'words' && text && !did));
  });

  test('names the rule of yours that decided', () => {
    const rules = ['nowhere', 'piggy bank'].map((text) => ({ when: { text }, then: { class: 'billing' } }));
    const { explanation } = classifyFailure({ status: 429, message: 'The piggy bank is empty', rules, explain: true });
    const decisive = explanation.filter((it) => it.decisive).map(({ place, text }) => `${place} ${text}`);
    assert.deepEqual(decisive, ['rule rules[1]']);
  });

  test('calls the groups of phrases by the names that the declarations list', () => {
    const declared = readFileSync(new URL('../../index.d.ts', import.meta.url), 'utf8');
    const texts = ['out of credits, deactivated, license, revoked', 'weekly limit, opus limit, throttled, 9 per day'];
    const explanations = texts.map((message) => classifyFailure({ message, explain: true }).explanation);
    const groups = explanations.flat().map(({ place, says }) => (place === 'words' ? says : null));
    assert.equal(new Set(groups).size, 8);
    for (const group of groups) assert.ok(declared.includes(`\`${group}\``), group);
  });

  test('is absent unless asked for', () => {
    for (const explain of [undefined, null, false, 'yes'])
      assert.ok(!('explanation' in classifyFailure({ status: 429, explain })));
  });

  test('holds no secret of what was sent', () => {
    const key = 'sk-ant-api03-abcdefghijklmnopqrstuvwxyz0123456789';
    const body = { error: { code: key, message: `invalid x-api-key ${key}` } };
    assert.ok(!JSON.stringify(classifyFailure({ status: 401, body, explain: true })).includes(key.slice(0, 24)));
  });
});
