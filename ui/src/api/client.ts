// The requests to the engine, one function each.
import type { Backend } from './backend';
import type {
  Account,
  AccountChange,
  Budgets,
  Case,
  ChannelChange,
  Channels,
  ChannelTest,
  Claim,
  Cycles,
  Findings,
  FindingView,
  Hindsight,
  History,
  KeyTest,
  Levels,
  MachineChange,
  Machines,
  MachinesSynced,
  TriageState,
  NewAccount,
  NewChannel,
  NewMachine,
  Overview,
  Refreshed,
  Removed,
  Sessions,
  Settings,
  UpdateOrderWord,
  Usage,
  Welcome,
} from './types';

export interface HistoryQuery {
  by: string;
  from: string;
  to?: string | undefined;
  account?: number | undefined;
}

/** One series in a span; its ends are days or RFC 3339. */
export interface SeriesQuery {
  account: number;
  series: string;
  from: string;
  to: string;
}

export interface UsageQuery extends Omit<HistoryQuery, 'account'> {
  /** `none` is unassigned usage. */
  account?: number | 'none' | undefined;
  /** The number of a machine, or `this`. */
  machine?: number | 'this' | undefined;
}

export function queryString(values: Record<string, string | number | null | undefined>): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(values)) {
    if (value !== undefined && value !== null) search.set(key, String(value));
  }
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}

/** Sends requests through one backend. Answers are not checked against their types: both ends are built together. */
export class Client {
  constructor(private readonly backend: Backend) {}

  overview = () => this.backend.request('GET', '/v1/overview') as Promise<Overview>;
  welcome = () => this.backend.request('GET', '/v1/welcome') as Promise<Welcome>;
  accounts = () => this.backend.request('GET', '/v1/accounts') as Promise<Account[]>;
  settings = () => this.backend.request('GET', '/v1/settings') as Promise<Settings>;

  history = (query: HistoryQuery) =>
    this.backend.request(
      'GET',
      `/v1/history${queryString({ by: query.by, from: query.from, to: query.to, account: query.account })}`,
    ) as Promise<History>;

  usage = (query: UsageQuery) =>
    this.backend.request('GET', `/v1/usage${queryString({ ...query })}`) as Promise<Usage>;

  levels = (query: SeriesQuery & { points?: number }) =>
    this.backend.request('GET', `/v1/levels${queryString({ ...query })}`) as Promise<Levels>;
  cycles = (query: SeriesQuery) =>
    this.backend.request('GET', `/v1/cycles${queryString({ ...query })}`) as Promise<Cycles>;
  sessions = (query: { from: string; to: string; account?: number | undefined }) =>
    this.backend.request(
      'GET',
      `/v1/usage/sessions${queryString({ ...query })}`,
    ) as Promise<Sessions>;

  findings = (account?: number, before?: string) =>
    this.backend.request(
      'GET',
      `/v1/findings${queryString({ account, before })}`,
    ) as Promise<Findings>;

  case = (id: number) => this.backend.request('GET', `/v1/findings/${id}/case`) as Promise<Case>;
  mark = (id: number, as: TriageState) =>
    this.backend.request('POST', `/v1/findings/${id}/mark`, { as }) as Promise<FindingView>;
  markSeen = (ids: number[], seen = true) =>
    this.backend.request('POST', '/v1/findings/seen', seen ? { ids } : { ids, seen });
  /** What to write to the service about an anomaly. */
  claim = (id: number, language: string) =>
    this.backend.request(
      'GET',
      `/v1/findings/${id}/claim${queryString({ language })}`,
    ) as Promise<Claim>;
  hindsight = (account?: number) =>
    this.backend.request('GET', `/v1/hindsight${queryString({ account })}`) as Promise<Hindsight>;

  addAccount = (account: NewAccount) =>
    this.backend.request('POST', '/v1/accounts', account) as Promise<Account>;
  testKey = (account: NewAccount) =>
    this.backend.request('POST', '/v1/accounts/test', account) as Promise<KeyTest>;
  testAccount = (id: number) =>
    this.backend.request('POST', `/v1/accounts/${id}/test`) as Promise<KeyTest>;
  changeAccount = (id: number, change: Partial<AccountChange>) =>
    this.backend.request('PATCH', `/v1/accounts/${id}`, change) as Promise<Account>;
  removeAccount = (id: number, keepKey = false) =>
    this.backend.request(
      'DELETE',
      `/v1/accounts/${id}${keepKey ? '?keep_key=true' : ''}`,
    ) as Promise<Removed>;
  orderAccounts = (ids: number[]) => this.backend.request('PUT', '/v1/accounts/order', { ids });

  machines = () => this.backend.request('GET', '/v1/machines') as Promise<Machines>;
  addMachine = (machine: Partial<NewMachine>) =>
    this.backend.request('POST', '/v1/machines', machine) as Promise<Machines>;
  /** The key is that of a machine, or `this`. */
  changeMachine = (key: string, change: Partial<MachineChange>) =>
    this.backend.request('PATCH', `/v1/machines/${key}`, change) as Promise<Machines>;
  /** The key is that of a machine or of an exchange. */
  removeMachine = (key: string, dropUse: boolean) =>
    this.backend.request('DELETE', `/v1/machines/${key}?drop_use=${dropUse}`) as Promise<Machines>;
  syncMachine = (key: string) =>
    this.backend.request('POST', '/v1/machines/sync', { key }) as Promise<MachinesSynced>;

  channels = () => this.backend.request('GET', '/v1/channels') as Promise<Channels>;
  addChannel = (channel: NewChannel) =>
    this.backend.request('POST', '/v1/channels', channel) as Promise<Channels>;
  changeChannel = (name: string, change: ChannelChange) =>
    this.backend.request(
      'PUT',
      `/v1/channels/${encodeURIComponent(name)}`,
      change,
    ) as Promise<Channels>;
  removeChannel = (name: string) =>
    this.backend.request('DELETE', `/v1/channels/${encodeURIComponent(name)}`) as Promise<Channels>;
  testChannel = (name: string, message: ChannelTest) =>
    this.backend.request(
      'POST',
      `/v1/channels/${encodeURIComponent(name)}/test`,
      message,
    ) as Promise<Channels>;
  budgets = () => this.backend.request('GET', '/v1/budgets') as Promise<Budgets>;

  changeSettings = (change: Partial<Settings>) =>
    this.backend.request('PATCH', '/v1/settings', change) as Promise<Settings>;

  refresh = (accountId?: number) =>
    this.backend.request(
      'POST',
      '/v1/refresh',
      accountId === undefined ? {} : { account_id: accountId },
    ) as Promise<Refreshed>;
  pause = (until: string | null) => this.backend.request('POST', '/v1/pause', { until });
  update = (action: UpdateOrderWord) => this.backend.request('POST', '/v1/update', { do: action });
  resume = () => this.backend.request('POST', '/v1/resume');
  unlockFile = (passphrase: string) =>
    this.backend.request('POST', '/v1/vault/unlock-file', { passphrase });
  unlockKeyring = () => this.backend.request('POST', '/v1/vault/unlock-keyring');
  testNotification = () => this.backend.request('POST', '/v1/notifications/test');
}
