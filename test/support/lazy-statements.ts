/** Books that are opened thousands of times: most lives use few of their statements, so each is made when first used. */
import Database from 'better-sqlite3';

type Statement = Record<string, (...args: unknown[]) => unknown>;
const uses = ['run', 'get', 'all', 'iterate'] as const;

/** For the process of one test file; a statement that is wrong is then told at its first use. */
export function prepareLazily(): void {
  const { prepare } = Database.prototype;
  Database.prototype.prepare = function lazily(this: Database.Database, source: string) {
    let made: Statement | undefined;
    const real = (): Statement => {
      made ??= prepare.call(this, source) as unknown as Statement;
      return made;
    };
    const calls = uses.map((use) => [use, (...args: unknown[]) => real()[use]?.(...args)] as const);
    const others = { pluck: () => real()['pluck']?.(), raw: () => real()['raw']?.() };
    return { ...Object.fromEntries(calls), ...others, source } as never;
  } as typeof prepare;
}
