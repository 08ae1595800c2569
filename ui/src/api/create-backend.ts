import type { Backend } from './backend';
import { desktopBackend } from './desktop';

/** The backend of this window: the desktop's bridge, or the page's own address in a browser. */
export async function createBackend(): Promise<Backend> {
  if ('__TAURI_INTERNALS__' in window) return desktopBackend();
  // The window never needs it.
  const { webBackend } = await import('./web');
  return webBackend();
}
