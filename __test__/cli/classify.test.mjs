// `classify`: what a provider's answer means, and which part of it decided.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { classifyFailure } from '../../entry/main.js';
import { AgentDir } from '../support/agent-dir.mjs';
import { run } from '../support/command.mjs';

const FORM = { failure: {}, findings: [] };
const head = (...lines) => `${lines.join('\r\n')}\r\n\r\n`;

const ANTHROPIC =
  head('HTTP/1.1 200 Connection established') +
  head('HTTP/2 429', 'content-type: application/json', 'retry-after: 95', 'request-id: req_example1') +
  JSON.stringify({ type: 'error', error: { type: 'rate_limit_error', message: 'Slow down, please.' } });
const OPENAI =
  head('HTTP/1.1 429 Too Many Requests', 'x-request-id: req_example2') +
  JSON.stringify({
    error: { code: 'insufficient_quota', type: 'insufficient_quota', message: 'Please check billing.' },
  });
const GOOGLE =
  head('HTTP/1.1 100 Continue') +
  head('HTTP/2 429', 'server: x') +
  JSON.stringify({
    error: {
      code: 429,
      status: 'RESOURCE_EXHAUSTED',
      message: 'No capacity.',
      details: [
        { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'MODEL_CAPACITY_EXHAUSTED' },
        { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34s' },
      ],
    },
  });

/** What the command answers to programs. */
function read(input, ...args) {
  const { status, stdout, stderr } = run(['classify', '--json', ...args], {}, input);
  assert.deepEqual([status, stderr], [0, '']);
  const answer = JSON.parse(stdout);
  assert.deepEqual(Object.keys(answer), Object.keys(FORM));
  return answer;
}

const decisive = ({ findings }) => findings.filter((it) => it.decisive).map(({ place, text }) => `${place} ${text}`);

test('all that curl -i shows is read: Anthropic', () => {
  const answer = read(ANTHROPIC);
  const { class: kind, status, retryAfterMs, source, traceId } = answer.failure;
  assert.deepEqual([kind, status, retryAfterMs], ['rate_limit', 429, 95_000]);
  assert.deepEqual([source, traceId], ['header:retry-after', 'req_example1']);
  assert.deepEqual(decisive(answer), ['status 429', 'wait header:retry-after']);
});

test('all that curl -i shows is read: OpenAI', () => {
  const answer = read(OPENAI);
  assert.deepEqual([answer.failure.class, answer.failure.reason], ['billing', 'insufficient_quota']);
  assert.deepEqual(decisive(answer), ['code insufficient_quota']);
});

test('all that curl -i shows is read: Google', () => {
  const answer = read(GOOGLE);
  assert.deepEqual([answer.failure.class, answer.failure.retryAfterMs], ['capacity', 34_000]);
  assert.deepEqual(decisive(answer), ['code MODEL_CAPACITY_EXHAUSTED', 'wait retry-info']);
});

test('what curl -v adds changes nothing', () => {
  const [lines, body] = OPENAI.split('\r\n\r\n');
  const answered = lines.split('\r\n').map((line) => `< ${line}\r\n`);
  const sent = '* Connected to x\r\n> POST /v1 HTTP/1.1\r\n> retry-after: 7\r\n>\r\n';
  const verbose = `${sent}${answered.join('')}< \r\n${body}* Connection #0 to host x left intact\n`;
  assert.deepEqual(read(verbose), read(OPENAI));
});

test('the record is the one of classifyFailure', () => {
  const body = OPENAI.split('\r\n\r\n')[1];
  const { failure } = read(body, '--status', '429', '--model', 'm-1');
  assert.deepEqual(failure, { ...classifyFailure({ status: 429, body, model: 'm-1' }) });
  assert.equal(failure.model, 'm-1');
});

test('an error without head or body is read by its words', () => {
  const answer = read('Your credit balance is too low to use this service.\n');
  assert.equal(answer.failure.class, 'billing');
  assert.match(decisive(answer).join(), /^words /);
});

test('a status that is given counts instead of the one in the answer', () => {
  assert.equal(read('{}', '--status', '503').failure.class, 'overloaded');
  assert.equal(read(head('HTTP/2 429', 'a: b'), '--status', '503').failure.status, 503);
  assert.equal(read('', '--status', '429').failure.class, 'rate_limit');
});

test('a file is read like standard input, and - is standard input', (t) => {
  const dir = new AgentDir(t);
  const file = `${dir.path}/case.txt`;
  writeFileSync(file, OPENAI);
  assert.deepEqual(read('', file), read(OPENAI, '-'));
});

test('people see what decided, what else was seen, who rests and what to do, in 80 columns', () => {
  const long = JSON.stringify({ error: { type: 'rate_limit_error', message: 'usage '.repeat(90) + 'x'.repeat(300) } });
  for (const input of [ANTHROPIC, OPENAI, GOOGLE, long, 'odd words']) {
    const { status, stdout, stderr } = run(['classify'], {}, input);
    assert.deepEqual([status, stderr], [0, '']);
    for (const line of stdout.split('\n')) assert.ok(line.length <= 80, line);
    assert.match(stdout, /^class {6}\w+\nscope .+\nask others (yes|no): .+\nwait .+\nrule /);
    assert.match(stdout, /\n\nrests .+\n(.+\n)*to do .+\n/);
  }
  const { stdout } = run(['classify'], {}, ANTHROPIC);
  assert.match(stdout, /\nwait {7}1 min 35 s, until \d{4}-.* UTC \(header:retry-after\)\n/);
  assert.match(stdout, /\ndecided by\n {2}status {3}429\n {2}wait {5}header:retry-after: 1 min 35 s\n/);
  assert.match(stdout, /\nalso seen\n {2}code {5}rate_limit_error: 429\n/);
});

test('output has colours only where they are wanted, and only ASCII of its own', () => {
  assert.doesNotMatch(run(['classify'], { LANG: 'C' }, OPENAI).stdout, /[^\x00-\x7f]|\x1b/);
  assert.match(run(['classify'], { FORCE_COLOR: '1' }, OPENAI).stdout, /\x1b\[/);
});

test('a text cannot steer the terminal', () => {
  const body = JSON.stringify({ error: { code: 'a\x1b[2Jb', message: 'x\x1b]0;title\x07y\u202e' } });
  const { stdout } = run(['classify', '--status', '429'], {}, body);
  assert.doesNotMatch(stdout, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
});

test('no key is shown, wherever it stands', () => {
  const keys = [
    'sk-ant-api03-Pl4ntedS3cretAAAA',
    'ya29.Pl4ntedS3cret',
    'AIzaPl4ntedS3cret0123456789',
    'gsk_Pl4ntedS3cret01',
  ];
  for (const key of keys) {
    const error = { code: key, type: 'invalid_api_key', message: `Incorrect API key provided: ${key}.`, param: key };
    for (const input of [
      JSON.stringify({ error }),
      head('HTTP/2 401', `authorization: Bearer ${key}`, `request-id: ${key}`, `x-amzn-errortype: ${key}`) + key,
      `> authorization: Bearer ${key}\n< HTTP/2 401\n< set-cookie: a=${key}\n<\n{"error":"${key}"}`,
      `refused: ${key}`,
      key,
    ]) {
      for (const form of [[], ['--json']]) {
        const { status, stdout, stderr } = run(['classify', ...form, '--model', key], {}, input);
        assert.equal(status, 0);
        assert.doesNotMatch(stdout + stderr, /Pl4nted/, input);
      }
    }
  }
});

test('a link that admits to an account loses its query', () => {
  const url = 'https://accounts.google.com/signin/continue?plt=Pl4nted';
  const details = [
    {
      '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
      reason: 'VALIDATION_REQUIRED',
      metadata: { validation_url: url },
    },
  ];
  const body = JSON.stringify({ error: { code: 403, status: 'PERMISSION_DENIED', message: 'Verify.', details } });
  assert.equal(read(body).failure.url, 'https://accounts.google.com/signin/continue?[redacted]');
  assert.doesNotMatch(run(['classify'], {}, body).stdout, /Pl4nted/);
});

test('of a very long input the start is read, and that is said', () => {
  const { status, stdout, stderr } = run(['classify'], {}, `${OPENAI}\n${' '.repeat(2 ** 20)}`);
  assert.equal(status, 0);
  assert.match(stdout, /^class {6}billing\n/);
  assert.equal(stderr, 'auth-failover: only the first 1 MiB of the input was read\n');
});

test('an input that is empty, and a status that is none, end in 2', () => {
  for (const [args, said] of [
    [[], /nothing to classify: the input is empty/],
    [['--status', '42'], /--status is an HTTP status, a number from 100 to 599/],
    [['--status', '600'], /from 100 to 599/],
    [['a', 'b'], /too many arguments for classify/],
    [['--all'], /classify takes no --all/],
    [['--agent-dir', '/x'], /classify takes no --agent-dir/],
  ]) {
    const { status, stdout, stderr } = run(['classify', ...args], {}, ' \n');
    assert.deepEqual([status, stdout], [2, ''], args.join(' '));
    assert.match(stderr, said);
  }
});

test('a file that cannot be read ends in 3, and is not named', (t) => {
  const dir = new AgentDir(t);
  for (const file of [`${dir.path}/sk-Pl4nted`, dir.path]) {
    const { status, stdout, stderr } = run(['classify', file]);
    assert.deepEqual([status, stdout], [3, '']);
    assert.match(stderr, /^auth-failover: the input cannot be read: .+\n$/);
    assert.doesNotMatch(stderr, /Pl4nted/);
  }
});

suite("rules of one's own", () => {
  const STRANGE =
    head('HTTP/2 500', 'x-plan: gold') + JSON.stringify({ error: { message: 'The piggy bank is empty.' } });
  const rules = (t, text) => {
    const file = `${new AgentDir(t).path}/rules.json`;
    writeFileSync(file, typeof text === 'string' ? text : JSON.stringify(text));
    return file;
  };
  const then = { class: 'billing', retryAfterMs: 60_000 };

  test('decide as in classifyFailure, and are named', (t) => {
    const list = [
      { when: { provider: 'other', text: 'piggy' }, then: { class: 'quota' } },
      { when: { provider: 'acme', text: 'piggy bank', header: 'x-plan: gold' }, then },
    ];
    const answer = read(STRANGE, '--rules', rules(t, list), '--provider', ' ACME ');
    const { class: kind, retryAfterMs, rule } = answer.failure;
    assert.deepEqual([kind, retryAfterMs, rule], ['billing', 60_000, 'own-rule']);
    assert.deepEqual(decisive(answer), ['rule rules[1]']);
    assert.equal(read(STRANGE, '--rules', rules(t, list)).failure.class, 'overloaded');
  });

  for (const [what, text, told] of [
    [
      'a field that is not known',
      [
        { when: { status: 500 }, then },
        { when: { txt: 'x' }, then },
      ],
      'rules[1].when.txt',
    ],
    ['a class that is none', [{ when: { status: 500 }, then: { class: 'hunter22' } }], 'rules[0].then.class'],
    ['an object', { rules: [] }, 'must be an array of rules'],
    ['a text that is no JSON', '[\n  {hunter22}]', 'line 2, column 4'],
  ]) {
    test(`${what} ends in 2, and the field is named without its value`, (t) => {
      const { status, stdout, stderr } = run(['classify', '--rules', rules(t, text)], {}, STRANGE);
      assert.deepEqual([status, stdout], [2, '']);
      assert.ok(stderr.includes(told) && !stderr.includes('hunter22'), stderr);
    });
  }

  test('a file that is not there ends in 3', (t) => {
    const { status, stderr } = run(['classify', '--rules', `${new AgentDir(t).path}/none.json`], {}, STRANGE);
    assert.deepEqual([status, stderr], [3, 'auth-failover: the rules cannot be read: entity not found\n']);
  });
});
