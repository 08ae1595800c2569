import './navigator-language';
import './app.css';
import { mount } from 'svelte';
import { chooseBackend } from './api/choose';
import App from './App.svelte';
import { applyTheme, remembered, Session } from './state/session.svelte';
import { asLanguage, systemLanguage, words } from './state/words.svelte';

applyTheme(remembered('theme'));
// The first question travels while the words are loaded.
const session = new Session(chooseBackend());
void session.start();
await words.load(asLanguage(remembered('language')) ?? systemLanguage());
const target = document.getElementById('app');
if (target !== null) {
  target.replaceChildren(); // the frame that was shown until now
  mount(App, { target, props: { session } });
}
