// The words of the panel extensions, from the project's catalogues: `node words.mjs` writes packaging/panel/words.mjs, the
// template and the Chinese translation for gettext; `node words.mjs --check` says where they are not as they would be.

import {readFileSync, writeFileSync} from 'node:fs';
import {parse} from '@fluent/syntax';

const root = new URL('../../', import.meta.url);

/** The messages: an attribute after a full stop, a variant after a second one. */
const TEXTS = `
app-name unknown unknown-mark used resets-in reset-due percent-value label-value clause-two
meter-5h.short meter-week.short meter-month.short meter-month-code.short
days-short hours-short minutes-short seconds-short
forecast-lasts forecast-lasts-likely forecast-lasts-rather
forecast-even forecast-empty-rather forecast-empty-likely forecast-empty-certain
forecast-empty-rather-within forecast-empty-within forecast-empty-at forecast-span
state-waiting state-live state-polled-through state-stale state-refused state-limited state-unreachable
state-not-understood state-key-unavailable state-debt state-no-balance as-of state-as-of
balance-available wallet
tray-no-account tray-no-reading tray-open cli-bar-none cli-line-resets cli-status-age
page-settings panel-about panel-no-agent panel-no-program panel-lost panel-countdown
panel-command panel-command.about panel-window-command panel-window-command.about panel-account panel-account.about
`.trim().split(/\s+/);
const PLURALS = ['cli-line-anomalies'];
const VARIANTS = {
    'weekday-short': ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'],
    'date-short': Array.from({length: 12}, (_, month) => `${month + 1}`),
};

function catalogue(name) {
    const resource = parse(readFileSync(new URL(`locales/${name}.ftl`, root), 'utf8'), {withSpans: false});
    return new Map(resource.body.filter(entry => entry.type === 'Message').map(entry => [entry.id.name, entry]));
}

/** A pattern with its gaps as `{name}`; of a choice the variant of that key, else the default one. */
function flat(pattern, variant) {
    return pattern.elements.map(element => {
        if (element.type === 'TextElement')
            return element.value;
        const {expression} = element;
        switch (expression.type) {
        case 'VariableReference':
            return `{${expression.id.name}}`;
        case 'StringLiteral':
            return expression.parse().value;
        case 'SelectExpression': {
            const named = ({key}) => (key.name ?? key.value) === variant;
            return flat((expression.variants.find(named) ?? expression.variants.find(({default: is}) => is)).value, variant);
        }
        default:
            throw new Error(`${expression.type} has no counterpart in gettext`);
        }
    }).join('');
}

function text(messages, id, variant) {
    const [name, attribute] = id.split('.');
    const message = messages.get(name);
    const pattern = attribute ? message?.attributes.find(({id: {name: own}}) => own === attribute)?.value : message?.value;
    if (!pattern)
        throw new Error(`no catalogue has ${id}`);
    return flat(pattern, variant);
}

const english = catalogue('en');
const chinese = catalogue('zh-CN');
const entries = TEXTS.map(id => ({id, en: text(english, id), zh: text(chinese, id)}));
for (const [id, variants] of Object.entries(VARIANTS)) {
    for (const variant of variants)
        entries.push({id: `${id}.${variant}`, en: text(english, id, variant), zh: text(chinese, id, variant)});
}
const plurals = PLURALS.map(id => ({
    id, one: text(english, id, 'one'), other: text(english, id, 'other'), zh: text(chinese, id, 'other'),
}));

/** Gettext knows a text by its English alone. */
const byEnglish = new Map();
for (const {id, en, zh} of entries) {
    const before = byEnglish.get(en);
    if (before && before.zh !== zh)
        throw new Error(`${id} and ${before.ids[0]} are the same in English and differ in Chinese`);
    if (before)
        before.ids.push(id);
    else
        byEnglish.set(en, {zh, ids: [id]});
}

const quoted = value => `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;

function po(language) {
    const head = [
        'Project-Id-Version: tidemark', 'MIME-Version: 1.0', 'Content-Type: text/plain; charset=UTF-8',
        'Content-Transfer-Encoding: 8bit',
        ...language ? [`Language: ${language}`, 'Plural-Forms: nplurals=1; plural=0;'] : [],
    ];
    const lines = ['# Made from locales/*.ftl by tests/panel/words.mjs; change the words there.', 'msgid ""', 'msgstr ""',
        ...head.map(line => quoted(`${line}\n`))];
    for (const [en, {zh, ids}] of byEnglish)
        lines.push('', `#. ${ids.join(', ')}`, `msgid ${quoted(en)}`, `msgstr ${quoted(language ? zh : '')}`);
    for (const {id, one, other, zh} of plurals) {
        lines.push('', `#. ${id}`, `msgid ${quoted(one)}`, `msgid_plural ${quoted(other)}`);
        lines.push(...language ? [`msgstr[0] ${quoted(zh)}`] : ['msgstr[0] ""', 'msgstr[1] ""']);
    }
    return `${lines.join('\n')}\n`;
}

function module() {
    const string = value => `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
    return [
        '// SPDX-License-Identifier: MIT OR Apache-2.0',
        '// Made from locales/en.ftl by tests/panel/words.mjs; change the words there.',
        '', '/** Texts by their names in the project\'s catalogues; gettext knows them by the English. */',
        'export const WORDS = {', ...entries.map(({id, en}) => `    '${id}': ${string(en)},`), '};',
        '', '/** Texts that depend on a number: for one, and for others. */',
        'export const PLURALS = {',
        ...plurals.map(({id, one, other}) => `    '${id}': [${string(one)}, ${string(other)}],`), '};', '',
    ].join('\n');
}

const made = {
    'packaging/panel/words.mjs': module(),
    'packaging/panel/po/tidemark-panel.pot': po(null),
    'packaging/panel/po/zh.po': po('zh'),
};
let differs = false;
for (const [path, content] of Object.entries(made)) {
    const file = new URL(path, root);
    if (!process.argv.includes('--check')) {
        writeFileSync(file, content);
        continue;
    }
    let is = '';
    try {
        is = readFileSync(file, 'utf8');
    } catch {
        // It is not there yet, which differs.
    }
    if (is !== content) {
        console.error(`${path} differs from the catalogues: run \`npm run words\` in tests/panel`);
        differs = true;
    }
}
process.exitCode = differs ? 1 : 0;
