// The page of all components. `?theme=dark` and `?language=zh-CN` choose how they are shown.
import '../src/navigator-language';
import '../src/styles/theme.css';
import '../src/styles/base.css';
import '../src/styles/components.css';
import '../src/styles/charts.css';
import '../src/styles/settings.css';
import '../src/styles/window.css';
import { mount } from 'svelte';
import { asLanguage, i18n } from '../src/state/i18n.svelte';
import { Session, SESSION_KEY } from '../src/state/session.svelte';
import { FixtureBackend } from '../src/test/fixture-backend';
import Components from './Components.svelte';

const chosen = new URLSearchParams(location.search);
const theme = chosen.get('theme');
if (theme !== null) document.documentElement.dataset['theme'] = theme;
await i18n.load(asLanguage(chosen.get('language')) ?? 'en');

/** A session with made-up answers. `lost`: its agent stopped answering after the first. */
async function session(lost: boolean): Promise<Session> {
  const one = new Session(new FixtureBackend());
  await one.start();
  // The clock stands still, so that two pictures of the page are the same.
  one.stop();
  if (lost) one.connection = 'lost';
  return one;
}
const [live, gone] = [await session(false), await session(true)];
const target = document.getElementById('app');
if (target !== null) {
  mount(Components, { target, props: { gone }, context: new Map([[SESSION_KEY, live]]) });
}
