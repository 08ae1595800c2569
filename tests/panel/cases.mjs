// What the panels promise to show, as cases that each engine runs: Node.js, GNOME's (gjs) and Plasma's (Qt Quick). Times are
// those of Asia/Shanghai, which the runners set.

import {Words, describe, parseStatus, pauseAfter, statusArguments} from '../../packaging/panel/status.mjs';

const NOW = Date.parse('2026-11-22T06:23:00Z'); // Sunday, 14:23
const english = new Words(text => text, (one, other, count) => count === 1 ? one : other);

function quota(meter, used, more) {
    return Object.assign({meter, used_percent: used, was_reset: false, resets_at: '2026-11-22T08:35:30.123456789Z', age_seconds: 60,
        forecast: null}, more);
}

function account(name, more) {
    return Object.assign({name, source: 'kimi-code', region: 'china', state: 'live', read_at: '2026-11-22T06:20:00Z',
        age_seconds: 180, plan: null, meters: [], balance: null, wallet: null, open_anomalies: 0, failure: null}, more);
}

function seen(accounts, options, more) {
    const document = Object.assign({at: '2026-11-22T06:23:00.5Z', accounts}, more);
    const status = parseStatus(JSON.stringify(document));
    return describe(status, Object.assign({words: english, now: NOW}, options));
}

const tight = account('Work', {
    meters: [quota('week', 10), quota('month', 20), quota('5h', 91.4), quota('month-code', 99)],
    open_anomalies: 2,
});
const spare = account('R&D <b>', {meters: [quota('5h', 12)]});
const prepaid = account('Platform', {
    source: 'platform',
    balance: {currency: 'CNY', available: '1234.505', voucher: '0', cash: '1234.505', age_seconds: 5},
});

export const CASES = {
    'the tightest quota of the tightest account is in the panel'(equal) {
        equal(seen([spare, tight]).panel.text, 'Work 5-hour 91%');
        equal(seen([spare]).panel.text, '5-hour 12%');
        equal(seen([tight], {countdown: true}).panel.text, '5-hour 91% (2 h 13 min)');
        equal(seen([prepaid]).panel.text, '¥1,234.51');
        equal(seen([prepaid, spare]).panel.text, 'R&D <b> 5-hour 12%');
        equal(seen([]).panel.text, 'No accounts');
        equal(seen([account('New', {state: 'waiting', read_at: null})]).panel.text, 'No reading yet');
    },

    'Kimi Code’s share does not count as a quota of its own'(equal) {
        const view = seen([tight]);
        equal(view.accounts[0].quotas.map(one => `${one.name}: ${one.used}`).join('; '),
            '5-hour: 91% used; Monthly: 20% used; Kimi Code’s share: 99% used; Weekly: 10% used');
        equal(view.accounts[0].level, 'over');
    },

    'levels are those of the command line'(equal) {
        const levels = [0, 74.9, 75, 89.99, 90, 130].map(used => seen([account('a', {meters: [quota('5h', used)]})]).panel.level);
        equal(levels.join(' '), 'calm calm near near over over');
        const states = ['stale', 'limited', 'refused', 'unreachable', 'waiting'];
        equal(states.map(state => seen([account('a', {state, meters: [quota('5h', 10)]})]).panel.level).join(' '),
            'near near over over unknown');
    },

    'what is not known is not empty'(equal) {
        const past = quota('5h', 80, {resets_at: '2026-11-22T06:22:59Z'});
        const [row] = seen([account('a', {meters: [past]})]).accounts[0].quotas;
        equal(row.used, 'unknown');
        equal(row.fraction, null);
        equal(row.resets, 'reset due');
        equal(row.level, 'unknown');
        const reset = seen([account('a', {meters: [quota('5h', null, {was_reset: true})]})]);
        equal(reset.panel.text, '5-hour unknown');
        equal(seen([account('a', {balance: {currency: 'CNY', available: null}})]).accounts[0].money.length, 0);
        const over = seen([account('a', {meters: [quota('5h', 130)]})]).accounts[0].quotas[0];
        equal(over.used, '130% used');
        equal(over.fraction, 1);
    },

    'a share is neither none of something nor all of less'(equal) {
        equal([0, 0.2, 0.5, 99.4, 99.7, 100, 100.4, -3].map(share => english.percent(share)).join(' '),
            '0% 1% 1% 99% 99% 100% 100% -3%');
    },

    'stale figures say as of when they are'(equal) {
        const view = seen([account('a', {state: 'stale', read_at: '2026-11-21T01:00:00Z', meters: [quota('week', 50)]})]);
        equal(view.panel.text, 'Weekly 50% · 1 d 5 h ago');
        equal(view.accounts[0].state, 'Stale, as of 21 Nov 09:00');
        equal(view.accounts[0].quotas[0].level, 'unknown');
        equal(view.panel.warns, false);
    },

    'figures of a program that ended are old, and say so'(equal) {
        const lost = seen([tight], {connection: 'lost'});
        equal(lost.notes.join(), 'No answer from Tidemark. Retrying automatically.');
        equal(lost.accounts[0].state, 'As of 14:20');
        equal(lost.panel.text, '5-hour 91% · 3 min ago');
        equal(lost.panel.level, 'unknown');
        equal(lost.panel.warns, true);
        equal(seen([tight], {connection: 'lost', countdown: true}).panel.text, lost.panel.text);
        const silent = seen([tight], {now: NOW + 200000});
        equal(silent.notes.length, 1);
        equal(seen([tight], {now: NOW + 100000}).notes.length, 0);
        equal(seen([tight], {connection: 'missing'}).notes.join(),
            'Tidemark was not found. Install it, or set its command in the settings.');
    },

    'before the first answer nothing is claimed'(equal) {
        const view = describe(null, {words: english, now: NOW, connection: 'connecting'});
        equal(view.panel.text, '–');
        equal(view.panel.warns, false);
        equal(view.notes.length, 0);
        equal(describe(null, {words: english, now: NOW, connection: 'missing'}).panel.warns, true);
    },

    'an agent that is not running is said only where that is known'(equal) {
        equal(seen([spare]).notes.length, 0);
        equal(seen([spare], {}, {agent_running: true}).notes.length, 0);
        equal(seen([spare], {}, {agent_running: false}).notes.join(), 'The background agent is not running. Open Tidemark to start it.');
    },

    'open anomalies are counted and warn'(equal) {
        equal(seen([tight]).accounts[0].anomalies, '2 open anomalies');
        equal(seen([account('a', {open_anomalies: 1})]).accounts[0].anomalies, '1 open anomaly');
        equal(seen([account('a', {open_anomalies: 1})]).panel.warns, true);
        equal(seen([spare]).accounts[0].anomalies, null);
        equal(seen([spare]).panel.warns, false);
    },

    'a forecast is said as sure as it is'(equal) {
        const soon = ['2026-11-22T08:41:10Z', '2026-11-22T10:05:00Z'];
        const later = ['2026-11-24T01:20:00Z', '2026-11-25T09:40:00Z'];
        const far = ['2026-11-25T01:20:00Z', '2026-12-03T09:40:00Z'];
        const soonest = ['2026-11-22T06:24:00Z', '2026-11-22T06:55:00Z'];
        const table = [
            [0.95, null, 'Almost certain to last until the reset (over 90%)'],
            [0.949, null, 'Likely to last until the reset (about 90%)'],
            [0.75, null, 'Likely to last until the reset (about 80%)'],
            [0.55, null, 'More likely than not to last until the reset (about 60%)'],
            [0.46, soon, 'Too close to call whether it lasts until the reset'],
            [0.3, null, 'More likely than not to run out before the reset (about 70%)'],
            [0.2, null, 'Likely to run out before the reset (about 80%)'],
            [0.02, null, 'Almost certain to run out before the reset (over 90%)'],
            [0.3, soon, 'More likely than not to run out 16:40 – 18:10 (about 70%)'],
            [0.2, soon, 'Likely to run out 16:40 – 18:10 (about 80%)'],
            [0.05, soon, 'Almost certain to run out 16:40 – 18:10 (over 90%)'],
            [0.04, later, 'Almost certain to run out Tue 09:00 – Wed 18:00 (over 90%)'],
            [0.04, far, 'Almost certain to run out 25 Nov – 3 Dec (over 90%)'],
            [0.04, soonest, 'Almost certain to run out 14:23 – 15:00 (over 90%)'],
        ];
        for (const [lasts, empty, said] of table) {
            const forecast = {estimated: true, lasts, empty_from: empty && empty[0], empty_to: empty && empty[1]};
            equal(seen([account('a', {meters: [quota('5h', 50, {forecast})]})]).accounts[0].quotas[0].forecast, said);
        }
        const stale = account('a', {state: 'stale', meters: [quota('5h', 50, {forecast: {lasts: 1}})]});
        equal(seen([stale]).accounts[0].quotas[0].forecast, null);
    },

    'lengths are said in two units'(equal) {
        const said = [0, -5, 40, 60, 119, 4320, 3600, 187200, 172859].map(seconds => english.length(seconds * 1000));
        equal(said.join('; '), '0 s; 0 s; 40 s; 1 min; 1 min; 1 h 12 min; 1 h; 2 d 4 h; 2 d');
    },

    'moments are as near as needed'(equal) {
        const now = Date.parse('2026-11-22T01:00:00Z');
        const said = ['2026-11-22T06:47:00Z', '2026-11-22T19:17:00Z', '2026-12-17T00:00:00Z', '2026-11-20T00:00:00Z',
            '2027-01-02T00:00:00Z'].map(at => english.moment(Date.parse(at), now));
        equal(said.join('; '), '14:47; Mon 03:17; 17 Dec 08:00; 20 Nov 08:00; 2027-01-02 08:00');
    },

    'money is exact beyond what a number holds'(equal) {
        const said = [['74.8', 'CNY'], ['3', 'USD'], ['-0.005', 'CNY'], ['99.995', 'USD'], ['9007199254740993.125', 'CNY'],
            ['0.004', 'USD'], ['-0.001', 'CNY'], ['0', 'CNY'], ['-0.00', 'CNY'], ['1.00', 'EUR']]
            .map(([amount, currency]) => english.money({amount, currency}));
        equal(said.join('; '), '¥74.80; $3.00; -¥0.01; $100.00; ¥9,007,199,254,740,993.13; <$0.01; >-¥0.01; ¥0.00; ¥0.00; 1.00 EUR');
    },

    'no money left is as tight as it gets'(equal) {
        const empty = account('Empty', {balance: {currency: 'USD', available: '0.00'}, state: 'live'});
        equal(seen([tight, empty]).panel.text, 'Empty $0.00');
        equal(seen([tight, empty]).panel.level, 'over');
    },

    'what is no status is none'(equal) {
        for (const line of ['', 'x', '[]', 'null', '{"accounts":1}', '{"error":{"kind":"io"}}', null, undefined,
            `{"accounts":[],"a":"${'x'.repeat(1 << 20)}"}`])
            equal(parseStatus(line), null);
    },

    'a hostile line shows nothing that it should not'(equal) {
        const odd = [null, 7, {}, account('a\u202eb\nc'.repeat(40), {
            state: '__proto__', read_at: 'yesterday', open_anomalies: 'many', balance: {available: '<b>', currency: 3},
            meters: [null, {meter: 'constructor'},
                {meter: '5h', used_percent: '7', resets_at: 9, forecast: {lasts: '1'}}],
        })];
        const view = seen(odd.concat(Array.from({length: 500}, () => spare)));
        equal(view.accounts.length, 50);
        const strange = view.accounts.find(one => one.name.charAt(0) === 'a');
        equal(strange.name, `${'a b c'.repeat(40).slice(0, 59)}…`);
        equal(strange.state, 'Waiting');
        equal(strange.quotas.map(one => one.used).join(), 'unknown');
        equal(strange.money.length, 0);
        equal(strange.anomalies, null);
    },

    'the summary says everything in words'(equal) {
        equal(seen([prepaid, tight], {}, {agent_running: false}).summary, [
            'The background agent is not running. Open Tidemark to start it.',
            'Work: 5-hour 91% used, resets in 2 h 13 min · Monthly 20% used, resets in 2 h 13 min · ' +
                'Kimi Code’s share 99% used, resets in 2 h 13 min · Weekly 10% used, resets in 2 h 13 min · 2 open anomalies',
            'Platform: Available balance: ¥1,234.51',
        ].join('\n'));
    },

    'pauses grow to five minutes'(equal) {
        equal([1, 2, 3, 8, 9, 1000].map(pauseAfter).join(), '2,4,8,256,300,300');
    },

    'an account’s name cannot be taken for an option'(equal) {
        equal(statusArguments('--data-dir', true).join(' '), 'status --json --forecast --follow --account=--data-dir');
    },
};
