import './navigator-language';
import './styles/theme.css';
import './styles/base.css';
import './styles/components.css';
import './styles/charts.css';
import './styles/settings.css';
import './styles/window.css';
import { mount } from 'svelte';
import { createBackend } from './api/create-backend';
import App from './App.svelte';
import { applyTheme, storedPreference } from './state/preferences';
import { Session } from './state/session.svelte';
import { asLanguage, i18n, systemLanguage } from './state/i18n.svelte';

applyTheme(storedPreference('theme'));
// The first request runs while the texts are loading.
const session = new Session(createBackend());
void session.start();
await i18n.load(asLanguage(storedPreference('language')) ?? systemLanguage());
const target = document.getElementById('app');
if (target !== null) {
  target.replaceChildren(); // the static placeholder of index.html
  mount(App, { target, props: { session } });
}
