import '../navigator-language';
import { cleanup, configure } from '@testing-library/svelte';
import { afterEach } from 'vitest';
import { failWhatIsLeftBehind } from './left-behind';

// jsdom computes the style of every ancestor of every element, which makes one search by role take seconds.
// Hidden elements are not in the document at all, so the check for visibility is not needed.
configure({ defaultHidden: true, asyncUtilTimeout: 20_000 });

// jsdom has neither dialogs nor layout.
HTMLDialogElement.prototype.showModal = function showModal(this: HTMLDialogElement): void {
  this.setAttribute('open', '');
};
HTMLDialogElement.prototype.close = function close(this: HTMLDialogElement): void {
  this.removeAttribute('open');
  this.dispatchEvent(new Event('close'));
};
window.scrollTo = () => undefined;
Element.prototype.scrollIntoView = () => undefined;
globalThis.ResizeObserver = class {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
};

failWhatIsLeftBehind();
afterEach(cleanup);
