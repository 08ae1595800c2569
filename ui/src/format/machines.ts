// What the window says of machines and of how their records come.
import { ApiFailure } from '../api/backend';
import type { AccountUse, ExchangeProblem, LogCoverage, Machine, Machines } from '../api/types';
import { t } from '../state/i18n.svelte';
import { explain } from './failures';
import { programName } from './names';
import { day, nearMoment } from './time';

/** The programs whose logs are known for the same time. */
export interface KnownLogs {
  programs: string[];
  when: string;
}

/** From when to when the logs of each program are known. Gaps are counted, not listed. */
export function knownLogs(coverage: LogCoverage[], zone: string, now: number): KnownLogs[] {
  const lines: KnownLogs[] = [];
  for (const client of new Set(coverage.map((span) => span.client))) {
    const when = covered(
      coverage.filter((span) => span.client === client),
      zone,
      now,
    );
    const line = lines.find((one) => one.when === when);
    if (line === undefined) lines.push({ programs: [programName(client)], when });
    else line.programs.push(programName(client));
  }
  return lines;
}

function covered(spans: LogCoverage[], zone: string, now: number): string {
  const sorted = [...spans].sort((a, b) => Date.parse(a.from) - Date.parse(b.from));
  let end = -Infinity;
  let gaps = -1;
  for (const span of sorted) {
    if (Date.parse(span.from) > end) gaps += 1;
    end = Math.max(end, Date.parse(span.to));
  }
  const start = Date.parse(sorted[0]?.from ?? '');
  // The end is the first instant after what is known. Logs that were read just now are known for no time yet.
  const [first, last] = [day(start, zone, now), day(Math.max(start, end - 1), zone, now)];
  const when = first === last ? first : t('between', { from: first, to: last });
  return gaps > 0 ? t('with-note', { text: when, note: t('machine-gaps', { count: gaps }) }) : when;
}

const HOUR_MS = 3_600_000;
/** The audit waits so long before a machine counts as silent. */
const SILENT_AFTER_MS = HOUR_MS;
/** The audit takes a machine that has reported nothing for so long as out of use. */
const UNUSED_AFTER_MS = 14 * 24 * HOUR_MS;

/** Whether a machine's usage is known up to now, as the audit takes it. */
export interface Reporting {
  /** `ended` is one whose records no longer come. */
  state: 'reports' | 'silent' | 'unused' | 'unheard' | 'ended';
  /** Up to when its logs are known; `null` if they never were. */
  until: number | null;
}

/** Whether a machine reports its usage, and up to when it did. */
export function reporting(machine: Machine, now: number): Reporting {
  const ends = machine.coverage.map((span) => Date.parse(span.to));
  const until = ends.length > 0 ? Math.max(...ends) : null;
  if (machine.exchange === null) return { state: 'ended', until };
  if (until === null) return { state: 'unheard', until };
  const age = now - until;
  if (age < SILENT_AFTER_MS) return { state: 'reports', until };
  return { state: age < UNUSED_AFTER_MS ? 'silent' : 'unused', until };
}

/** What it means for deductions that a machine does not report; empty where it does. */
export function silenceText({ state, until }: Reporting, zone: string, now: number): string {
  if (state === 'reports' || state === 'ended') return '';
  return t(`machine-${state}`, until === null ? {} : { time: nearMoment(until, zone, now) });
}

/** Usage of one account on one machine. */
export interface MachineLine {
  key: string;
  /** Empty for this machine if it has no name. */
  name: string;
  requests: number;
  tokens: number;
  lastSeen: string | null;
  /** `null` for this machine. */
  reporting: Reporting | null;
}

/** The machines on which an account was used, this one first. Empty where it was used on no other. */
export function machineLines(
  account: AccountUse | undefined,
  { this: own, machines }: Machines,
  now: number,
): MachineLine[] {
  const used = (number: number | null) =>
    account?.machines.find((one) => one.machine === number) ?? { requests: 0, tokens: 0 };
  const others = machines.flatMap((machine): MachineLine[] => {
    const { requests, tokens } = used(machine.number);
    if (requests === 0) return [];
    const { key, name, last_seen: lastSeen } = machine;
    return [{ key, name, requests, tokens, lastSeen, reporting: reporting(machine, now) }];
  });
  if (others.length === 0) return [];
  const { requests, tokens } = used(null);
  const first = { key: 'this', name: own.name, requests, tokens, lastSeen: null, reporting: null };
  return [first, ...others];
}

/** Why an exchange failed and what to do, in the texts of failed requests. */
export function explainProblem({ code, said }: ExchangeProblem): { title: string; advice: string } {
  const failure = new ApiFailure(`machine-${code}`, '', null, null, said);
  const known = explain(failure);
  return known.known ? known : explain(new ApiFailure('machine-other', '', null, null, said));
}

/** The host as `ssh` takes it: an option, or several words, would be something else. */
export const isHost = (text: string): boolean => /^[^\s-]\S*$/.test(text);

/** A full path, of this system or of Windows. */
export const isFullPath = (text: string): boolean => /^(\/|[a-z]:[\\/]|\\\\)/i.test(text);
