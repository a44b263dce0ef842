/** What a simulation or a replay tells: the same figures as text, as JSON and as a page. */
import { bands, type Kpis } from '../core/kpi.ts';
import { escaped } from './escaped.ts';
import type { Measured } from './measure.ts';
import { barPlot, linePlot } from './plots.ts';

export type Report = Measured & {
  readonly name: 'simulate' | 'replay';
  readonly options: Readonly<Record<string, string | number | boolean>>;
  /** Of a replay: what the hub itself recorded in these days. */
  readonly recorded?: Kpis;
};

export type Line = readonly [name: string, ...values: string[]];

const kwh = (wh: number): string => `${(wh / 1000).toFixed(1)} kWh`;
const kes = (cents: number): string => `KES ${(cents / 100).toFixed(2)}`;
const percent = (part: number): string => `${(100 * part).toFixed(1)} %`;

/** Name and value, in the order in which a person asks. */
export const kpiLines = (kpis: Kpis): Line[] => [
  ['households, days', `${kpis.households}, ${kpis.days}`],
  ['produced, used', `${kwh(kpis.producedWh)}, ${kwh(kpis.demandedWh)}`],
  ['imported, exported', `${kwh(kpis.importedWh)}, ${kwh(kpis.exportedWh)}`],
  ['own energy carried over', kwh(kpis.ownCarriedWh)],
  ['traded, given', `${kwh(kpis.tradedWh)}, ${kwh(kpis.giftWh)}`],
  ['self-sufficiency alone', percent(kpis.selfSufficiency)],
  ['self-sufficiency together', percent(kpis.selfSufficiencyCommunity)],
  ['self-consumption alone', percent(kpis.selfConsumption)],
  ['self-consumption together', percent(kpis.selfConsumptionCommunity)],
  ['imports covered by trades', percent(kpis.matchedShare)],
  ['surplus sold', percent(kpis.usedSurplus)],
  ['bills with Kenya Power only', kes(kpis.billBeforeCents)],
  ['bills with the hub', kes(kpis.billCents)],
  ['saved', `${kes(kpis.savedCents)}, by trades ${kes(kpis.savedByTradeCents)}`],
  ['sellers gain', kes(kpis.sellerGainCents)],
  ['efficiency of the market', percent(kpis.efficiency)],
  ['of the gain to sellers, to the hub', `${percent(kpis.sellersShare)}, ${kes(kpis.hubCents)}`],
  ['Gini of gains, share who gain', `${kpis.gini.toFixed(3)}, ${percent(kpis.gaining)}`],
  ['trades per household and day', kpis.tradesPerHouseholdDay.toFixed(2)],
  ['phone prompts per household and month', kpis.promptsPerHouseholdMonth.toFixed(1)],
];

export const bandHead: Line = ['band', 'households', 'bought', 'reached', 'bill', 'saved', 'saved'];
export const bandLines = (kpis: Kpis): Line[] =>
  bands.map((band) => {
    const { households, boughtWh, reached, billBeforeCents, savedCents } = kpis.bands[band];
    const share = billBeforeCents === 0 ? 0 : savedCents / billBeforeCents;
    return [
      ...([band, String(households), kwh(boughtWh), percent(reached)] as const),
      ...[kes(billBeforeCents), kes(savedCents), percent(share)],
    ];
  });

export const moneyLines = ({ money, away }: Measured): Line[] => [
  ['pushes, paid', `${money.prompts}, ${money.topups}`],
  ['payouts', String(money.payouts)],
  ['fees of households, of the hub', `${kes(money.payerFeesCents)}, ${kes(money.payoutFeesCents)}`],
  ['with M-Pesa and not yet in the books', kes(money.onTheWayCents)],
  ['power away', `${away.powerCuts} times, ${away.powerHours} h`],
  ['internet away', `${away.internetHours} h`],
];

/** Every one is 0, or something is wrong. */
export const checkLines = ({ checks }: Measured): Line[] =>
  Object.entries(checks).map(([name, value]) => [name, String(value)]);

export const holds = ({ checks }: Measured): boolean =>
  Object.values(checks).every((value) => value === 0);

/** One page that needs nothing else. */
export function pageOf(report: Report): string {
  const { kpis, perDay, options, name, recorded, lorenz } = report;
  const days = perDay.map(({ day }) => String(day));
  const inKwh = (of: (line: Measured['perDay'][number]) => number) =>
    perDay.map((line) => of(line) / 1000);
  const plots = [
    barPlot('Energy', 'kWh per day', days, [
      { name: 'imported', colour: '#8d99ae', values: inKwh((line) => line.importedWh) },
      { name: 'exported', colour: '#e9b44c', values: inKwh((line) => line.exportedWh) },
      { name: 'traded', colour: '#2a9d8f', values: inKwh((line) => line.tradedWh) },
    ]),
    linePlot('Community rate', 'KES per kWh', days, [
      {
        ...{ name: 'rate', colour: '#d1495b' },
        values: perDay.map(({ rateCentsPerKwh }) => rateCentsPerKwh / 100),
      },
    ]),
    barPlot('Bills', 'KES', bands, [
      {
        ...{ name: 'Kenya Power only', colour: '#8d99ae' },
        values: bands.map((band) => kpis.bands[band].billBeforeCents / 100),
      },
      {
        ...{ name: 'with the hub', colour: '#2a9d8f' },
        values: bands.map((band) => kpis.bands[band].billCents / 100),
      },
    ]),
    linePlot('Who gains', 'share of all gains, from those who gain least', tenths, [
      { name: 'shared alike', colour: '#cccccc', values: tenths.map((_, at) => at / 10) },
      { name: 'this market', colour: '#2a9d8f', values: lorenz },
    ]),
  ];
  const title = `Jirani ${name}: ${kpis.households} households, ${kpis.days} days`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escaped(title)}</title><style>${style}</style></head><body>
<h1>${escaped(title)}</h1>
<p>${escaped(
    Object.entries(options)
      .map(([key, value]) => `${key} ${value}`)
      .join(', '),
  )}</p>
${inTable(recorded === undefined ? kpiLines(kpis) : sideBySide(kpis, recorded))}
${plots.join('\n')}
<h2>By monthly use</h2>
${inTable([bandHead, ...bandLines(kpis)])}
<h2>Money</h2>
${inTable(moneyLines(report))}
<h2>Sums that must be 0</h2>
${inTable(checkLines(report))}
</body></html>
`;
}

/** What was recorded beside what would have been. */
export const sideBySide = (kpis: Kpis, recorded: Kpis): Line[] => {
  const before = kpiLines(recorded);
  return [
    ['', 'recorded', 'replayed'],
    ...kpiLines(kpis).map(([name, value = ''], at): Line => [name, before[at]?.[1] ?? '', value]),
  ];
};

const tenths = Array.from({ length: 11 }, (_, at) => `${at * 10} %`);

const inTable = (lines: readonly Line[]): string =>
  `<table>${lines
    .map((cells) => `<tr>${cells.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`)
    .join('')}</table>`;

const style = `body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem;color:#1d3557}
table{border-collapse:collapse;margin:1rem 0}td{padding:.2rem .8rem .2rem 0;border-bottom:1px solid #e5e5e5}
figure{margin:1.5rem 0}svg{width:100%;height:auto}.grid{stroke:#e5e5e5}text{font:11px system-ui,sans-serif;fill:#555}
.scale{text-anchor:end;dominant-baseline:middle}.label{text-anchor:middle}`;
