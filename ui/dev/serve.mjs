// Serves the built window with fixed answers, for development. Not part of the program.
// node dev/serve.mjs [PORT] [normal|fine|troubled|empty|scanning|many|fifty|long|newer]; port 0 is any that is free
import { createReadStream, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as fixture from './fixture.mjs';

const port = Number(process.argv[2] ?? 4173);
const scene = process.argv[3] ?? 'normal';
const dist = fileURLToPath(new URL('../dist/', import.meta.url));
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };
const CSP =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'";

let settings = { ...fixture.settings(), ...(scene === 'empty' ? { check_updates: null } : {}) };
let update = scene === 'newer' ? fixture.newerVersion() : fixture.update();
/** How many accounts there are, in scenes with many. */
const MANY = { many: 100, fifty: 50 }[scene] ?? 0;
let accounts = MANY > 0 ? fixture.manyAccounts(MANY) : fixture.accounts();
if (scene === 'fine') accounts = accounts.slice(0, 3);
let machines = scene === 'troubled' ? fixture.troubledMachines() : fixture.machines();
if (['empty', 'fine'].includes(scene)) machines = { ...machines, machines: [], exchanges: [] };
const marked = new Map();
const listeners = new Set();

function overview() {
  if (scene === 'troubled') return fixture.troubled();
  if (scene === 'empty') {
    const asks = { ...fixture.unanswered(), consent: settings.check_updates };
    return fixture.overview({ accounts: [], agent: fixture.agent({ update: asks }) });
  }
  if (MANY > 0) return fixture.overview({ accounts: fixture.manyCards(MANY) });
  if (scene === 'fine') return fixture.fine();
  const cards = new Map(fixture.cards().map((card) => [card.id, card]));
  return fixture.overview({
    accounts: accounts.flatMap((one) => {
      const card = cards.get(one.id);
      return card === undefined ? [] : [{ ...card, name: one.name }];
    }),
    agent: fixture.agent({
      timezone: settings.timezone,
      update: { ...update, consent: settings.check_updates },
    }),
  });
}

function tell(event) {
  for (const answer of listeners) answer.write(`data: ${JSON.stringify(event)}\n\n`);
}

function ask(method, url, body) {
  const [, , area, a, b] = url.pathname.split('/');
  switch (`${method} ${area}`) {
    case 'GET overview':
      return overview();
    case 'GET settings':
      return settings;
    case 'PATCH settings':
      settings = { ...settings, ...body };
      tell({ event: 'settings' });
      return settings;
    case 'GET channels':
      return scene === 'empty' ? { channels: [] } : fixture.channels();
    case 'GET accounts':
      return scene === 'empty' ? [] : accounts;
    case 'PUT accounts':
      accounts = body.ids.map((id) => accounts.find((one) => one.id === id));
      return null;
    case 'PATCH accounts':
      accounts = accounts.map((one) => (one.id === Number(a) ? { ...one, ...body } : one));
      return accounts.find((one) => one.id === Number(a));
    case 'DELETE accounts':
      accounts = accounts.filter((one) => one.id !== Number(a));
      return null;
    case 'POST accounts':
      if (a === 'test' || b === 'test') {
        return {
          ok: true,
          source: 'kimi-code',
          region: 'china',
          preview: fixture.cards()[0],
          failure: null,
          suggested_name: 'Allegretto',
        };
      }
      return { status: 422, body: { code: 'network', message: 'no route to host' } };
    case 'GET welcome':
      return fixture.welcome();
    case 'GET history': {
      const account = url.searchParams.get('account');
      const asked = [
        url.searchParams.get('by') ?? 'day',
        url.searchParams.get('from') ?? '2026-11-01',
        url.searchParams.get('to') ?? '2026-11-23',
        account === null ? null : Number(account),
      ];
      if (MANY > 0) return fixture.manyHistory(...asked, MANY);
      const all = fixture.history(...asked);
      if (scene === 'fine') return fixture.withoutFaults(all);
      return scene === 'empty' ? { ...all, series: [], marks: [] } : all;
    }
    case 'GET findings': {
      if (b === 'case') return fixture.caseOf(Number(a));
      if (b === 'claim') {
        return fixture.claimOf(Number(a), url.searchParams.get('language') ?? 'en');
      }
      const none = {
        ...fixture.findings(),
        findings: [],
        failures: [],
        open: [],
        unexplained: [],
        counted: [],
        announcements: [],
      };
      const nothing = url.searchParams.has('before') || ['empty', 'fine'].includes(scene);
      const some = MANY > 0 ? fixture.manyFindings(MANY) : fixture.findings();
      const all = nothing ? none : some;
      const account = Number(url.searchParams.get('account'));
      const mine = (one) => account === 0 || one.account_id === account;
      return {
        ...all,
        findings: all.findings.filter(mine).map((one) => ({ ...one, ...marked.get(one.id) })),
        failures: all.failures.filter(mine),
      };
    }
    case 'POST findings': {
      if (b !== 'mark') return null;
      const state = { state: body.as, marked_at: fixture.iso(fixture.NOW) };
      marked.set(Number(a), state);
      return { ...fixture.findings().findings.find((one) => one.id === Number(a)), ...state };
    }
    case 'GET levels':
    case 'GET cycles': {
      const [account, series, from, to] = ['account', 'series', 'from', 'to'].map(
        (name) => url.searchParams.get(name) ?? '',
      );
      return fixture[area](Number(account), series, from, to);
    }
    case 'GET budgets':
      return scene === 'empty' ? { budgets: [] } : fixture.budgets();
    case 'GET hindsight':
      return fixture.hindsight();
    case 'GET usage': {
      if (a === 'sessions') {
        return fixture.sessions(url.searchParams.get('from'), url.searchParams.get('to'));
      }
      const asked = ['by', 'from', 'to'].map((name) => url.searchParams.get(name) ?? '');
      if (scene === 'empty') return fixture.usageOfNothing(...asked);
      const some = fixture.reported(fixture.usage(...asked, fixture.USAGE[scene] ?? {}), machines);
      return MANY > 0 ? fixture.renamed(some) : some;
    }
    case 'GET machines':
      return machines;
    case 'PATCH machines':
      machines =
        a === 'this'
          ? { ...machines, this: { ...machines.this, ...body } }
          : {
              ...machines,
              machines: machines.machines.map((one) => (one.key === a ? { ...one, ...body } : one)),
              forgotten: machines.forgotten.filter((one) => one.key !== a),
            };
      return machines;
    case 'DELETE machines':
      machines = {
        ...machines,
        machines: machines.machines.filter((one) => one.key !== a),
        exchanges: machines.exchanges.filter((one) => one.key !== a),
      };
      return machines;
    case 'POST machines': {
      if (a === 'sync') {
        const { name, problem } = machines.exchanges.find((one) => one.key === body.key);
        const written = problem === null ? 12 : 0;
        return {
          exchanges: [
            {
              name,
              received: problem === null ? 340 : 0,
              written,
              skipped: 0,
              problem,
              renewed: null,
            },
          ],
        };
      }
      if (body.folder) {
        return { status: 409, body: { code: 'machine-wrong-passphrase', message: 'wrong' } };
      }
      const [ssh] = fixture.machines().exchanges;
      const key = `x${machines.exchanges.length + 10}`;
      const added = { ...ssh, key, name: body.name, place: body.host, command: body.command };
      const fresh = { ...added, last_try: null, last_done: null, failures: 0, problem: null };
      machines = { ...machines, exchanges: [...machines.exchanges, fresh] };
      return machines;
    }
    case 'POST update':
      update = fixture.update(
        body.do === 'install'
          ? {
              newer: '0.3.0',
              lines: [{ id: 'downloading', args: { percent: { kind: 'number', value: 40 } } }],
              actions: [],
            }
          : {},
      );
      tell({ event: 'overview' });
      return null;
    case 'POST refresh':
      return {
        polling: [1],
        left_alone: [{ account_id: 2, why: 'just-now', until: fixture.iso(fixture.NOW) }],
      };
    default:
      return null;
  }
}

const server = createServer((request, answer) => {
  const url = new URL(request.url ?? '/', 'http://localhost');
  if (url.pathname === '/v1/events') {
    answer.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    answer.write(': hello\n\n');
    listeners.add(answer);
    request.on('close', () => listeners.delete(answer));
    return;
  }
  if (url.pathname.startsWith('/v1/')) {
    if (/^\/v1\/(report|export)$/.test(url.pathname)) {
      answer.writeHead(200, { 'Content-Type': 'application/octet-stream' });
      answer.end(`${url.search}\n`);
      return;
    }
    let text = '';
    request.on('data', (part) => (text += part));
    request.on('end', () => {
      const body = text === '' ? {} : JSON.parse(text);
      const made = ask(request.method, url, body);
      const result = scene === 'long' ? fixture.lengthened(made) : made;
      const failed =
        result !== null && typeof result === 'object' && 'status' in result && 'body' in result;
      answer.writeHead(failed ? result.status : 200, { 'Content-Type': 'application/json' });
      answer.end(JSON.stringify(failed ? result.body : result));
    });
    return;
  }
  const path = normalize(url.pathname === '/' ? '/index.html' : url.pathname);
  const file = join(dist, path);
  if (!file.startsWith(dist) || !existsSync(file)) {
    answer.writeHead(404).end();
    return;
  }
  answer.writeHead(200, {
    'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream',
    'Content-Security-Policy': CSP,
  });
  createReadStream(file).pipe(answer);
});
server.listen(port, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address === 'object') {
    console.log(`http://127.0.0.1:${address.port}/`);
  }
});
