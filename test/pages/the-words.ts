/** The page's own table, which is no TypeScript. */
export const { words } = (await import('../../gateway/pages/home-words.js' as string)) as {
  words: Record<'en' | 'sw', Table>;
};
type Word =
  | 'otherLanguage'
  | 'wrong'
  | 'pin'
  | 'codeOver'
  | 'offerOver'
  | 'offerYes'
  | 'keepMore'
  | 'withdraw'
  | 'sendIt'
  | 'settings'
  | 'reserve'
  | 'ceiling'
  | 'dayMost'
  | 'quietFrom'
  | 'askFirst'
  | 'save'
  | 'saved';
type Table = Readonly<Record<Word, string>> & {
  readonly tonightNotes: { readonly keep: string };
  readonly problems: { readonly 'Not enough money': string };
};
