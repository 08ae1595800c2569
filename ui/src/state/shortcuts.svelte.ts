// Whether single keys open pages and do things. They can be switched off, for those who speak to their computer or
// whose hands slip (WCAG 2.1.4).
const KEY = 'tidemark-shortcuts';

class Shortcuts {
  #on = $state(true);

  constructor() {
    this.read();
  }

  get on(): boolean {
    return this.#on;
  }

  set on(on: boolean) {
    this.#on = on;
    try {
      if (on) localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, 'off');
    } catch {
      // Without storage the choice holds until the window closes.
    }
  }

  /** Takes over what was stored. */
  read(): void {
    try {
      this.#on = localStorage.getItem(KEY) !== 'off';
    } catch {
      this.#on = true;
    }
  }
}

export const shortcuts = new Shortcuts();
