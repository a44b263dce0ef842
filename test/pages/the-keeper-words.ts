/** The keeper's page's own table, which is no TypeScript. */
type Words = Readonly<Record<string, string>> & {
  readonly limitNames: Readonly<Record<string, string>>;
};
export const { words: keeperWords } = (await import(
  '../../gateway/pages/keeper-words.js' as string
)) as { words: Record<'en' | 'sw', Words> };
