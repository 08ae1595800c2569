import type { Backend } from './backend';
import { desktopBackend } from './desktop';
import { webBackend } from './web';

/** The backend of this window: the desktop's bridge, or the page’s own address in a browser. */
export function createBackend(): Backend {
  return '__TAURI_INTERNALS__' in window ? desktopBackend() : webBackend();
}
