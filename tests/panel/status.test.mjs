// The cases of cases.mjs in Node.js, and the same in Chinese.

import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';
import {Words, describe, parseStatus} from '../../packaging/panel/status.mjs';
import {CASES} from './cases.mjs';

for (const [name, run] of Object.entries(CASES))
    test(name, () => run((is, expected) => assert.equal(is, expected)));

const po = readFileSync(new URL('../../packaging/panel/po/zh.po', import.meta.url), 'utf8');
const translations = new Map(Array.from(po.matchAll(/^msgid (".+")\n(?:msgid_plural .*\n)?msgstr(?:\[0\])? (".*")$/gm),
    ([, from, to]) => [JSON.parse(from), JSON.parse(to)]));

/** In Chinese; a text without a translation fails. */
const chinese = new Words(text => {
    assert.ok(translations.get(text), `${text} has no translation`);
    return translations.get(text);
}, one => translations.get(one));

test('in Chinese nothing is English but names', () => {
    const at = '2026-11-22T06:20:00Z';
    const meter = (name, used, more) => ({meter: name, used_percent: used, resets_at: '2026-11-22T08:35:30Z', ...more});
    const status = parseStatus(JSON.stringify({
        at, agent_running: false, accounts: [
            {name: '工作', state: 'stale', read_at: '2026-11-17T01:00:00Z', open_anomalies: 2, meters: [meter('5h', 91)]},
            {name: '个人', state: 'live', read_at: at, meters: [meter('week', 20, {
                forecast: {lasts: 0.04, empty_from: '2026-11-24T01:20:00Z', empty_to: '2026-11-25T09:40:00Z'},
            })]},
            {name: '平台', state: 'live', read_at: at, balance: {available: '5', currency: 'CNY'}},
        ],
    }));
    const view = describe(status, {words: chinese, now: Date.parse('2026-11-22T06:21:00Z'), countdown: true});
    assert.equal(view.panel.text, '工作 5 小时额度 91% · 5 天 5 小时前');
    assert.equal(view.accounts[1].quotas[0].forecast, '几乎肯定会用完（周二 09:00 – 周三 18:00，可能性超过 90%）');
    assert.equal(view.summary, [
        '后台服务没有运行，打开 Tidemark 即可启动。',
        '工作：5 小时额度 已用 91%，2 小时 15 分钟后重置 · 2 个待处理异常 · 数据较旧（截至 11月17日 09:00）',
        '个人：每周额度 已用 20%，2 小时 15 分钟后重置',
        '平台：可用余额：¥5.00',
    ].join('\n'));
});
