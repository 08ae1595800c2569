// A test stops everything that it starts. A timer, a listener on the window or its document, or a rejected promise
// that a test leaves behind would act during a later test and make that one fail. So the test that left it fails,
// and reports where it was started.
import { beforeEach, vi } from 'vitest';

/** Something that was started and not stopped: what it is, and the stack of its start. */
interface Started {
  what: string;
  stack: string;
}

interface Listener extends Started {
  type: string;
  callback: unknown;
  capture: boolean;
  /** The function that was registered in place of `callback`. */
  registered: EventListenerOrEventListenerObject;
}

/**
 * What no test can stop: a listener that Svelte adds with the first bound field and never removes, the timer with which
 * it forgets the last event, and timers of jsdom itself, such as those of selection events after `focus()` or of its
 * frames. Requested frames are watched.
 */
const LASTING = [
  /^ +at .*\/node_modules\/svelte\/src\/internal\/client\/dom\/elements\/(?:misc|events)\.js/,
  /^ +at .*\/node_modules\/jsdom\/lib\//,
];
const lasts = ({ stack }: Started): boolean => LASTING.some((start) => start.test(stack));

type AnyFunction = (...args: never[]) => unknown;
/** Timers are numbers in a browser and objects in Node.js; both are compared as numbers. */
const key = (handle: unknown): unknown =>
  typeof handle === 'object' && handle !== null && Symbol.toPrimitive in handle
    ? Number(handle)
    : handle;

const here = (what: string): Started => ({
  what,
  stack: (new Error().stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line) && !line.includes('src/test/left-behind.ts'))
    .slice(0, 6)
    .join('\n'),
});

const rejections: unknown[] = [];
const timers = new Map<unknown, Started>();
const listeners = new Set<Listener>();
const immediate = globalThis.setImmediate;

/** Watches `begin` and `end`, the functions that start and stop a timer. */
function watchTimer(begin: string, end: string, repeats: boolean): void {
  const all = globalThis as unknown as Record<string, AnyFunction>;
  const [original, stop] = [all[begin], all[end]];
  if (original === undefined || stop === undefined) throw new Error(`no ${begin} or no ${end}`);
  const started = (callback: AnyFunction, ...rest: never[]): unknown => {
    const handle: unknown = original(
      ...([
        (...args: never[]) => {
          if (!repeats) timers.delete(key(handle));
          return callback(...args);
        },
        ...rest,
      ] as never[]),
    );
    timers.set(key(handle), here(`${begin}(${rest.length > 0 ? String(rest[0]) : ''})`));
    return handle;
  };
  // Node.js keeps `util.promisify.custom` on its timers.
  all[begin] = Object.assign(started, original);
  all[end] = (handle: unknown) => {
    timers.delete(key(handle));
    return stop(handle as never);
  };
}

/** Watches the listeners of a target that outlives a test. */
function watchListeners(name: string, target: EventTarget): void {
  const add = target.addEventListener.bind(target);
  const remove = target.removeEventListener.bind(target);
  const find = (type: string, callback: unknown, capture: boolean): Listener | undefined =>
    [...listeners].find(
      (one) =>
        one.what === `${name}'s listener of "${type}"` &&
        one.callback === callback &&
        one.capture === capture,
    );
  const captures = (options: unknown): boolean =>
    typeof options === 'object' && options !== null
      ? ((options as AddEventListenerOptions).capture ?? false)
      : options === true;
  target.addEventListener = (
    type: string,
    callback: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void => {
    const capture = captures(options);
    if (callback === null || find(type, callback, capture) !== undefined) return;
    const { once = false, signal } = typeof options === 'object' ? options : {};
    if (signal?.aborted === true) return;
    const listener: Listener = {
      ...here(`${name}'s listener of "${type}"`),
      type,
      callback,
      capture,
      registered: callback,
    };
    if (once) {
      listener.registered = (event) => {
        listeners.delete(listener);
        if (typeof callback === 'function') callback.call(target, event);
        else callback.handleEvent(event);
      };
    }
    signal?.addEventListener('abort', () => listeners.delete(listener), { once: true });
    listeners.add(listener);
    add(type, listener.registered, options);
  };
  target.removeEventListener = (
    type: string,
    callback: EventListenerOrEventListenerObject | null,
    options?: boolean | EventListenerOptions,
  ): void => {
    const known = find(type, callback, captures(options));
    if (known !== undefined) listeners.delete(known);
    remove(type, known?.registered ?? callback, options);
  };
}

/** Makes every test of this file fail that leaves something behind. */
export function failWhatIsLeftBehind(): void {
  watchTimer('setTimeout', 'clearTimeout', false);
  watchTimer('setInterval', 'clearInterval', true);
  watchTimer('requestAnimationFrame', 'cancelAnimationFrame', false);
  watchListeners('window', window);
  watchListeners('document', document);
  watchListeners('<html>', document.documentElement);
  watchListeners('<body>', document.body);
  process.on('unhandledRejection', (reason) => rejections.push(reason));

  beforeEach(({ onTestFinished }) => {
    const before = new Set<unknown>([...timers.keys(), ...listeners]);
    // The first hook to be registered is the last to be called: after all clean-up of the test.
    onTestFinished(async () => {
      // A rejection is reported as unhandled only after all pending microtasks.
      await new Promise((done) => immediate(done));
      const left: Started[] = [];
      if (vi.isFakeTimers()) {
        // Only the fake clock knows its own timers.
        const count = vi.getTimerCount();
        if (count > 0) left.push({ what: `${count} timers of the made-up clock`, stack: '' });
        vi.useRealTimers();
      }
      for (const [handle, timer] of timers) {
        if (before.has(handle) || lasts(timer)) continue;
        left.push(timer);
        clearTimeout(handle as number);
        clearInterval(handle as number);
        cancelAnimationFrame(handle as number);
      }
      for (const listener of [...listeners]) {
        if (before.has(listener) || lasts(listener)) continue;
        left.push(listener);
        listeners.delete(listener);
      }
      for (const reason of rejections.splice(0)) {
        const stack = reason instanceof Error ? (reason.stack ?? '') : '';
        left.push({ what: `a rejected promise: ${String(reason)}`, stack });
      }
      if (left.length === 0) return;
      const list = left.map(({ what, stack }) => `${what}\n${stack}`.trimEnd());
      throw new Error(`the test left something behind:\n${list.join('\n')}`);
    });
  });
}
