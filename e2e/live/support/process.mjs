// What a process uses, from /proc.

import { readFileSync, writeFileSync } from 'node:fs';

/** A line of a file of /proc that counts KiB, in MiB. */
function mib(path, name) {
  const kib = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readFileSync(path, 'utf8'));
  return Number(kib[1]) / 1024;
}

/** Resident memory in MiB. */
export const residentMib = (pid) => mib(`/proc/${pid}/status`, 'VmRSS');

/** Memory in MiB, of what is shared with other processes only its part: that of two workers can be compared. */
export const pssMib = (pid) => mib(`/proc/${pid}/smaps_rollup`, 'Pss');

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
