/** A metering chip as its data sheet tells of it. */
#include <doctest/doctest.h>

#include <map>

#include "jirani/ade7953.h"
#include "jirani/kept.h"
#include "jirani/pair_assembler.h"

using namespace jirani;

namespace {

/** 44 uV and 12 uA a count, 0.19 J a count of energy: of the order of a real board. */
Ade7953Scale aScale() {
  Ade7953Scale scale;
  scale.nvPerCount = 44'000;
  scale.naPerCount = 12'000;
  scale.njPerCount = 190'000'000;
  return scale;
}

struct SimChip final : AdeBus {
  bool read(AdeRegister which, uint32_t &value) override {
    if (isDumb || which == dumbAt) return false;
    value = registers[which];
    // Bit 6 of the mode: reading takes the energy away.
    if (which == AdeRegister::energyA || which == AdeRegister::energyB)
      if ((registers[AdeRegister::lineCycleMode] & 0x40) != 0) registers[which] = 0;
    return true;
  }
  bool write(AdeRegister which, uint32_t value) override {
    if (isDumb) return false;
    if (which == AdeRegister::required && last != AdeRegister::unlock) return true;
    registers[which] = value;
    last = which;
    return true;
  }
  /** A second of so many watts at 230 V and 50 Hz. */
  void pass(double watts, double madeWatts = 0) {
    energyA += watts / 0.19;
    energyB += madeWatts / 0.19;
    count(AdeRegister::energyA, energyA);
    count(AdeRegister::energyB, energyB);
    registers[AdeRegister::rmsVoltage] = static_cast<uint32_t>(230 / 44e-6);
    registers[AdeRegister::rmsCurrentA] = static_cast<uint32_t>((watts < 0 ? -watts : watts) / 230 / 12e-6);
    registers[AdeRegister::period] = 4'474;
    nowUs += 1'000'000;
  }
  void count(AdeRegister which, double &energy) {
    const int32_t whole = static_cast<int32_t>(energy);
    energy -= whole;
    registers[which] = static_cast<uint32_t>(static_cast<int32_t>(registers[which]) + whole);
  }

  std::map<AdeRegister, uint32_t> registers{{AdeRegister::version, 7}, {AdeRegister::energyA, 12'345}};
  AdeRegister last = AdeRegister::version, dumbAt = AdeRegister::unlock;
  bool isDumb = false;
  double energyA = 0, energyB = 0;
  uint64_t nowUs = 5'000'000;
};

struct Board {
  Board() { meter.begin(Calibration{}, Checkpoint{}); }
  double importWs() const { return static_cast<double>(meter.registers().totals().importUj) / 1e6; }
  SimChip chip;
  Ade7953 ade{chip, true};
  Metering meter;
};

}  // namespace

TEST_CASE("registers are as wide as the chip has them") {
  CHECK(adeBytesOf(AdeRegister::lineCycleMode) == 1);
  CHECK(adeBytesOf(AdeRegister::version) == 1);
  CHECK(adeBytesOf(AdeRegister::unlock) == 1);
  CHECK(adeBytesOf(AdeRegister::required) == 2);
  CHECK(adeBytesOf(AdeRegister::period) == 2);
  CHECK(adeBytesOf(AdeRegister::energyA) == 4);
}

TEST_CASE("the chip is set up as its maker asks, and what it counted before is not anybody's") {
  Board board;
  REQUIRE(board.ade.begin(aScale(), board.chip.nowUs));
  CHECK(board.chip.registers[AdeRegister::required] == 0x30);
  CHECK(board.chip.registers[AdeRegister::lineCycleMode] == 0x40);
  CHECK(board.chip.registers[AdeRegister::energyA] == 0);
  board.chip.isDumb = true;
  CHECK_FALSE(board.ade.begin(aScale(), board.chip.nowUs));
}

TEST_CASE("an hour of 1 kW in and 400 W out, with what the roof made") {
  Board board;
  REQUIRE(board.ade.begin(aScale(), board.chip.nowUs));
  for (int k = 0; k < 3'600; k++) {
    board.chip.pass(k % 2 == 0 ? 1'000 : -400, 1'500);
    REQUIRE(board.ade.feed(board.meter, board.chip.nowUs));
  }
  const EnergyTotals sum = board.meter.registers().totals();
  CHECK(static_cast<double>(sum.importUj) / 1e6 == doctest::Approx(1'800 * 1'000).epsilon(0.001));
  CHECK(static_cast<double>(sum.exportUj) / 1e6 == doctest::Approx(1'800 * 400).epsilon(0.001));
  CHECK(static_cast<double>(sum.generationUj) / 1e6 == doctest::Approx(3'600 * 1'500).epsilon(0.001));
  CHECK(board.meter.last().voltageMv == doctest::Approx(230'000).epsilon(0.001));
  CHECK(board.meter.last().currentMa == doctest::Approx(400 * 1'000 / 230).epsilon(0.002));
  CHECK(board.meter.last().frequencyMhz == 50'000);
  CHECK(board.meter.takeFlags() == 0);
}

TEST_CASE("a bus that fails for a while loses no energy, whichever register it fails at") {
  for (const AdeRegister dumb : {AdeRegister::period, AdeRegister::energyB, AdeRegister::energyA}) {
    Board board;
    REQUIRE(board.ade.begin(aScale(), board.chip.nowUs));
    for (int k = 0; k < 40; k++) {
      board.chip.dumbAt = k >= 10 && k < 30 ? dumb : AdeRegister::unlock;
      board.chip.pass(2'000, 700);
      CHECK(board.ade.feed(board.meter, board.chip.nowUs) == (k < 10 || k >= 30));
    }
    CHECK(board.importWs() == doctest::Approx(80'000).epsilon(0.001));
    CHECK(static_cast<double>(board.meter.registers().totals().generationUj) / 1e6 ==
          doctest::Approx(28'000).epsilon(0.001));
  }
}

TEST_CASE("noise is not counted, a chip without a scale neither, and a register near its end is doubted") {
  Board board;
  REQUIRE(board.ade.begin(aScale(), board.chip.nowUs));
  board.chip.pass(1.5);
  REQUIRE(board.ade.feed(board.meter, board.chip.nowUs));
  CHECK(board.importWs() == 0);
  board.chip.registers[AdeRegister::energyA] = 0x7f0000;
  board.chip.pass(0);
  board.ade.feed(board.meter, board.chip.nowUs);
  CHECK((board.meter.takeFlags() & (flagClip | flagFault)) != 0);
  board.ade.setScale(Ade7953Scale{});
  const double before = board.importWs();
  board.chip.pass(1'000);
  CHECK(board.ade.feed(board.meter, board.chip.nowUs));
  CHECK(board.importWs() == before);
  CHECK((board.meter.takeFlags() & flagFault) != 0);
}

TEST_CASE("a kettle tells what the counts are worth, and a wrong kettle nothing") {
  const auto run = [](double watts, double change, int looks, Ade7953Scale &found) {
    SimChip chip;
    Ade7953 ade(chip, false);
    Metering meter;
    meter.begin(Calibration{}, Checkpoint{});
    REQUIRE(ade.begin(aScale(), chip.nowUs));
    Ade7953Run kettle;
    kettle.begin(230'000, static_cast<uint32_t>(2'000'000));
    for (int k = 0; k < looks; k++) {
      chip.pass(watts + (k % 2 == 0 ? change : 0));
      ade.feed(meter, chip.nowUs);
      kettle.take(ade.counts(), 1'000'000);
    }
    return kettle.finish(found);
  };
  Ade7953Scale found;
  CHECK(run(2'000, 0, 59, found) == CalibrationOutcome::needsMoreTime);
  CHECK(run(-2'000, 0, 60, found) == CalibrationOutcome::wrongPhase);
  CHECK(run(2'000, 200, 60, found) == CalibrationOutcome::unsteady);
  CHECK(run(5, 0, 60, found) == CalibrationOutcome::tooLittleLoad);
  CHECK(found.njPerCount == 0);
  REQUIRE(run(2'000, 0, 60, found) == CalibrationOutcome::done);
  CHECK(found.njPerCount == doctest::Approx(190'000'000).epsilon(0.0005));
  CHECK(found.nvPerCount == doctest::Approx(44'000).epsilon(0.0005));
  CHECK(found.naPerCount == doctest::Approx(12'000).epsilon(0.0005));
}

TEST_CASE("the hub's small corrections move the gains, and absurd ones nothing") {
  Ade7953Scale scale = aScale();
  REQUIRE(scale.trim(10'000, -5'000, 2'000));
  CHECK(scale.nvPerCount == 44'440);
  CHECK(scale.naPerCount == 11'940);
  CHECK(scale.njPerCount == doctest::Approx(190'000'000 * 1.01 * 0.995).epsilon(1e-6));
  CHECK(scale.lagNs == 2'000);
  CHECK_FALSE(scale.trim(0, 0, 500'000));
  CHECK_FALSE(scale.trim(-1'000'000, 0, 0));
  CHECK(scale.nvPerCount == 44'440);
  CHECK(phaseRegisterOf(0) == 0);
  CHECK(phaseRegisterOf(-11'170) == 10);
  CHECK(phaseRegisterOf(11'170) == (0x200 | 10));
  CHECK(phaseRegisterOf(-900'000) == 383);
}

TEST_CASE("calibrations come back from their bytes; torn ones, and those of no sensor, do not") {
  Calibration kept;
  kept.uvPerCode = 250'000;
  kept.grid = {48'000, -250, -120'000, 77};
  kept.generation = {24'000, 1'000, 5'000, 3};
  kept.number = 4;
  kept.madeAt = 1'795'431'446;
  uint8_t bytes[keptCalibrationBytes];
  packCalibration(kept, bytes);
  Calibration back;
  REQUIRE(unpackCalibration(bytes, sizeof bytes, back));
  CHECK(back.uvPerCode == 250'000);
  CHECK(back.grid.lateMillisamples == -250);
  CHECK(back.grid.lagNs == -120'000);
  CHECK(back.generation.uaPerCode == 24'000);
  CHECK(back.generation.noiseQ8 == 3);
  CHECK(back.madeAt == 1'795'431'446);
  for (size_t at = 0; at < sizeof bytes; at++) {
    bytes[at] ^= 1;
    CHECK_FALSE(unpackCalibration(bytes, sizeof bytes, back));
    bytes[at] ^= 1;
  }
  CHECK_FALSE(unpackCalibration(bytes, sizeof bytes - 1, back));
  kept.uvPerCode = 1;
  packCalibration(kept, bytes);
  CHECK_FALSE(unpackCalibration(bytes, sizeof bytes, back));

  uint8_t scaleBytes[keptScaleBytes];
  Ade7953Scale keptScale = aScale();
  keptScale.madeAt = 1'795'431'446;
  packScale(keptScale, scaleBytes);
  Ade7953Scale scale;
  REQUIRE(unpackScale(scaleBytes, sizeof scaleBytes, scale));
  CHECK(scale.njPerCount == 190'000'000);
  CHECK(scale.madeAt == 1'795'431'446);
  scaleBytes[3] ^= 4;
  CHECK_FALSE(unpackScale(scaleBytes, sizeof scaleBytes, scale));
  packScale(Ade7953Scale{}, scaleBytes);
  CHECK_FALSE(unpackScale(scaleBytes, sizeof scaleBytes, scale));
}

TEST_CASE("what the keeper's computer wrote into the handover ends where nothing was written") {
  const uint8_t text[] = {'a', '\n', 0xff, 'b'};
  CHECK(handoverLength(text, 4) == 2);
  CHECK(handoverLength(text, 2) == 2);
  const uint8_t empty[] = {0xff};
  CHECK(handoverLength(empty, 1) == 0);
}

TEST_CASE("moments are made of conversions in any order, and one with a hole is dropped whole") {
  PairAssembler three;
  CHECK_FALSE(three.add(Channel::current, 20));
  CHECK_FALSE(three.add(Channel::voltage, 10));
  REQUIRE(three.add(Channel::generation, 30));
  CHECK(three.pair().voltage == 10);
  CHECK(three.pair().current == 20);
  CHECK(three.pair().generation == 30);
  CHECK_FALSE(three.add(Channel::voltage, 11));
  CHECK_FALSE(three.add(Channel::voltage, 12));
  CHECK(three.torn() == 1);
  CHECK_FALSE(three.add(Channel::current, 21));
  REQUIRE(three.add(Channel::generation, 31));
  CHECK(three.pair().voltage == 12);
  PairAssembler two(false);
  CHECK_FALSE(two.add(Channel::generation, 1));
  CHECK_FALSE(two.add(Channel::voltage, 2));
  CHECK(two.add(Channel::current, 3));
}
