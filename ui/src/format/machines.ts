// What the window says of machines and of how their records come.
import { ApiFailure } from '../api/backend';
import type { ExchangeProblem, LogCoverage } from '../api/types';
import { t } from '../state/i18n.svelte';
import { explain } from './failures';
import { programName } from './names';
import { day } from './time';

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
