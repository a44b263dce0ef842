/** Access tokens. They age on the machine's clock, because they belong to sockets, not to people. */
import type { Names } from './names.ts';

/** Daraja's `expires_in`, in seconds. */
export const tokenLifeSeconds = 3599;
const tokensMax = 1_000;

export type Tokens = {
  issue(): string;
  isValid(token: string): boolean;
  /** Ends every token, as when somebody else fetched one for the same app. */
  forget(): void;
};

/** Opens the token desk; with `singleToken` each new one ends the one before. */
export function openTokens(names: Names, singleToken: boolean): Tokens {
  const endOf = new Map<string, number>();

  function issue(): string {
    if (singleToken || endOf.size >= tokensMax) endOf.clear();
    const token = names.token();
    endOf.set(token, performance.now() + tokenLifeSeconds * 1000);
    return token;
  }

  return {
    issue,
    isValid: (token) => (endOf.get(token) ?? 0) > performance.now(),
    forget: () => endOf.clear(),
  };
}
