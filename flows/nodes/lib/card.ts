/** What a flow adds to a household's page. Pure; tested without Node-RED. */

export type Card = {
  readonly v: 1;
  readonly title: { readonly en: string; readonly sw: string };
  readonly kind: 'value' | 'text';
  readonly value: number | string;
  readonly unit: string;
};

type Titles = { readonly titleEn?: string; readonly titleSw?: string; readonly unit?: string };

const titleLengthMax = 40;
const textLengthMax = 160;
const unitLengthMax = 8;

/** One level of a topic. */
export const cardNameOf = (written: string): string =>
  written
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 32);

/** Undefined when the payload is neither a number nor a text. Without a Swahili title the English one is shown. */
export function toCard(payload: unknown, { titleEn, titleSw, unit }: Titles): Card | undefined {
  const en = (titleEn || 'Note').slice(0, titleLengthMax);
  const title = { en, sw: (titleSw || en).slice(0, titleLengthMax) };
  const rest = { unit: (unit ?? '').slice(0, unitLengthMax) };
  if (typeof payload === 'number' && Number.isFinite(payload))
    return { v: 1, title, kind: 'value', value: payload, ...rest };
  if (typeof payload !== 'string' || payload === '') return undefined;
  return { v: 1, title, kind: 'text', value: payload.slice(0, textLengthMax), ...rest };
}
