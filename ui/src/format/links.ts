// The few pages outside that the window may open.
import type { Region, Source } from '../api/types';

/** Where a user of a product looks after keys, money and membership. */
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
