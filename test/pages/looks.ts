/** What a person would see on a page: cut text, small targets, words of the other language. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const inPage = readFileSync(join(import.meta.dirname, 'looks-in-page.js'), 'utf8');

type Box = { left: number; right: number; top: number; bottom: number };
type Line = { readonly text: string; readonly box: Box; readonly edge?: Box };

/** By the debugging line, because the page's own policy lets no script in from elsewhere. */
async function look<T>(page: Page, what: string): Promise<T> {
  await page.evaluate(inPage);
  return page.evaluate<T>(`looks.${what}()`);
}

/** Rules of WCAG 2.2 AA that the page breaks, with the first place of each. */
export async function axeFinds(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  return look(page, 'axe');
}

/** How far the page can be pushed sideways, in px. */
export const sideways = (page: Page): Promise<number> => look(page, 'sideways');

/** Targets that a thumb misses: less than 44 px high or wide. */
export const smallTargets = (page: Page): Promise<string[]> => look(page, 'smallTargets');

/** Opens everything that can be unfolded. */
export const unfold = (page: Page): Promise<void> => look(page, 'unfold');

/** All that can be read, seen or heard, of the page. */
export const readable = (page: Page): Promise<string> => look(page, 'readable');

const leaves = (box: Box, edge: Box): boolean =>
  box.left < edge.left - 1 || box.right > edge.right + 1 || box.bottom > edge.bottom + 1;
const overlaps = (a: Box, b: Box): boolean =>
  Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2 &&
  Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4;

/** Texts that stand outside the screen, outside their box, or on each other. */
export async function cutTexts(page: Page): Promise<string[]> {
  const lines = await look<Line[]>(page, 'lines');
  const { width = 0 } = page.viewportSize() ?? {};
  return lines.flatMap(({ text, box, edge }, index) => [
    ...(box.left < -1 || box.right > width + 1 ? [`off the screen: ${text}`] : []),
    ...(edge !== undefined && leaves(box, edge) ? [`out of its box: ${text}`] : []),
    ...lines
      .slice(index + 1)
      .filter((other) => overlaps(box, other.box))
      .map((other) => `${text} over ${other.text}`),
  ]);
}

/** Sentences of one language, as patterns: figures may stand where the braces are. */
export function sentencesOf(table: object): RegExp[] {
  const texts = Object.values(table).flatMap((word): string[] =>
    typeof word === 'string' ? [word] : sentencesOf(word).map(({ source }) => source),
  );
  return texts.map((text) => new RegExp(text.includes('\\b') ? text : patternOf(text)));
}

const patternOf = (text: string): string => {
  const escaped = text.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{\w+\}/g, '.+');
  return `(?<![\\w’])${escaped}(?![\\w’])|\\b$^`;
};
