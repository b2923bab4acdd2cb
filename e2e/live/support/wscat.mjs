// wscat as a person starts it: a child process whose standard output is what the server said.

import { spawn } from 'node:child_process';
import { join } from 'node:path';

import { ROOT } from '../../server.mjs';
import { eventually } from './wait.mjs';

const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** Connects wscat to a path of a server. */
export class Wscat {
  output = '';
  errors = '';
  ended = null;

  constructor(server, path, args = []) {
    const program = join(ROOT, 'node_modules/wscat/bin/wscat');
    this.child = spawn(process.execPath, [program, '--no-color', '--connect', server.wsUrl + path, ...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    running.add(this.child);
    this.child.stdout.on('data', (text) => (this.output += text));
    this.child.stderr.on('data', (text) => (this.errors += text));
    this.child.on('exit', (code) => {
      running.delete(this.child);
      this.ended = code ?? -1;
    });
  }

  /** The lines that came: wscat prints each message on its own line. What it prints for a prompt is left out. */
  get lines() {
    return this.output.split('\n').map((l) => l.replace(/^(> )+/, '').trim()).filter(Boolean);
  }

  /** The messages, each of which must be JSON. */
  get messages() {
    return this.lines.map((line) => JSON.parse(line));
  }

  /** Waits until so many lines came. */
  async count(n) {
    const told = () => `${n} messages from wscat; it has ${this.lines.length}: ${this.output.slice(-500)} ${this.errors.slice(-500)}`;
    await eventually(() => this.lines.length >= n, told);
  }

  /** Ends the process. */
  stop() {
    this.child.kill('SIGKILL');
  }
}
