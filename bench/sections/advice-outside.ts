/** What is lost when the weather, then the language model, then the internet is taken away. */
import { quantileRule } from '../../gateway/core/policy/policies.ts';
import { centsWithModel } from '../advice/model.ts';
import { type Player, play, type SunAhead, shareOf, withoutWeather } from '../advice/play.ts';
import { neighbourhood, type Truth } from '../advice/truth.ts';
import { aForecast } from '../advice/weather.ts';
import { atMost, type Section } from '../results.ts';
import { breathe, housesPerSeed, meanOf, seedsOf } from './advice-policy.ts';

const days = 60;
const daysLearned = 7;
const seedsQuickly = 1;
const housesQuickly = 6;
const pointsLostMost = 5;

const centsOf = ({ houses }: Truth, player: Player, sunAhead: SunAhead): number =>
  houses.reduce((sum, house) => sum + play(house, player, daysLearned, sunAhead), 0);

/** The weather has the errors of a real one; the model decides only on days that it has earned. */
export const outside: Section = async ({ quick, say, isLate }) => {
  const seeds = seedsOf(quick).slice(0, quick ? seedsQuickly : undefined);
  const shares: Record<'all' | 'noWeather' | 'noModel' | 'nothing', number[]> = {
    ...{ all: [], noWeather: [], noModel: [], nothing: [] },
  };
  for (const seed of seeds) {
    if (shares.all.length > 0 && isLate()) break;
    await breathe();
    const truth = neighbourhood(seed, quick ? housesQuickly : housesPerSeed, days);
    const sky = aForecast(truth, seed);
    const [base, best] = (['sell at once', 'best'] as const).map((player) =>
      centsOf(truth, player, withoutWeather),
    ) as [number, number];
    const share = (cents: number) => shareOf(cents, base, best);
    const with_ = (ahead: SunAhead) =>
      share(centsWithModel(truth, quantileRule, daysLearned, ahead, seed));
    shares.all.push(with_(sky));
    shares.noWeather.push(with_(withoutWeather));
    shares.noModel.push(share(centsOf(truth, quantileRule, sky)));
    shares.nothing.push(share(centsOf(truth, quantileRule, withoutWeather)));
    const told = Object.entries(shares).map(([name, of]) => `${name} ${of.at(-1)?.toFixed(1)}`);
    say(`outside, seed ${seed}: ${told.join(', ')}`);
  }
  const [all, noWeather, noModel, nothing] = [
    ...[shares.all, shares.noWeather, shares.noModel, shares.nothing].map(meanOf),
  ] as [number, number, number, number];
  return {
    figures: {
      'outside: share with weather and model, percent': all,
      'outside: share with nothing from outside, percent': nothing,
    },
    bars: [
      atMost('outside: lost without weather', all - noWeather, 'points', pointsLostMost),
      atMost('outside: lost without the model', all - noModel, 'points', pointsLostMost),
      atMost('outside: lost without internet', all - nothing, 'points', pointsLostMost),
    ],
  };
};
