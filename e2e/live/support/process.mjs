// What a process uses, from /proc.

import { readFileSync, writeFileSync } from 'node:fs';

/** A line of a file of /proc that counts KiB, in MiB. */
function mib(path, name) {
  const kib = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readFileSync(path, 'utf8'));
  return Number(kib[1]) / 1024;
}

/** Resident memory in MiB. */
export const residentMib = (pid) => mib(`/proc/${pid}/status`, 'VmRSS');

/** Memory of its own in MiB, without the program's file: of that, how much counts for whom depends on what else runs. */
export const ownMib = (pid) => mib(`/proc/${pid}/smaps_rollup`, 'Anonymous');

/** The most memory that was resident since the last `forgetPeak`, in MiB. */
export const peakMib = (pid) => mib(`/proc/${pid}/status`, 'VmHWM');

/** Begins anew to look for the most. */
export const forgetPeak = (pid) => writeFileSync(`/proc/${pid}/clear_refs`, '5');

/** Processor time so far, of all its threads, in milliseconds. The kernel counts in steps of 10. */
export function cpuMs(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name, in brackets, may hold anything.
  const [user, system] = stat.slice(stat.lastIndexOf(')') + 2).split(' ').slice(11, 13).map(Number);
  return (user + system) * 10;
}

/** What the work of `slowness` takes of a processor that nobody else slows down, in milliseconds. */
const ORDINARY_MS = 250;

/**
 * How many times slower this machine computes at present than an ordinary one, at least 1: virtual ones that share their processor
 * take two to three times the time for the same. The least of five counts, since what a machine does besides only adds.
 */
export function slowness() {
  const rows = Array.from({ length: 20_000 }, (_, i) => ({ key: `vehicle-${i}`, time: i, fields: { n: i / 7, text: `t${i % 97}` } }));
  const once = () => {
    const begun = process.cpuUsage();
    const known = new Map();
    for (let round = 0; round < 10; round += 1) {
      for (const row of JSON.parse(JSON.stringify(rows))) known.set(row.key, row);
    }
    const { user, system } = process.cpuUsage(begun);
    return (user + system) / 1_000;
  };
  return Math.max(1, Math.min(...Array.from({ length: 5 }, once)) / ORDINARY_MS);
}
