/** Two sentences of advice in English and Swahili, with no figure that the hub did not compute. */

export type Words = { readonly en: string; readonly sw: string };

export type Figures = {
  readonly keepWh: number;
  readonly sellWh: number;
  /** Use until 06:00, and what the sun still brings. */
  readonly useWh: number;
  readonly sunWh: number;
  /** A kept kWh is worth more than a sold one. */
  readonly pays: boolean;
};

/** The hub's own words. */
export function wordsFor({ keepWh, sellWh, useWh, sunWh, pays }: Figures): Words {
  if (!pays)
    return {
      en: `Sell ${sellWh} Wh. What you sell earns at least what you pay for the energy that you need until 06:00.`,
      sw: `Uza Wh ${sellWh}. Unachouza kinaleta angalau unacholipia umeme unaohitaji hadi 06:00.`,
    };
  const why = {
    en: `Until 06:00 you will probably use ${useWh} Wh and the sun still brings ${sunWh} Wh.`,
    sw: `Hadi 06:00 huenda utatumia Wh ${useWh} na jua bado litaleta Wh ${sunWh}.`,
  };
  if (keepWh === 0)
    return { en: `Sell ${sellWh} Wh. ${why.en}`, sw: `Uza Wh ${sellWh}. ${why.sw}` };
  return {
    en: `Keep ${keepWh} Wh and sell ${sellWh} Wh. ${why.en}`,
    sw: `Weka Wh ${keepWh} na uza Wh ${sellWh}. ${why.sw}`,
  };
}

const sentencesMost = 2;
const lettersMost = 240;
const figure = /\d+(?:[.,:]\d+)*/g;
/** A moment that the hub itself names. */
const moments: readonly string[] = ['06:00', '6:00'];

/**
 * Whether words of somebody else may stand beside the hub's: at most two sentences, plain letters, and no figure but
 * those given (as Wh, or as kWh with one or two decimals).
 */
export function areFaithful(words: Words, figures: readonly number[]): boolean {
  const allowed = new Set([...moments, ...figures.flatMap(spellings)]);
  return [words.en, words.sw].every(
    (text) =>
      text.length > 0 &&
      text.length <= lettersMost &&
      /^[\p{L}\p{M}\p{N} .,;:%()'’-]+$/u.test(text) &&
      // Letters that write a figure in another script would pass unseen.
      !/[\p{Nl}\p{No}]|[^\P{Nd}0-9]/u.test(text) &&
      sentencesIn(text) <= sentencesMost &&
      (text.match(figure) ?? []).every((one) => allowed.has(one)),
  );
}

const spellings = (wh: number): string[] => [
  String(wh),
  wh.toLocaleString('en'),
  (wh / 1000).toFixed(1),
  (wh / 1000).toFixed(2),
  ...(wh % 1000 === 0 ? [String(wh / 1000)] : []),
];

/** A dot between digits is no end. */
const sentencesIn = (text: string): number =>
  text.split(/[.!?](?=\s|$)/).filter((part) => part.trim() !== '').length;
