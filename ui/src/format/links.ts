// The web pages that the window may open.
import type { Region, Source } from '../api/types';

/**
 * Where Kimi takes complaints about a product, as its own documentation says: the page names the channels, which
 * change. No address is kept here.
 */
export function contactUrl(source: Source, language: string): string {
  const chinese = language === 'zh-CN';
  if (source === 'kimi-code') {
    return chinese
      ? 'https://www.kimi.com/code/docs/kimi-code/contact-and-feedback.html'
      : 'https://www.kimi.com/code/docs/en/kimi-code/contact-and-feedback.html';
  }
  return chinese
    ? 'https://www.kimi.com/zh-cn/help/kimi-api'
    : 'https://www.kimi.com/help/kimi-api/api-billing-and-finance';
}

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
