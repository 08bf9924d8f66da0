// The `pi` command (0.70.6) with an agent directory of its own: one Gemini CLI login, all requests to one server.
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { AgentDir, HOUR } from './agent-dir.mjs';

const run = promisify(execFile);
const cli = join(dirname(fileURLToPath(import.meta.resolve('pi-coding-agent-070'))), 'cli.js');
export const repository = fileURLToPath(new URL('../..', import.meta.url));

export class Pi {
  constructor(test, url) {
    this.agentDir = new AgentDir(test).path;
    const login = {
      type: 'oauth',
      access: 'account',
      refresh: 'r',
      expires: Date.now() + HOUR,
      projectId: 'project-1',
    };
    this.write('auth.json', { 'google-gemini-cli': login });
    this.write('models.json', { providers: { 'google-gemini-cli': { baseUrl: url } } });
    // pi's own pauses between its repetitions are not what is tested.
    this.write('settings.json', { retry: { baseDelayMs: 1 } });
  }

  write(name, content) {
    writeFileSync(join(this.agentDir, name), JSON.stringify(content));
  }

  read(name) {
    return JSON.parse(readFileSync(join(this.agentDir, name), 'utf8'));
  }

  /** Runs `pi` with these arguments; `preload` goes to Node's `--import`. */
  run(args, { preload } = {}) {
    const env = {
      PATH: process.env.PATH,
      HOME: this.agentDir,
      PI_CODING_AGENT_DIR: this.agentDir,
      PI_OFFLINE: '1',
      PI_TELEMETRY: '0',
    };
    const node = preload ? ['--import', preload] : [];
    const running = run(process.execPath, [...node, cli, ...args], { cwd: this.agentDir, env });
    running.child.stdin.end();
    return running;
  }

  /** One prompt; the assistant's last message. */
  async prompt(options, ...args) {
    const fixed = [
      '--print',
      '--mode',
      'json',
      '--no-session',
      '--no-tools',
      '--model',
      'google-gemini-cli/gemini-3-pro-preview',
    ];
    const { stdout } = await this.run([...fixed, ...args, 'Hello'], options);
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    return events.findLast(({ type, message }) => type === 'message_end' && message.role === 'assistant')?.message;
  }
}
