// What kind of key a pasted text is, from its shape alone. It is not sent anywhere.
// The same rule as KeyShape in crates/core/src/account.rs.

export type KeyShape = 'kimi-code' | 'platform' | 'unknown' | 'empty';

export function keyShape(text: string): KeyShape {
  const key = text.trim();
  if (key === '') return 'empty';
  const plausible = key.length >= 12 && /^[\x21-\x7e]+$/.test(key);
  if (plausible && key.startsWith('sk-kimi-')) return 'kimi-code';
  if (plausible && key.startsWith('sk-')) return 'platform';
  return 'unknown';
}
