/** The 47 counties of Kenya in the order of their codes, each with about its middle: near enough for sun and weather. */
export type County = {
  readonly code: number;
  readonly name: string;
  /** Degrees; south is below 0. */
  readonly latitude: number;
  readonly longitude: number;
};

/** Constitution of Kenya, First Schedule. Degrees are rounded to a twentieth, some five kilometres. */
const middles: readonly (readonly [name: string, latitude: number, longitude: number])[] = [
  ['Mombasa', -4.05, 39.65],
  ['Kwale', -4.15, 39.1],
  ['Kilifi', -3.2, 39.65],
  ['Tana River', -1.5, 39.55],
  ['Lamu', -2.1, 40.75],
  ['Taita-Taveta', -3.4, 38.4],
  ['Garissa', -0.5, 40.35],
  ['Wajir', 1.9, 40.0],
  ['Mandera', 3.4, 40.75],
  ['Marsabit', 2.95, 37.6],
  ['Isiolo', 1.05, 38.6],
  ['Meru', 0.15, 37.8],
  ['Tharaka-Nithi', -0.25, 37.9],
  ['Embu', -0.5, 37.65],
  ['Kitui', -1.6, 38.35],
  ['Machakos', -1.25, 37.35],
  ['Makueni', -2.2, 37.9],
  ['Nyandarua', -0.3, 36.5],
  ['Nyeri', -0.35, 36.95],
  ['Kirinyaga', -0.5, 37.3],
  ["Murang'a", -0.8, 37.0],
  ['Kiambu', -1.05, 36.85],
  ['Turkana', 3.35, 35.4],
  ['West Pokot', 1.75, 35.2],
  ['Samburu', 1.4, 36.95],
  ['Trans Nzoia', 1.05, 34.95],
  ['Uasin Gishu', 0.5, 35.3],
  ['Elgeyo-Marakwet', 0.8, 35.5],
  ['Nandi', 0.2, 35.15],
  ['Baringo', 0.7, 35.95],
  ['Laikipia', 0.3, 36.8],
  ['Nakuru', -0.5, 36.1],
  ['Narok', -1.3, 35.6],
  ['Kajiado', -2.1, 36.8],
  ['Kericho', -0.3, 35.3],
  ['Bomet', -0.75, 35.25],
  ['Kakamega', 0.4, 34.75],
  ['Vihiga', 0.05, 34.7],
  ['Bungoma', 0.75, 34.65],
  ['Busia', 0.4, 34.2],
  ['Siaya', -0.05, 34.2],
  ['Kisumu', -0.15, 34.8],
  ['Homa Bay', -0.6, 34.4],
  ['Migori', -1.0, 34.3],
  ['Kisii', -0.75, 34.75],
  ['Nyamira', -0.65, 34.95],
  ['Nairobi', -1.3, 36.85],
];

export const counties: readonly County[] = middles.map(([name, latitude, longitude], at) => ({
  ...{ code: at + 1, name, latitude, longitude },
}));

const plain = (text: string): string =>
  text
    .toLowerCase()
    .replace(/\b(county|city)\b/g, '')
    .replace(/[^a-z]/g, '');

/** By its name as people write it, or by its code. */
export function countyOf(typed: string): County | undefined {
  const text = typed.trim();
  if (/^\d{1,3}$/.test(text)) return counties.find(({ code }) => code === Number(text));
  const wanted = plain(text);
  return counties.find(({ name }) => plain(name) === wanted);
}

/** Names that begin alike, for who mistyped. */
export const countiesLike = (typed: string): string[] =>
  counties
    .map(({ name }) => name)
    .filter((name) => plain(name).startsWith(plain(typed).slice(0, 2)));
