/** Cuts the power where mounts are private: they are gone with this process. usage: power-cuts-program.ts WISH FOLDER */
import { type PowerCuts, powerCuts } from './power-cuts.ts';

const [, , wish = '{}', folder = ''] = process.argv;
// Nobody is left to hear the outcome.
process.once('disconnect', () => process.exit(1));
const outcome = await powerCuts(JSON.parse(wish) as PowerCuts, folder, (line) =>
  process.send?.({ line }),
);
process.send?.({ outcome }, () => process.disconnect());
