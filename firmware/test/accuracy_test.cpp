/** The accuracy table: errors of the software on synthetic signals, nothing else. */
#include <doctest/doctest.h>

#include "bench.h"

using namespace jirani;

constexpr double allowedPercent = 0.1;

struct Row {
  const char *name;
  double percentOfScale;
  double lagTurns;
  void (*change)(Bench &);
  /** A weak signal needs longer until its noise has averaged out. */
  double seconds;
};

static void nothing(Bench &) {}
static void thirdHarmonic(Bench &bench) {
  bench.mains.harmonics[0] = {3, 0.05, 0.6};
  bench.mains.harmonicCount = 1;
}
static void fifthHarmonic(Bench &bench) {
  bench.mains.harmonics[0] = {5, 0.1, 0.4};
  bench.mains.harmonicCount = 1;
}
static void manyHarmonics(Bench &bench) {
  bench.mains.harmonics[0] = {3, 0.05, 0.5};
  bench.mains.harmonics[1] = {5, 0.06, 0.3};
  bench.mains.harmonics[2] = {7, 0.05, 0.2};
  bench.mains.harmonics[3] = {11, 0.03, 0.1};
  bench.mains.harmonicCount = 4;
}
static void offset(Bench &bench) {
  bench.mains.voltageDcV = diceBetween(&bench.dice, -40, 40);
  bench.mains.currentDcA = diceBetween(&bench.dice, -12, 12);
}
static void slow(Bench &bench) {
  bench.mains.frequencyHz = diceBetween(&bench.dice, 45.1, 47);
}
static void fast(Bench &bench) {
  bench.mains.frequencyHz = diceBetween(&bench.dice, 53, 55);
}
static void noNoise(Bench &bench) {
  bench.adc.noiseCodes = 0;
}
static void noisy(Bench &bench) {
  bench.adc.noiseCodes = 3;
}
static void veryNoisy(Bench &bench) {
  bench.adc.noiseCodes = 10;
}
static void lateClamp(Bench &bench) {
  // 3 degrees at 50 Hz, as cheap clamps have.
  bench.calibration.grid.lagNs = 166'667;
  bench.adc.lateSamples = 0.5 - 166.667e-6 * bench.adc.rateHz;
}
static void bent(Bench &bench) {
  bench.adc.bend = 1;
  int32_t knots[curveKnots];
  for (int knot = 0; knot < curveKnots; knot++) {
    double low = 0;
    double high = 5'000;
    for (int halving = 0; halving < 50; halving++) {
      const double middle = (low + high) / 2;
      (adcBent(&bench.adc, middle) < knot * 64 ? low : high) = middle;
    }
    knots[knot] = static_cast<int32_t>(lround(low * partsPerCode));
  }
  REQUIRE(bench.meter.voltageCurve().setKnots(knots));
  REQUIRE(bench.meter.currentCurve().setKnots(knots));
}

constexpr double lag = 1.0 / 6;
constexpr double lead = -1.0 / 6;
constexpr double backwards = 0.5;

static const Row table[] = {
    {"power factor 1", 100, 0, nothing, 10},
    {"power factor 1", 10, 0, nothing, 10},
    {"power factor 1", 5, 0, nothing, 10},
    {"power factor 1", 2, 0, nothing, 20},
    {"power factor 1", 1, 0, nothing, 30},
    {"power factor 1", 0.4, 0, nothing, 120},
    {"power factor 0.5 lagging", 100, lag, nothing, 10},
    {"power factor 0.5 lagging", 10, lag, nothing, 10},
    {"power factor 0.5 lagging", 2, lag, nothing, 30},
    {"power factor 0.5 lagging", 0.4, lag, nothing, 240},
    {"power factor 0.5 leading", 100, lead, nothing, 10},
    {"power factor 0.5 leading", 10, lead, nothing, 10},
    {"power factor 0.5 leading", 2, lead, nothing, 30},
    {"power factor 0.5 leading", 0.4, lead, nothing, 240},
    {"export", 100, backwards, nothing, 10},
    {"export", 5, backwards, nothing, 10},
    {"45 Hz, power factor 0.5 lagging", 20, lag, slow, 10},
    {"55 Hz, power factor 0.5 leading", 20, lead, fast, 10},
    {"3rd harmonic, 5 % and 60 %", 40, 0.1, thirdHarmonic, 10},
    {"5th harmonic, 10 % and 40 %", 50, 0, fifthHarmonic, 10},
    {"3rd, 5th, 7th and 11th harmonic", 30, 0, manyHarmonics, 10},
    {"offset of 40 V and 12 A", 20, 0, offset, 10},
    {"without noise", 5, 0, noNoise, 10},
    {"noise of 3 codes", 5, 0, noisy, 30},
    {"noise of 10 codes", 5, 0, veryNoisy, 120},
    {"clamp 3 degrees late, power factor 0.5", 20, lag, lateClamp, 10},
    {"bent ADC with its curve", 100, 0, bent, 10},
    {"bent ADC with its curve", 20, 0, bent, 10},
    {"bent ADC with its curve", 5, 0, bent, 20},
};

static Outcome play(const Row &row, uint64_t salt) {
  Bench bench(salt);
  bench.mains.frequencyHz = diceBetween(&bench.dice, 48, 52);
  bench.mains.voltageV = diceBetween(&bench.dice, 210, 245);
  bench.mains.phaseTurns = diceBetween(&bench.dice, 0, 1);
  bench.mains.currentA = fullScaleA * row.percentOfScale / 100 * diceBetween(&bench.dice, 0.97, 1.03);
  bench.mains.lagTurns = row.lagTurns;
  row.change(bench);
  return bench.measure(row.seconds);
}

TEST_CASE("2: energy is within 0.1 % from 0.4 % to 100 % of scale, whatever the power factor, harmonics and noise") {
  const uint64_t rounds = isFullRun() ? 20 : 1;
  for (uint64_t round = 0; round < rounds; round++) {
    uint64_t salt = round * 1'000;
    for (const Row &row : table) {
      const Outcome outcome = play(row, salt++);
      printf("%-42s %5.1f %%  %+8.4f %%\n", row.name, row.percentOfScale, outcome.energyErrorPercent);
      INFO(row.name << " at " << row.percentOfScale << " %, seed " << benchSeed() << ", salt " << salt - 1);
      CHECK(fabs(outcome.energyErrorPercent) <= allowedPercent);
      CHECK((outcome.flags & ~flagSag) == 0);
      CHECK((row.lagTurns == backwards ? outcome.importJ : outcome.exportJ) == 0);
    }
  }
}

TEST_CASE("2: a bent ADC without its curve is far off, so the table above would see a missing curve") {
  Bench bench(50);
  bench.adc.bend = 1;
  CHECK(bench.measure(5).energyErrorPercent > 1);
}

TEST_CASE("2: every clipped sample is counted and flagged, and no block without one") {
  Bench bench(51);
  bench.mains.currentA = 140;
  const Outcome over = bench.measure(5);
  CHECK((over.flags & flagClip) != 0);
  // Peaks above 1 / (1.4 / 1.24) of the amplitude are cut: about a third of each cycle.
  CHECK(over.clipped > 5 * 10'000 / 5);
  CHECK(over.energyErrorPercent < -1);

  Bench within(52);
  within.mains.currentA = 100;
  const Outcome calm = within.measure(5);
  CHECK((calm.flags & flagClip) == 0);
  CHECK(calm.clipped == 0);
}

TEST_CASE("3: a sample clock that is 18 % off changes energy by at most 0.02 %") {
  for (const double lagTurns : {0.0, lag, lead}) {
    double errors[2];
    int place = 0;
    for (const double rateHz : {10'000.0, 8'192.0}) {
      Bench bench(60);
      bench.adc.rateHz = rateHz;
      bench.adc.noiseCodes = 0.3;
      bench.mains.lagTurns = lagTurns;
      bench.mains.currentA = 60;
      const Outcome outcome = bench.measure(40);
      CHECK(outcome.flags == 0);
      CHECK(outcome.last.frequencyMhz >= 49'990);
      CHECK(outcome.last.frequencyMhz <= 50'010);
      errors[place++] = outcome.energyErrorPercent;
    }
    printf("clock 18 %% off, lag of %+.3f turns: %+.4f %% becomes %+.4f %%\n", lagTurns, errors[0], errors[1]);
    CHECK(fabs(errors[1] - errors[0]) <= 0.02);
  }
}

TEST_CASE("2: volts, amperes, hertz and power factor of a reading are near the truth down to 0.4 % of scale") {
  for (const double percent : {100.0, 5.0, 0.4}) {
    Bench bench(70);
    bench.mains.currentA = percent;
    bench.mains.lagTurns = lag;
    bench.mains.frequencyHz = 50.37;
    bench.jitterUs = 0;
    // 0.7 codes rms and a twelfth for the steps of the ADC: (0.49 + 0.083) * 256.
    bench.calibration.grid.noiseQ8 = 147;
    bench.calibration.voltageNoiseQ8 = 147;
    const Measurement last = bench.measure(10).last;
    CHECK(fabs(last.voltageMv / 230e3 - 1) < 0.001);
    CHECK(fabs(last.currentMa / (percent * 1e3) - 1) < 0.005);
    // Crossings are interpolated: a whole sample would be 5 mHz.
    CHECK(last.frequencyMhz >= 50'369);
    CHECK(last.frequencyMhz <= 50'371);
    CHECK(last.powerFactorPermille >= 490);
    CHECK(last.powerFactorPermille <= 510);
  }
}
