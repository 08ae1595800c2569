// SPDX-License-Identifier: MIT OR Apache-2.0
// What a panel shows of Tidemark: from a line of `tidemark status --json --follow` to texts. Nothing of a desktop is used
// here, so that GNOME Shell, Plasma and the tests run the same code. Plasma's engine knows ECMAScript of 2016, with `?.`
// and `??`.

import {PLURALS, WORDS} from './words.mjs';

/** From these shares on a quota is near its end, and almost used up: as in the command line and the window. */
const NEAR = 75;
const OVER = 90;
/** From these probabilities on a forecast is almost certain, likely, and more than a toss of a coin. */
const CERTAIN = 0.95;
const LIKELY = 0.75;
const EVEN = 0.55;

const MAX_LINE = 1 << 20;
const MAX_ACCOUNTS = 50;
const MAX_QUOTAS = 10;
const MAX_NAME = 60;

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long the program may be silent: it says something at least once a minute. */
export const MAX_SILENCE_SECONDS = 150;
const MAX_PAUSE_SECONDS = 300;

/** The quotas that can end work; Kimi Code's share is a part of the month. */
const ALLOWANCES = ['5h', 'week', 'month'];
const QUOTAS = ALLOWANCES.concat(['month-code']);
const STATES = [
    'waiting', 'live', 'polled-through', 'stale', 'refused', 'limited', 'unreachable', 'not-understood',
    'key-unavailable', 'debt', 'no-balance',
];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** How many seconds to wait before the program is started again, after so many failures in a row. */
export function pauseAfter(failures) {
    return Math.min(MAX_PAUSE_SECONDS, Math.pow(2, Math.min(failures, 20)));
}

/** The arguments that follow the program's own. */
export function statusArguments(account, follow) {
    const list = ['status', '--json', '--forecast'];
    if (follow)
        list.push('--follow');
    if (account)
        list.push(`--account=${account}`);
    return list;
}

/** A line of the program, with everything that it should not have left out; null where it is no status. */
export function parseStatus(line) {
    if (typeof line !== 'string' || line.length > MAX_LINE)
        return null;
    let document;
    try {
        document = JSON.parse(line);
    } catch (_error) {
        return null;
    }
    if (!isObject(document) || !Array.isArray(document.accounts))
        return null;
    return {
        at: moment(document.at),
        agentRunning: typeof document.agent_running === 'boolean' ? document.agent_running : null,
        accounts: document.accounts.filter(isObject).slice(0, MAX_ACCOUNTS).map(accountOf),
    };
}

function accountOf(account) {
    const meters = Array.isArray(account.meters) ? account.meters : [];
    return {
        name: clean(account.name),
        state: STATES.indexOf(account.state) >= 0 ? account.state : 'waiting',
        readAt: moment(account.read_at),
        anomalies: Number.isInteger(account.open_anomalies) ? Math.max(0, account.open_anomalies) : 0,
        quotas: meters.filter(isObject).filter(meter => QUOTAS.indexOf(meter.meter) >= 0)
            .slice(0, MAX_QUOTAS).map(quotaOf),
        balance: isObject(account.balance) ? moneyOf(account.balance.available, account.balance.currency) : null,
        wallet: isObject(account.wallet) && account.wallet.enabled === true && isObject(account.wallet.balance)
            ? moneyOf(account.wallet.balance.amount, account.wallet.balance.currency) : null,
    };
}

function quotaOf(meter) {
    const forecast = isObject(meter.forecast) && typeof meter.forecast.lasts === 'number' ? meter.forecast : null;
    return {
        meter: meter.meter,
        used: typeof meter.used_percent === 'number' && meter.was_reset !== true ? meter.used_percent : null,
        resetsAt: moment(meter.resets_at),
        forecast: forecast && {
            lasts: Math.min(1, Math.max(0, forecast.lasts)),
            emptyFrom: moment(forecast.empty_from),
            emptyTo: moment(forecast.empty_to),
        },
    };
}

function isObject(value) {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Milliseconds since 1970 of a time in RFC 3339, or null. Engines differ in how many digits of a second they take. */
function moment(text) {
    if (typeof text !== 'string' || text.length > 40)
        return null;
    const at = Date.parse(text.replace(/(\.\d{3})\d+/, '$1'));
    return Number.isNaN(at) ? null : at;
}

/** An amount as `{amount, currency}`, or null: what is missing is not nothing. */
function moneyOf(amount, currency) {
    if (typeof amount !== 'string' || !/^-?\d{1,20}(\.\d{1,20})?$/.test(amount))
        return null;
    return {amount, currency: /^[A-Z]{3}$/.test(currency) ? currency : ''};
}

/** A text of someone else on one line, without what would turn its direction. */
function clean(text) {
    if (typeof text !== 'string')
        return '';
    // eslint-disable-next-line no-control-regex
    const visible = text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, ' ').trim();
    const letters = Array.from(visible);
    return letters.length > MAX_NAME ? `${letters.slice(0, MAX_NAME - 1).join('')}…` : visible;
}

/** The texts in the language of `gettext` and `ngettext`. */
export class Words {
    constructor(gettext, ngettext) {
        this._gettext = gettext;
        this._ngettext = ngettext;
    }

    /** A text by the name that it has in the project's catalogues. */
    text(id, values) {
        return filled(this._gettext(WORDS[id]), values);
    }

    /** A text that depends on a number. */
    count(id, count) {
        const [one, other] = PLURALS[id];
        return filled(this._ngettext(one, other, count), {count});
    }

    /** A share of a quota: never 0 % of something, and never all of less than all. */
    percent(share) {
        let value = Math.round(share);
        if (share > 0 && value === 0)
            value = 1;
        else if (share < 100 && value >= 100)
            value = 99;
        return this.text('percent-value', {value});
    }

    /** A length of time in its two largest units. */
    length(milliseconds) {
        const seconds = Math.max(0, Math.floor(milliseconds / SECOND));
        const parts = [
            ['days-short', Math.floor(seconds / 86400)],
            ['hours-short', Math.floor(seconds / 3600) % 24],
            ['minutes-short', Math.floor(seconds / 60) % 60],
            ['seconds-short', seconds % 60],
        ];
        let first = parts.findIndex(part => part[1] > 0);
        if (first < 0)
            first = 3;
        // Seconds beside minutes only flicker; they are said alone.
        return parts.slice(first, Math.min(first + 2, first < 3 ? 3 : 4))
            .filter((part, place) => place === 0 || part[1] > 0)
            .map(part => this.text(part[0], {count: part[1]}))
            .join(' ');
    }

    /** A moment on the wall clock, as near as it needs to be. */
    moment(at, now) {
        const local = new Date(at);
        const days = daysBetween(new Date(now), local);
        const time = clock(local);
        if (days === 0)
            return time;
        if (days >= 1 && days < 7)
            return `${this.text(`weekday-short.${WEEKDAYS[local.getDay()]}`)} ${time}`;
        return `${this.date(local, new Date(now))} ${time}`;
    }

    /** A day, with its year where that is another. */
    date(day, today) {
        const month = day.getMonth() + 1;
        if (day.getFullYear() !== today.getFullYear())
            return `${day.getFullYear()}-${two(month)}-${two(day.getDate())}`;
        return this.text(`date-short.${month}`, {day: day.getDate(), month});
    }

    /** An amount of money. What is less than a hundredth is not nothing. */
    money(money) {
        const isZero = /^-?[0.]+$/.test(money.amount);
        const isNegative = money.amount.charAt(0) === '-' && !isZero;
        const [whole, rounded] = cents(money.amount.replace('-', ''));
        const isTiny = !isZero && whole === '0' && rounded === '00';
        const decimals = isTiny ? '01' : rounded;
        const figures = `${grouped(whole)}.${decimals}`;
        const sign = `${isTiny ? isNegative ? '>' : '<' : ''}${isNegative ? '-' : ''}`;
        if (money.currency === 'CNY')
            return `${sign}¥${figures}`;
        if (money.currency === 'USD')
            return `${sign}$${figures}`;
        return `${sign}${figures} ${money.currency}`.trim();
    }

    /** What is likely to become of a quota. */
    forecast(forecast, now) {
        const {lasts, emptyFrom, emptyTo} = forecast;
        const tenths = Math.min(9, Math.round(Math.max(lasts, 1 - lasts) * 10));
        const chance = this.text('percent-value', {value: tenths * 10});
        const probability = Math.max(lasts, 1 - lasts);
        if (probability < EVEN)
            return this.text('forecast-even');
        const sure = probability >= CERTAIN ? 'certain' : probability >= LIKELY ? 'likely' : 'rather';
        if (lasts > 0.5)
            return this.text(sure === 'certain' ? 'forecast-lasts' : `forecast-lasts-${sure}`, {chance});
        if (emptyFrom === null || emptyTo === null)
            return this.text(`forecast-empty-${sure}`, {chance});
        const span = this._span(emptyFrom, emptyTo, now);
        const within = {certain: 'forecast-empty-at', likely: 'forecast-empty-within', rather: 'forecast-empty-rather-within'};
        return this.text(within[sure], {chance, span});
    }

    /** A span no finer than it is known. */
    _span(from, to, now) {
        const step = to - from < 12 * HOUR ? 10 * MINUTE : HOUR;
        // Outwards, but what has passed is no forecast.
        const first = Math.max(Math.floor(from / step) * step, now);
        const last = Math.ceil(to / step) * step;
        let ends = [this.moment(first, now), this.moment(last, now)];
        if (to - from > 72 * HOUR)
            ends = [first, last].map(at => this.date(new Date(at), new Date(now)));
        else if (daysBetween(new Date(first), new Date(last)) === 0)
            ends[1] = clock(new Date(last));
        return this.text('forecast-span', {from: ends[0], to: ends[1]});
    }
}

function filled(text, values) {
    return text.replace(/\{(\w+)\}/g, (gap, name) => values && name in values ? String(values[name]) : gap);
}

function two(number) {
    return number < 10 ? `0${number}` : `${number}`;
}

function clock(date) {
    return `${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** How many midnights are between two moments. Noon is as far from a changed clock as can be. */
function daysBetween(from, to) {
    const noon = date => new Date(date.getFullYear(), date.getMonth(), date.getDate(), 12).getTime();
    return Math.round((noon(to) - noon(from)) / DAY);
}

/** Whole units and hundredths of a decimal text, rounded as a cashier does; the text is longer than a number is exact. */
function cents(amount) {
    const [whole, decimals] = `${amount}.`.split('.');
    const kept = `${decimals}000`;
    let digits = whole + kept.slice(0, 2);
    if (kept.charAt(2) >= '5') {
        let place = digits.length - 1;
        while (place >= 0 && digits.charAt(place) === '9')
            place -= 1;
        const zeros = '0'.repeat(digits.length - 1 - place);
        digits = place < 0
            ? `1${zeros}` : `${digits.slice(0, place)}${Number(digits.charAt(place)) + 1}${zeros}`;
    }
    return [digits.slice(0, -2).replace(/^0+(?=\d)/, ''), digits.slice(-2)];
}

/** Digits in groups of three. Qt's engine gets this wrong by a regular expression. */
function grouped(digits) {
    return digits.length > 3 ? `${grouped(digits.slice(0, -3))},${digits.slice(-3)}` : digits;
}

/** The share of a quota that is used now: what has been reset since is not known. */
function shareNow(quota, now) {
    return quota.resetsAt !== null && quota.resetsAt <= now ? null : quota.used;
}

function levelOf(share) {
    if (share === null)
        return 'unknown';
    if (share >= OVER)
        return 'over';
    return share >= NEAR ? 'near' : 'calm';
}

/** How an account stands: by its tightest quota while that is known, else by why it is not. */
function levelOfAccount(account, tightest) {
    switch (account.state) {
    case 'live':
    case 'polled-through':
        return levelOf(tightest);
    case 'waiting':
        return 'unknown';
    case 'stale':
        return tightest === null ? 'unknown' : 'near';
    case 'limited':
        return 'near';
    default:
        return 'over';
    }
}

function tightestOf(account, now) {
    if (account.balance !== null && /^(-|0*(\.0*)?$)/.test(account.balance.amount))
        return 100;
    const shares = account.quotas.filter(quota => ALLOWANCES.indexOf(quota.meter) >= 0)
        .map(quota => shareNow(quota, now)).filter(share => share !== null);
    return shares.length > 0 ? Math.max.apply(null, shares) : null;
}

/** Tightest first, what is not known last; the order among equals stays. */
function byTightness(list, tightness) {
    const order = list.map((item, place) => ({item, place, share: tightness(item) ?? -Infinity}));
    order.sort((a, b) => a.share === b.share ? a.place - b.place : b.share - a.share);
    return order.map(entry => entry.item);
}

/**
 * Everything that a panel shows.
 *
 * `status` is what `parseStatus` gave last, or null. `connection` is `connecting`, `live`, `lost` (the program ended, or
 * is silent) or `missing` (it cannot be started). `countdown` says whether the panel has the time until the reset.
 */
export function describe(status, {words, now, connection = 'live', countdown = false}) {
    const isOld = connection === 'lost' || connection === 'missing' ||
        connection === 'live' && status !== null && status.at !== null &&
        now - status.at > MAX_SILENCE_SECONDS * SECOND;
    const notes = [];
    if (connection === 'missing')
        notes.push(words.text('panel-no-program'));
    else if (isOld)
        notes.push(words.text('panel-lost'));
    if (status === null) {
        return {
            panel: {text: words.text('unknown-mark'), level: 'unknown', warns: isOld},
            summary: [words.text('app-name')].concat(notes).join('\n'),
            notes,
            accounts: [],
        };
    }
    if (status.agentRunning === false && !isOld)
        notes.push(words.text('panel-no-agent'));
    if (status.accounts.length === 0)
        notes.push(words.text('tray-no-account'));
    const ordered = byTightness(status.accounts, account => tightestOf(account, now));
    const accounts = ordered.map(account => describeAccount(account, {words, now, isOld}));
    const panel = describePanel(ordered, accounts, {words, now, isOld, countdown});
    return {panel, summary: summaryOf(accounts, notes, words), notes, accounts};
}

function describeAccount(account, {words, now, isOld}) {
    const isCurrent = !isOld && (account.state === 'live' || account.state === 'polled-through');
    const state = words.text(`state-${account.state}`);
    const time = account.readAt === null ? null : words.moment(account.readAt, now);
    let text = null;
    if (account.state !== 'live')
        text = isCurrent || time === null ? state : words.text('state-as-of', {state, time});
    else if (isOld && time !== null)
        text = words.text('as-of', {time});
    const money = [];
    if (account.balance !== null)
        money.push(['balance-available', account.balance]);
    if (account.wallet !== null)
        money.push(['wallet', account.wallet]);
    // Kimi Code's share stands below the month that it is part of: it is reported after that.
    const month = account.quotas.find(quota => quota.meter === 'month');
    const tightness = quota => shareNow(quota.meter === 'month-code' && month ? month : quota, now);
    return {
        name: account.name,
        state: text,
        level: isOld ? 'unknown' : levelOfAccount(account, tightestOf(account, now)),
        anomalies: account.anomalies > 0 ? words.count('cli-line-anomalies', account.anomalies) : null,
        quotas: byTightness(account.quotas, tightness).map(quota => describeQuota(quota, {words, now, isCurrent})),
        money: money.map(([id, value]) => words.text('label-value', {name: words.text(id), value: words.money(value)})),
    };
}

function describeQuota(quota, {words, now, isCurrent}) {
    const share = shareNow(quota, now);
    const isPast = quota.resetsAt !== null && quota.resetsAt <= now;
    let resets = null;
    if (isPast)
        resets = words.text('reset-due');
    else if (quota.resetsAt !== null)
        resets = words.text('resets-in', {time: countdownTo(quota.resetsAt, now, words)});
    return {
        meter: quota.meter,
        name: words.text(`meter-${quota.meter}.short`),
        used: share === null ? words.text('unknown') : words.text('used', {percent: words.percent(share)}),
        // For a bar: null where nothing is known, which is not an empty one.
        fraction: share === null ? null : Math.min(1, Math.max(0, share / 100)),
        level: isCurrent ? levelOf(share) : 'unknown',
        resets,
        forecast: isCurrent && !isPast && quota.forecast !== null ? words.forecast(quota.forecast, now) : null,
    };
}

/** Whole minutes, upwards: seconds would flicker, and it never says 0. */
function countdownTo(at, now, words) {
    return words.length(Math.ceil((at - now) / MINUTE) * MINUTE);
}

function describePanel(ordered, views, {words, now, isOld, countdown}) {
    const warns = isOld || views.some(view => view.anomalies !== null || view.level === 'over');
    if (ordered.length === 0)
        return {text: words.text('cli-bar-none'), level: 'unknown', warns};
    const [account] = ordered;
    const isCurrent = !isOld && (account.state === 'live' || account.state === 'polled-through');
    const [quota] = byTightness(account.quotas.filter(other => ALLOWANCES.indexOf(other.meter) >= 0),
        other => shareNow(other, now));
    const share = quota ? shareNow(quota, now) : null;
    let text;
    if (quota) {
        const used = share === null ? words.text('unknown') : words.percent(share);
        text = `${words.text(`meter-${quota.meter}.short`)} ${used}`;
        if (countdown && isCurrent && quota.resetsAt !== null && quota.resetsAt > now) {
            const length = countdownTo(quota.resetsAt, now, words);
            text = words.text('cli-line-resets', {text, length});
        }
    } else if (account.balance !== null) {
        text = words.money(account.balance);
    } else {
        text = words.text(account.state === 'waiting' ? 'tray-no-reading' : `state-${account.state}`);
    }
    if (ordered.length > 1)
        text = `${account.name} ${text}`;
    if (!isCurrent && account.readAt !== null)
        text = `${text} · ${words.text('cli-status-age', {length: words.length(Math.max(0, now - account.readAt))})}`;
    return {text, level: views[0].level, warns};
}

/** Everything as lines of text: for a tooltip, and for those who hear it. */
function summaryOf(accounts, notes, words) {
    const lines = notes.slice();
    for (const account of accounts) {
        const facts = account.quotas.map(quota => {
            const text = `${quota.name} ${quota.used}`;
            return quota.resets === null ? text : words.text('clause-two', {first: text, second: quota.resets});
        }).concat(account.money);
        if (account.anomalies !== null)
            facts.push(account.anomalies);
        if (account.state !== null)
            facts.push(account.state);
        lines.push(words.text('label-value', {name: account.name, value: facts.join(' · ')}));
    }
    return lines.join('\n');
}
