// The web pages that the window may open.
import type { Region, Source } from '../api/types';

/** The console of a product, where its users manage keys, payments and membership. */
export function consoleUrl(source: Source, region: Region): string {
  if (source === 'kimi-code') {
    return region === 'china'
      ? 'https://www.kimi.com/code/console'
      : 'https://www.kimi.ai/code/console';
  }
  return region === 'china'
    ? 'https://platform.kimi.com/console'
    : 'https://platform.kimi.ai/console';
}
