/** Whether M-Pesa takes an address for its callbacks. */

/** Words that Daraja refuses anywhere in a callback address, in any case (Daraja, C2B register URL). */
const filteredWord = /mpesa|m-pesa|safaricom|exe|cmd|sql|query/i;

/** The filtered word that stands in the text, if any, as it is written there. */
export const filteredWordIn = (text: string): string | undefined => filteredWord.exec(text)?.[0];

/**
 * Why no callback could be sent to this public base address, as a sentence; undefined when one could. `secure`
 * demands https, as production does.
 */
export function objectionTo(base: string, secure: boolean): string | undefined {
  if (!/^[!-~]+$/.test(base)) return 'it holds a blank or a letter that is not ASCII';
  const parts = partsOf(base);
  if (parts === undefined) return 'it is no http or https address';
  if (secure && parts.scheme !== 'https') return 'production needs https';
  if (parts.hasMore) return 'it must end with its path: no user, question mark or #';
  if (parts.path !== parts.path.toLowerCase()) return 'M-Pesa is sent no capitals';
  const word = filteredWordIn(`${parts.host}${parts.path}`);
  return word === undefined ? undefined : `M-Pesa refuses addresses that hold “${word}”`;
}

function partsOf(base: string) {
  const found = /^(https?):\/\/([^/?#@]+)(\/[^?#@]*)?(.*)$/i.exec(base);
  if (found === null) return undefined;
  const [, scheme = '', host = '', path = '', more = ''] = found;
  return { scheme: scheme.toLowerCase(), host, path, hasMore: more !== '' };
}

/** The address without a slash at its end. */
export const withoutSlash = (base: string): string => base.replace(/\/+$/, '');
