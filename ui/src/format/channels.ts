// The kinds of channels and alerts, and what a form of a channel asks for.
import type { ChannelView } from '../api/types';
import { codeText, i18n, joinClauses, joinList, t } from '../state/i18n.svelte';
import { age } from './time';

/** The kinds of alert that a channel can be limited to. Each has a text `alert-kind-…`. */
export const ALERT_KINDS = [
  'threshold',
  'likely-empty',
  'likely-lasts',
  'balance-low',
  'reset',
  'credit',
  'anomaly',
  'recovered',
  'withdrawn',
  'key-refused',
  'budget',
  'extra-usage',
] as const;

export const LEVELS = ['info', 'warning', 'urgent'] as const;

/** What a form asks for. `address` is a secret, `url` is not. */
export type ChannelField = 'url' | 'address' | 'to' | 'from' | 'secret';

/** A channel that starts a program is added by the command line alone. */
const FIELDS = {
  webhook: ['url', 'secret'],
  ntfy: ['url', 'secret'],
  telegram: ['to', 'secret'],
  feishu: ['address', 'secret'],
  dingtalk: ['address', 'secret'],
  wecom: ['address'],
  slack: ['address'],
  discord: ['address'],
  email: ['url', 'to', 'from', 'secret'],
} as const satisfies Record<string, readonly ChannelField[]>;

export type ChannelKind = keyof typeof FIELDS;
export const CHANNEL_KINDS = Object.keys(FIELDS) as ChannelKind[];

export const fieldsOf = (kind: string): readonly ChannelField[] =>
  kind in FIELDS ? FIELDS[kind as ChannelKind] : [];

export const kindName = (kind: string | null): string =>
  kind === null ? t('channel-kind-newer') : codeText('channel-kind', kind, 'newer');

/** The name of a kind of alert. One of a later version is called by its word. */
export const alertKindName = (kind: string): string =>
  i18n.has(`alert-kind-${kind}`) ? i18n.text(`alert-kind-${kind}`) : kind;

/** The name of a field, which may be another one for one kind. */
export function fieldName(field: ChannelField, kind: string): string {
  const own = `channel-field-${field}-${kind}`;
  return i18n.has(own) ? i18n.text(own) : t(`channel-field-${field}`);
}

/** The field of a form to which a refusal of the engine belongs; `null` where it belongs to none. */
export function refusedField(code: string, kind: string): ChannelField | 'name' | null {
  if (code.startsWith('channel-address-')) {
    return fieldsOf(kind).includes('address') ? 'address' : 'url';
  }
  if (code.startsWith('channel-secret-')) return 'secret';
  switch (code) {
    case 'channel-to':
      return 'to';
    case 'channel-from':
      return 'from';
    case 'name-taken':
    case 'name':
      return 'name';
    default:
      return null;
  }
}

/** Whether a channel is well: `failing` if messages are given up, `failed` if only the last attempt did. */
export function channelState(channel: ChannelView): 'new' | 'well' | 'failed' | 'failing' {
  if (channel.failing_since !== null) return 'failing';
  if (channel.last === null) return 'new';
  return channel.last.failure === null ? 'well' : 'failed';
}

/** What became of the last delivery. */
export function lastDelivery(channel: ChannelView, now: number): string {
  const { last } = channel;
  if (last === null) return t('channel-last-none');
  const when = age(last.at, now);
  if (last.failure === null) return t('channel-last-delivered', { age: when });
  const id = `error-channel-${last.failure}`;
  return t('channel-last-failed', {
    age: when,
    why: i18n.has(id) ? i18n.text(id) : t('error-other'),
  });
}

/** Which messages a channel gets, in a line. */
export function receives(channel: ChannelView): string {
  const parts = [
    channel.kinds.length === 0
      ? t('channel-all-alerts')
      : joinList(channel.kinds.map(alertKindName)),
  ];
  if (channel.accounts.length > 0) parts.push(joinList(channel.accounts));
  if (channel.min_level !== 'info') {
    parts.push(codeText('channel-level', channel.min_level, 'warning'));
  }
  if (channel.quiet_hours !== null) {
    const { from, to } = channel.quiet_hours;
    parts.push(t('channel-quiet-hours', { from, to }));
  }
  if (channel.digest !== null) parts.push(codeText('channel-digest', channel.digest, 'day'));
  return joinClauses(parts);
}
