// Reads a page of documentation as a newcomer does: what to type, what should come, what to open.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';

/**
 * The steps of a page, in order: `{type, shows}` for a block of commands and the output below it, `{open}` for an
 * address that a line of text says to open.
 */
export function steps(markdown) {
  const found = [];
  const parts = /^```(\w+)\n([\s\S]*?)^```$|^Open <([^>]+)>|^Open that address/gm;
  for (const [whole, language, text, address] of markdown.matchAll(parts)) {
    if (language === 'sh') found.push({ type: text });
    else if (language === 'text') found.at(-1).shows = text;
    else if (language === undefined) found.push({ open: address ?? 'that address' });
    else if (language !== 'toml') assert.fail(`a block in ${language}, which nothing runs: ${whole}`);
  }
  return found;
}

/** Output as a page shows it: a line `…` stands for any lines, `…` in a line for anything in it. */
export function pattern(shown) {
  const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const line = (text) => (text === '…' ? '(?:.*\n)*?' : `${text.split('…').map(escaped).join('.*')}\n`);
  return new RegExp(`^${shown.trimEnd().split('\n').map(line).join('')}$`);
}

/** A shell that stays open from block to block, as a person's terminal does. */
export class Terminal {
  #shell;
  #output = '';

  constructor(cwd, env) {
    this.#shell = spawn('bash', ['--norc'], { cwd, env });
    for (const stream of [this.#shell.stdout, this.#shell.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (text) => (this.#output += text));
    }
    this.#shell.stdin.write('exec 2>&1\n');
  }

  /** Types a block and returns what it prints. */
  async type(block, limit = 60_000) {
    const mark = `--${randomBytes(8).toString('hex')}--`;
    this.#output = '';
    this.#shell.stdin.write(`${block}\necho; echo ${mark}\n`);
    for (let waited = 0; !this.#output.includes(`${mark}\n`); waited += 20) {
      assert.ok(waited < limit && this.#shell.exitCode === null, `no end of:\n${block}\n${this.#output}`);
      await new Promise((done) => setTimeout(done, 20));
    }
    // A terminal shows CRLF, which CSV has, as any end of a line.
    const text = this.#output.slice(0, this.#output.indexOf(mark)).replaceAll('\r\n', '\n').replace(/\n$/, '');
    return text === '' || text.endsWith('\n') ? text : `${text}\n`;
  }

  close() {
    this.#shell.kill();
  }
}
