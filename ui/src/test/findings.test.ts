import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { beforeEach, describe, expect, test } from 'vitest';
import * as fixture from '../../dev/fixture.mjs';
import { ApiFailure } from '../api/backend';
import Findings from '../pages/Findings.svelte';
import { href, parse, route } from '../state/route.svelte';
import { FixtureBackend } from './fixture-backend';
import { audit, resetPage, renderPage, setLanguage } from './render';

beforeEach(resetPage);

describe('Findings', () => {
  test('are listed by day, can be filtered, and are marked as read when opened', async () => {
    const { container, backend } = await renderPage(Findings);
    await screen.findByText('Weekly quota reset early');
    expect([...container.querySelectorAll('.day h2')].map((day) => day.textContent)).toEqual([
      'Sunday, November 22',
      'Saturday, November 21',
      'Friday, November 20',
    ]);
    // Resets on time are one line, unless the filter shows resets only.
    expect(screen.queryByText('5-hour quota reset on time')).toBeNull();
    expect(screen.getByText('1 reset on time')).toBeTruthy();
    const early = screen
      .getByText('Weekly quota reset early')
      .closest('details') as HTMLDetailsElement;
    const fact = 'Nov 22, 12:15: 78.5% of the weekly quota used, next reset Nov 24, 14:20';
    expect(early.textContent).not.toContain(fact);
    early.open = true;
    early.dispatchEvent(new Event('toggle'));
    await waitFor(() => expect(early.textContent).toContain(fact));
    await waitFor(() => expect(backend.sent('POST', '/v1/findings/seen')).toEqual([{ ids: [9] }]));
    await fireEvent.click(screen.getByRole('button', { name: 'Failures' }));
    await waitFor(() => expect(container.querySelectorAll('.day details')).toHaveLength(2));
    await fireEvent.click(screen.getByRole('button', { name: 'Mark all as read' }));
    await waitFor(() =>
      expect(backend.sent('POST', '/v1/findings/seen').at(-1)).toEqual({ ids: [10, 8] }),
    );
  });

  test('consecutive days with resets on time only are one line', async () => {
    const answer = fixture.findings();
    const [ordinary] = answer.findings.filter((one) => one.schedule === 'on-time');
    const days = [1, 2, 3, 5].flatMap((before) =>
      [1, 2].map((half) => ({
        ...(ordinary as NonNullable<typeof ordinary>),
        id: 100 + 10 * before + half,
        to: `2026-11-${String(14 - before).padStart(2, '0')}T0${half}:00:00Z`,
      })),
    );
    const [early] = answer.findings.filter((one) => one.schedule === 'early');
    const news = { ...(early as NonNullable<typeof early>), to: '2026-11-12T03:00:00Z' };
    const { container } = await renderPage(
      Findings,
      new FixtureBackend(undefined, {
        'GET /v1/findings': () => ({ ...answer, findings: [...days, news], failures: [] }),
      }),
    );
    await screen.findByText('Weekly quota reset early');
    expect(
      [...container.querySelectorAll('.day h2')].map((day) => day.textContent?.trim()),
    ).toEqual(['Friday, November 13', 'Thursday, November 12', 'November 9\u2009–\u200911']);
    const titles = [...container.querySelectorAll('summary .title')].map((one) => one.textContent);
    expect(titles.filter((title) => title?.includes('on time'))).toEqual([
      '2 resets on time',
      '2 resets on time',
      '4 resets on time',
    ]);
    // In a group of several days, each reset has its day.
    const last = [...container.querySelectorAll('.day details')].at(-1) as HTMLDetailsElement;
    last.open = true;
    last.dispatchEvent(new Event('toggle'));
    await waitFor(() => expect(last.textContent).toMatch(/Nov 9, 2026/));
  });

  /** Renders the page with one finding, opened by a link. */
  async function opened(id: number): Promise<{ backend: FixtureBackend; entry: HTMLElement }> {
    location.hash = `#/findings?finding=${id}`;
    route.place = parse(location.hash);
    const { backend, container } = await renderPage(Findings);
    await waitFor(() =>
      expect(container.querySelector('details[open] svg[role=img]')).toBeTruthy(),
    );
    return { backend, entry: container.querySelector('details[open]') as HTMLElement };
  }

  test('an open finding has a chart, its confidence in words, and a table with the same content', async () => {
    const { entry } = await opened(8);
    expect(entry.textContent).toContain('Deducted 14 points, expected at most 1.5 points');
    expect(entry.textContent).toContain('It is very likely that this is an anomaly.');
    expect(entry.textContent).toContain('“Quota display and deduction errors”');
    expect(entry.querySelector('.band')?.getAttribute('d')).toMatch(/^M[\d.,L]+Z$/);
    expect(entry.querySelectorAll('svg .not').length).toBeGreaterThan(0);
    expect(await audit(entry)).toEqual([]);
    await fireEvent.click(within(entry).getByRole('button', { name: 'Table' }));
    const rows = within(entry)
      .getAllByRole('row')
      .map((row) => row.textContent ?? '');
    expect(rows.some((row) => row.includes('14%Unexplained · Your logs usually cover'))).toBe(true);
    expect(rows.some((row) => row.includes('The usage in your logs explains 0.6% – 1.1%'))).toBe(
      true,
    );
    expect(rows.some((row) => row.includes('Cannot tell · Your logs don’t cover'))).toBe(true);
    expect(rows.some((row) => row.includes('Incident: Quota display'))).toBe(true);
    expect(rows.some((row) => row.includes('No data'))).toBe(true);
    expect(await audit(entry)).toEqual([]);
  });

  test('explanations are in Chinese, and those recorded in English only are marked as such', async () => {
    setLanguage('zh-CN');
    const settings = { ...fixture.settings(), language: 'zh-CN' };
    const backend = new FixtureBackend(undefined, { 'GET /v1/settings': () => settings });
    const { container } = await renderPage(Findings, backend);
    const open = async (title: string): Promise<HTMLElement> => {
      const titles = await screen.findAllByText(title);
      const entry = titles
        .map((one) => one.closest('details'))
        .find((one) => one !== null) as HTMLDetailsElement;
      entry.open = true;
      entry.dispatchEvent(new Event('toggle'));
      await waitFor(() => expect(entry.querySelector('.evidence')).not.toBeNull());
      await waitFor(() => expect(entry.querySelector('svg[role=img]')).not.toBeNull());
      return entry;
    };
    const unexplained = await open('每月额度：不明扣减');
    const story = [...unexplained.querySelectorAll('.story li')].map((one) =>
      [...one.children].map((part) => part.textContent?.trim()),
    );
    expect(story).toEqual([
      [
        '事先有无通知',
        '状态页自 11月22日 04:50 起报告“Elevated 502 errors on the API”（严重故障）。',
        'Kimi 状态页显示“Quota display and deduction errors”。',
      ],
      ['发生了什么', '11月22日 05:20 – 11月22日 06:20，每月额度被扣减 14 个百分点。'],
      ['预期多少', '最多 1.5 个百分点。'],
      ['日志情况', '与本机用量对应的扣减最多为 1.5 个百分点。'],
      ['损失', '超出预期 13–14 个百分点（每月额度）'],
      ['后续', '暂无，尚待处理。'],
    ]);
    const facts = [...unexplained.querySelectorAll('.evidence li')].map((one) =>
      one.textContent?.trim(),
    );
    expect(facts).toEqual([
      '扣减 14 个百分点（±0.1 个百分点），预期最少 0 个百分点，最多 1.5 个百分点',
      '其间更新失败 3 次',
    ]);
    expect(unexplained.querySelector('[lang=en]')).toBeNull();
    const back = await open('每月额度：已返还');
    expect(back.textContent).toContain('英文记录：');
    const quoted = [...back.querySelectorAll('q[lang=en]')].map((one) => one.textContent);
    expect(quoted).toEqual([
      'The monthly quota got back 21 points of the 21 lost at 2026-11-21 03:20 UTC.',
      '2026-11-21 05:55 UTC: +21 points',
    ]);
    expect(await audit(container)).toEqual([]);
  });

  test('a new status is sent, shown, and described', async () => {
    const { backend, entry } = await opened(8);
    const group = within(entry).getByRole('group', { name: 'Status' });
    const mine = within(group).getByRole('button', { name: 'Mine' });
    expect(mine.getAttribute('aria-pressed')).toBe('false');
    await fireEvent.click(mine);
    await waitFor(() => expect(mine.getAttribute('aria-pressed')).toBe('true'));
    expect(backend.sent('POST', '/v1/findings/8/mark')).toEqual([{ as: 'mine' }]);
    expect(entry.textContent).toContain('Tidemark learns from this');
    expect(entry.querySelector('summary')?.textContent).toContain('Mine');
    // The evidence was not requested again.
    expect(backend.sent('GET', '/v1/findings/8/case')).toHaveLength(1);
  });

  test('the status filters, and an anomaly that was given back is not open', async () => {
    const { container } = await renderPage(Findings);
    await screen.findByText('Weekly quota reset early');
    const state = screen.getByRole('combobox', { name: 'Status of anomalies' });
    const titles = (): string[] =>
      [...container.querySelectorAll('summary .title')].map((one) => one.textContent ?? '');
    await fireEvent.change(state, { target: { value: 'open' } });
    await waitFor(() =>
      expect(titles()).toEqual([
        'Emptied at once · 5-hour quota',
        'Unexplained deduction · Monthly quota',
      ]),
    );
    await fireEvent.change(state, { target: { value: 'mine' } });
    await waitFor(() => expect(titles()).toEqual(['Unexplained deduction · Balance ($)']));
  });

  test.each([
    [
      'en',
      'Withdrawn on Nov 21: usage that “笔记本” reported late explains it',
      'Show why it is withdrawn',
      'Usage that “笔记本” reported late explains it',
    ],
    [
      'zh-CN',
      '11月21日已撤销：设备“笔记本”补报的用量可以解释',
      '查看撤销原因',
      '设备“笔记本”补报的用量可以解释',
    ],
  ] as const)(
    'a withdrawn anomaly is struck, and says why, in %s',
    async (language, when, link, why) => {
      route.place = parse('#/findings?finding=14');
      const { container } = await renderPage(Findings);
      setLanguage(language);
      const struck = await waitFor(() => {
        const found = container.querySelector('s');
        expect(found).not.toBeNull();
        return found as HTMLElement;
      });
      const item = struck.closest('.finding') as HTMLElement;
      expect(item.textContent).toContain(when);
      // It asks for nothing any more, and its mark is calm.
      expect(item.querySelector('.mark')?.classList.contains('over')).toBe(false);
      expect(item.querySelector('.segments')).toBeNull();
      expect(within(item).getByRole('link', { name: link }).getAttribute('href')).toBe(
        href('findings', { finding: 15 }),
      );
      // The link opens the other entry, which leads back.
      route.place = parse('#/findings?finding=15');
      const other = await waitFor(() => {
        const focused = document.activeElement?.closest('.finding');
        expect(focused?.textContent).toContain(why);
        expect(focused).not.toBe(item);
        return focused as HTMLElement;
      });
      await waitFor(() => expect(other.querySelector('a[href$="finding=14"]')).not.toBeNull());
      expect(await audit(container)).toEqual([]);
    },
  );

  test('withdrawn anomalies are not among the open ones, and what became of them is beside them', async () => {
    route.place = parse('#/findings?state=open');
    await renderPage(Findings);
    await screen.findAllByText(/Emptied at once/);
    expect(document.querySelector('s')).toBeNull();
    route.place = parse('#/findings?kind=anomaly');
    await waitFor(() => expect(document.querySelector('s')).not.toBeNull());
    screen.getByText('Withdrawn · Weekly quota');
    screen.getByText('Given back · Monthly quota');
  });

  test('a link leads to a finding that is older than the list', async () => {
    location.hash = '#/findings?finding=8';
    route.place = parse(location.hash);
    const none = {
      ...fixture.findings(),
      findings: [],
      failures: [],
      open: [],
      unexplained: [],
      counted: [],
      announcements: [],
    };
    const backend = new FixtureBackend(undefined, { 'GET /v1/findings': () => none });
    const { container } = await renderPage(Findings, backend);
    await waitFor(() =>
      expect(container.querySelector('details[open]')?.textContent).toContain(
        'Unexplained deduction · Monthly quota',
      ),
    );
  });

  test('the report of a finding is saved with its account and days', async () => {
    const { backend, entry } = await opened(8);
    await fireEvent.click(within(entry).getByRole('button', { name: 'Report to Kimi' }));
    await fireEvent.click(await within(entry).findByRole('button', { name: 'Save report' }));
    const dialog = await screen.findByRole('dialog', { name: 'Evidence report', hidden: true });
    const inside = within(dialog);
    await fireEvent.click(inside.getByRole('button', { name: '简体中文', hidden: true }));
    await fireEvent.submit(dialog.querySelector('form') as HTMLFormElement);
    await waitFor(() =>
      expect(backend.saved).toEqual([
        {
          path: '/v1/report?from=2026-11-21&to=2026-11-23&account=1&format=html&language=zh-CN',
          name: 'tidemark-report-2026-11-21-2026-11-22.html',
        },
      ]),
    );
    await waitFor(() => expect(screen.queryByRole('dialog', { hidden: true })).toBeNull());
  });

  test('an export takes its format', async () => {
    const { backend, session } = await renderPage(Findings);
    await fireEvent.click(screen.getByRole('button', { name: 'Export' }));
    const dialog = await screen.findByRole('dialog', { name: 'Export', hidden: true });
    await fireEvent.click(within(dialog).getByRole('button', { name: 'JSONL', hidden: true }));
    await fireEvent.submit(dialog.querySelector('form') as HTMLFormElement);
    await waitFor(() =>
      expect(backend.saved[0]).toEqual({
        path: '/v1/export?from=2026-11-16&to=2026-11-23&format=jsonl',
        name: 'tidemark-export-2026-11-16-2026-11-22.jsonl',
      }),
    );
    await waitFor(() => expect(session.toast?.text).toContain('Saved: /home/me/Downloads/'));
  });

  test('a list without findings has a message', async () => {
    const { container } = await renderPage(
      Findings,
      new FixtureBackend(undefined, {
        'GET /v1/findings': () => ({
          ...fixture.findings(),
          findings: [],
          failures: [],
          open: [],
          unexplained: [],
          counted: [],
          announcements: [],
        }),
      }),
    );
    await waitFor(() => expect(container.textContent).toContain('No events yet'));
  });

  test('what is unexplained is summed by month, account and series, above the cases that it adds up', async () => {
    const { container } = await renderPage(Findings);
    await screen.findByText('Unexplained in Nov 2026');
    const sums = [...container.querySelectorAll('.sums dl > div')].map((one) =>
      [...one.children].map((part) => part.textContent),
    );
    expect(sums).toEqual([
      ['5-hour quota', '52.5 points', 'Work'],
      ['Monthly quota', '25–28 points', 'Work', '12–14 points of it given back'],
    ]);
    const open = [...container.querySelectorAll('.attention li')].map((one) => one.textContent);
    expect(open[0]).toMatch(/Emptied at once · 5-hour quota\s*Work\s*−52.5 points\s*Nov 22/);
    // The case that was given back is in the sum, so it is listed.
    expect(open[2]).toMatch(
      /Draining faster · Monthly quota\s*Work\s*Given back\s*12–14 points more/,
    );
    expect(open.at(-1)).toContain('Key invalid');
  });

  test('a case has its span in the row, and says when it was found', async () => {
    const answer = fixture.findings();
    const later = answer.findings.map((one) =>
      one.id === 8 ? { ...one, detected_at: '2026-11-22T00:30:00Z' } : one,
    );
    location.hash = '#/findings?finding=8';
    route.place = parse(location.hash);
    const { container } = await renderPage(
      Findings,
      new FixtureBackend(undefined, { 'GET /v1/findings': () => ({ ...answer, findings: later }) }),
    );
    const entry = await waitFor(() => {
      const found = container.querySelector('details[open]');
      expect(found).not.toBeNull();
      return found as HTMLElement;
    });
    // Shanghai is eight hours ahead.
    expect(entry.querySelector('summary .time')?.textContent).toBe('05:20 – 06:20');
    expect(entry.textContent).toMatch(/Found\s*Nov 22, 2026, 08:30/);
  });

  test.each([
    ['three accounts is one line', [4, 10, 16], ['Key invalid: 3 accounts']],
    ['two accounts is two lines', [4, 10], ['Key invalid', 'Key invalid']],
  ])('the same failure of %s, with what to do', async (_, ids, lines) => {
    const answer = fixture.findings();
    const [lasting] = answer.failures.filter((row) => !row.over);
    const failures = ids.map((id) => ({
      ...(lasting as NonNullable<typeof lasting>),
      account_id: id,
      account: `Account ${id}`,
    }));
    const { container } = await renderPage(
      Findings,
      new FixtureBackend(undefined, { 'GET /v1/findings': () => ({ ...answer, failures }) }),
    );
    await screen.findByText('Weekly quota reset early');
    const titles = [...container.querySelectorAll('.day .title')];
    const own = titles.filter((one) => one.textContent?.startsWith('Key invalid'));
    expect(own.map((one) => one.textContent)).toEqual(lines);
    expect(container.querySelectorAll('.attention .advice')).toHaveLength(lines.length);
    const entry = own[0]?.closest('details') as HTMLDetailsElement;
    const names = lines.length === 1 ? 'Account 4, Account 10, Account 16' : 'Account 4';
    expect(entry.querySelector('summary .who')?.textContent).toContain(names);
    entry.open = true;
    entry.dispatchEvent(new Event('toggle'));
    await waitFor(() => expect(entry.querySelector('.more')).not.toBeNull());
    expect(entry.textContent?.match(/does not accept this key/g)).toHaveLength(1);
    expect(entry.querySelectorAll('.more > div')).toHaveLength(ids.length / lines.length);
  });

  test('a failure that lasts says since when, and that its time is that of the last one', async () => {
    const { container } = await renderPage(Findings);
    await screen.findByText('Weekly quota reset early');
    const row = [...container.querySelectorAll('.day summary')].find((one) =>
      one.textContent?.includes('Key invalid'),
    );
    expect(row?.textContent).toMatch(/3 times · since 11:20/);
    expect(row?.querySelector('.time')?.textContent).toBe('last 14:15');
  });

  test('the count of unread events follows at once, before the engine has answered', async () => {
    const { session } = await renderPage(
      Findings,
      new FixtureBackend(undefined, {
        'POST /v1/findings/seen': () => new Promise(() => undefined),
      }),
    );
    const unread = (): number => session.cards.reduce((sum, card) => sum + card.unseen_findings, 0);
    const before = unread();
    expect(before).toBeGreaterThan(0);
    const entry = (await screen.findByText('Weekly quota reset early')).closest(
      'details',
    ) as HTMLDetailsElement;
    entry.open = true;
    entry.dispatchEvent(new Event('toggle'));
    await waitFor(() => expect(unread()).toBe(before - 1));
  });

  test('the days of a report stand in the reader’s language while they are not edited', async () => {
    await renderPage(Findings);
    await fireEvent.click(screen.getByRole('button', { name: 'Evidence report' }));
    const dialog = await screen.findByRole('dialog', { name: 'Evidence report', hidden: true });
    const shown = (): string[] =>
      [...dialog.querySelectorAll('.shown')].map((one) => one.textContent ?? '');
    expect(shown()).toEqual(['Nov 16, 2026', 'Nov 22, 2026']);
    const from = within(dialog).getByLabelText('From');
    await fireEvent.focus(from);
    expect(shown()).toEqual(['Nov 22, 2026']);
    await fireEvent.blur(from);
    expect(shown()).toHaveLength(2);
    setLanguage('zh-CN');
    await waitFor(() => expect(shown()).toEqual(['2026年11月16日', '2026年11月22日']));
  });

  test('marking all as read can be undone', async () => {
    const { backend, session } = await renderPage(Findings);
    await fireEvent.click(await screen.findByRole('button', { name: 'Mark all as read' }));
    await waitFor(() => expect(session.toast?.text).toBe('3 events marked as read'));
    expect(screen.queryByRole('button', { name: 'Mark all as read' })).toBeNull();
    session.undo();
    await waitFor(() =>
      expect(backend.sent('POST', '/v1/findings/seen').at(-1)).toEqual({
        ids: [9, 10, 8],
        seen: false,
      }),
    );
    expect(session.toast).toBeNull();
    await screen.findByRole('button', { name: 'Mark all as read' });
  });

  test('what the engine did not take as read is unread again, also in the count', async () => {
    const refuse: { now?: () => void } = {};
    const backend = new FixtureBackend(undefined, {
      'POST /v1/findings/seen': () =>
        new Promise((_, reject) => (refuse.now = () => reject(new ApiFailure('busy', '', 503)))),
    });
    const { session } = await renderPage(Findings, backend);
    const unread = (): number => session.cards.reduce((sum, card) => sum + card.unseen_findings, 0);
    const before = unread();
    await fireEvent.click(await screen.findByRole('button', { name: 'Mark all as read' }));
    expect(screen.queryByRole('button', { name: 'Mark all as read' })).toBeNull();
    refuse.now?.();
    await screen.findByRole('button', { name: 'Mark all as read' });
    expect(unread()).toBe(before);
    expect(session.toast?.bad).toBe(true);
  });

  test('filters say what they show, and can be cleared', async () => {
    const { container } = await renderPage(Findings);
    const state = await screen.findByRole('combobox', { name: 'Status of anomalies' });
    await fireEvent.change(state, { target: { value: 'mine' } });
    await screen.findByText('1 event: Anomalies, Status: Mine');
    // Only anomalies have a status: another kind shows all of its events.
    await fireEvent.click(screen.getByRole('button', { name: 'Credits' }));
    await screen.findByText('1 event: Credits');
    await fireEvent.click(screen.getByRole('button', { name: 'Clear filters' }));
    await waitFor(() => expect(container.textContent).not.toContain('Clear filters'));
  });

  test('an anomaly is reported with a text in either language', async () => {
    const { backend, entry } = await opened(8);
    await fireEvent.click(within(entry).getByRole('button', { name: 'Report to Kimi' }));
    const text = (await within(entry).findByRole('textbox')) as HTMLTextAreaElement;
    await waitFor(() => expect(text.value).toContain('Unexplained deduction: monthly quota'));
    const page = within(entry).getByRole('link', { name: /Kimi’s contact page/ });
    expect(page.getAttribute('href')).toMatch(/^https:\/\/www\.kimi\.com\/code\/docs\/en\//);
    await fireEvent.click(within(entry).getByRole('button', { name: '简体中文' }));
    await waitFor(() => expect(text.value).toContain('您好：'));
    expect(text.lang).toBe('zh-CN');
    expect(await audit(entry)).toEqual([]);
    await fireEvent.click(within(entry).getByRole('button', { name: 'Mark as reported' }));
    await waitFor(() =>
      expect(backend.sent('POST', '/v1/findings/8/mark')).toEqual([{ as: 'reported' }]),
    );
  });

  test('forecasts are shown beside what came', async () => {
    const { container } = await renderPage(Findings);
    const past = await waitFor(() => {
      const found = container.querySelector<HTMLDetailsElement>('details.past');
      expect(found).not.toBeNull();
      return found as HTMLDetailsElement;
    });
    past.open = true;
    past.dispatchEvent(new Event('toggle'));
    await within(past).findByText('2 could be checked: 1 right, 1 wrong. 1 was too close to call.');
    const rows = within(past)
      .getAllByRole('row')
      .map((row) => row.textContent?.replace(/\s+/g, ' '));
    expect(rows[1]).toContain('Runs out, about 90% (Nov 19 – Nov 20)');
    expect(rows[2]).toMatch(/Lasts, about 90%.*Used up/);
    expect(rows[3]).toContain('Lasted, 93% used');
    expect(await audit(container)).toEqual([]);
  });
});
