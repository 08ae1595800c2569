import '../navigator-language';
import { cleanup, configure } from '@testing-library/svelte';
import { afterEach } from 'vitest';
import { failWhatIsLeftBehind } from './left-behind';

// Asking jsdom for the style of every ancestor of every element makes one search by role take seconds.
// What is hidden here is not in the document at all.
configure({ defaultHidden: true, asyncUtilTimeout: 4000 });

// jsdom shows no dialogs and lays nothing out.
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
