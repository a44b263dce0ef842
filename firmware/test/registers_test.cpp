/** Registers that grow, for a year and over restarts. */
#include <doctest/doctest.h>

#include "bench.h"

using namespace jirani;

constexpr int64_t secondsOfYear = 365 * 24 * 3'600;

/** A second on the metering chip. */
static Increment aSecond(int64_t importNj, int64_t exportNj, int64_t generationNj = 0) {
  Increment said;
  said.energy = {importNj, exportNj, generationNj};
  said.durationUs = 1'000'000;
  said.voltageMv = 230'000;
  said.frequencyMhz = 50'000;
  return said;
}

static uint64_t mwh(uint64_t uj) {
  return uj / microJoulesPerMwh;
}

TEST_CASE("4: a simulated year of seconds is exact to 1 mWh in every register") {
  Metering meter;
  meter.begin(aCalibration(), {});
  // Whole numbers of nanojoules beyond any 64 bits would do; a year of them needs 55.
  unsigned __int128 importNj = 0;
  unsigned __int128 exportNj = 0;
  unsigned __int128 generationNj = 0;
  for (int64_t second = 0; second < secondsOfYear; second++) {
    const int64_t energyNj = 300'123'456'789 + second % 7 * 13'370'000'001;
    const bool sells = second % 3 == 0;
    const Increment said = aSecond(sells ? 0 : energyNj, sells ? energyNj : 0, energyNj / 5);
    if (!meter.increment(said)) FAIL("a second was refused");
    importNj += static_cast<uint64_t>(said.energy.importNj);
    exportNj += static_cast<uint64_t>(said.energy.exportNj);
    generationNj += static_cast<uint64_t>(said.energy.generationNj);
  }
  const EnergyTotals totals = meter.registers().totals();
  CHECK(totals.importUj == static_cast<uint64_t>(importNj / 1'000));
  CHECK(mwh(totals.importUj) == static_cast<uint64_t>(importNj / 1'000 / microJoulesPerMwh));
  CHECK(mwh(totals.exportUj) == static_cast<uint64_t>(exportNj / 1'000 / microJoulesPerMwh));
  CHECK(mwh(totals.generationUj) == static_cast<uint64_t>(generationNj / 1'000 / microJoulesPerMwh));
  CHECK(mwh(totals.importUj) > 1'000'000'000);
}

TEST_CASE("4: selling never pays back what was bought: registers are not netted") {
  Bench bench(1);
  bench.begin();
  bench.runSeconds(10);
  const EnergyTotals bought = bench.meter.registers().totals();
  CHECK(bought.importUj > 0);
  CHECK(bought.exportUj == 0);
  EnergyTotals before = bought;
  bench.mains.lagTurns = 0.5;
  for (int second = 0; second < 10; second++) {
    bench.runSeconds(1);
    const EnergyTotals now = bench.meter.registers().totals();
    CHECK(now.importUj >= before.importUj);
    CHECK(now.exportUj >= before.exportUj);
    before = now;
  }
  CHECK(before.exportUj > 0);

  Metering chip;
  chip.begin(aCalibration(), {});
  CHECK(chip.increment(aSecond(5'000'000, 3'000'000)));
  CHECK(chip.registers().totals().importUj == 5'000);
  CHECK(chip.registers().totals().exportUj == 3'000);
}

TEST_CASE("importing counts in the import register only, exporting in the export register only") {
  Bench buys(2);
  const Outcome bought = buys.measure(3);
  CHECK(bought.importJ > 0);
  CHECK(bought.exportJ == 0);
  CHECK(bought.last.powerMw > 0);

  Bench sells(3);
  sells.mains.lagTurns = 0.5;
  const Outcome sold = sells.measure(3);
  CHECK(sold.importJ == 0);
  CHECK(sold.exportJ > 0);
  CHECK(sold.last.powerMw < 0);
}

TEST_CASE("4: a restart at any second loses at most what came after the last checkpoint, and never falls below it") {
  Checkpoint stored{};
  uint64_t importUj = 0;
  Dice dice{benchSeed()};
  for (int life = 0; life < 200; life++) {
    Metering meter;
    meter.begin(aCalibration(), stored);
    CHECK(meter.registers().totals().importUj == stored.energy.importUj);
    const uint32_t seconds = diceNext(&dice) % 180;
    for (uint32_t second = 0; second < seconds; second++) {
      CHECK(meter.increment(aSecond(1'234'567'891, 0)));
      if (second % 60 == 59) stored = meter.checkpoint();
    }
    const uint64_t lostUj = meter.registers().totals().importUj - stored.energy.importUj;
    CHECK(lostUj <= 60 * 1'234'568);
    CHECK(stored.energy.importUj >= importUj);
    importUj = stored.energy.importUj;
  }
}

TEST_CASE("a register refuses to fall, whoever asks") {
  Register energy;
  CHECK(energy.add(7'200'000'000));
  CHECK(energy.milliwattHours() == 2);
  CHECK_FALSE(energy.add(-1));
  energy.raiseTo(1);
  CHECK(energy.microjoules() == 7'200'000);
  energy.raiseTo(7'200'001);
  CHECK(energy.microjoules() == 7'200'001);

  Registers all;
  CHECK_FALSE(all.add({1'000, -1, 0}));
  CHECK(all.totals().importUj == 0);
}

TEST_CASE("nanojoules below a microjoule are kept until they make one") {
  Register energy;
  for (int part = 0; part < 999; part++) CHECK(energy.add(1));
  CHECK(energy.microjoules() == 0);
  CHECK(energy.add(1));
  CHECK(energy.microjoules() == 1);
}

TEST_CASE("what a broken line says of a metering chip is a fault, not energy") {
  Metering meter;
  meter.begin(aCalibration(), {});
  Increment tooMuch = aSecond(100'000'000'000'001, 0);
  CHECK_FALSE(meter.increment(tooMuch));
  CHECK((meter.takeFlags() & flagFault) != 0);
  CHECK_FALSE(meter.increment(aSecond(-1, 0)));
  Increment noTime = aSecond(0, 0);
  noTime.durationUs = 0;
  CHECK_FALSE(meter.increment(noTime));
  Increment noMains = aSecond(1'000, 0);
  noMains.voltageMv = 3'000;
  CHECK_FALSE(meter.increment(noMains));
  CHECK((meter.takeFlags() & flagNoMains) != 0);
  CHECK(meter.registers().totals().importUj == 0);
  CHECK(meter.increment(aSecond(100'000'000'000'000, 0)));
  CHECK(meter.takeFlags() == 0);
}
