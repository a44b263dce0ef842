/** Ten minutes with a kettle and a plug-in meter. */
#include <doctest/doctest.h>

#include "bench.h"

using namespace jirani;

/** A bench whose calibration is 5 % off, with a clamp that is 150 microseconds late. */
static Bench aRoughMeter(uint64_t salt) {
  Bench bench(salt);
  bench.calibration.uvPerCode = bench.calibration.uvPerCode * 105 / 100;
  bench.calibration.grid.uaPerCode = bench.calibration.grid.uaPerCode * 95 / 100;
  bench.adc.lateSamples = 0.5 - 150e-6 * bench.adc.rateHz;
  return bench;
}

static void watch(Bench &bench, CalibrationRun &run, double seconds) {
  for (uint64_t n = static_cast<uint64_t>(seconds * bench.adc.rateHz); n > 0; n--)
    if (bench.step()) run.take(bench.meter.block(), bench.meter.rate().milliHz());
}

/** A minute without current, then a kettle of 2 kW. */
static CalibrationOutcome calibrate(Bench &bench, Calibration &found, double loadSeconds = 90) {
  bench.begin();
  bench.mains.currentA = 0;
  bench.runSeconds(2);
  CalibrationRun run;
  run.beginQuiet();
  watch(bench, run, 40);
  bench.mains.currentA = 2'000 / bench.mains.voltageV;
  bench.runSeconds(2);
  run.beginLoad(static_cast<uint32_t>(lround(bench.mains.voltageV * 1e3)), 2'000'000);
  watch(bench, run, loadSeconds);
  return run.finish(found);
}

TEST_CASE("a kettle of known watts brings gains, phase and noise within 0.1 %, also at power factor 0.5") {
  for (const double rateHz : {10'000.0, 8'192.0}) {
    Bench bench = aRoughMeter(200);
    bench.adc.rateHz = rateHz;
    bench.adc.lateSamples = 0.5 - 150e-6 * rateHz;
    bench.mains.voltageV = 236;
    Calibration found = bench.calibration;
    REQUIRE(calibrate(bench, found) == CalibrationOutcome::done);
    CHECK(fabs(found.uvPerCode / (benchVoltsPerCode * 1e6) - 1) < 0.0005);
    CHECK(fabs(found.grid.uaPerCode / (benchAmpsPerCode * 1e6) - 1) < 0.001);
    CHECK(abs(found.grid.lagNs - 150'000) < 2'000);
    CHECK(found.grid.noiseQ8 > 100);
    CHECK(found.grid.noiseQ8 < 200);

    Bench used = aRoughMeter(201);
    used.adc = bench.adc;
    used.calibration = found;
    used.mains.currentA = 20;
    used.mains.lagTurns = 1.0 / 6;
    CHECK(fabs(used.measure(20).energyErrorPercent) < 0.2);
  }
}

TEST_CASE("an uncalibrated meter is far off, so the test above would see a calibration that does nothing") {
  Bench bench = aRoughMeter(202);
  bench.mains.currentA = 20;
  bench.mains.lagTurns = 1.0 / 6;
  CHECK(fabs(bench.measure(10).energyErrorPercent) > 3);
}

TEST_CASE("a calibration says what is wrong instead of writing nonsense") {
  Bench hasty = aRoughMeter(203);
  Calibration found = hasty.calibration;
  CHECK(calibrate(hasty, found, 20) == CalibrationOutcome::needsMoreTime);

  Bench turned = aRoughMeter(204);
  turned.mains.lagTurns = 0.5;
  CHECK(calibrate(turned, found) == CalibrationOutcome::wrongPhase);

  Bench otherPhase = aRoughMeter(205);
  otherPhase.mains.lagTurns = 1.0 / 3;
  CHECK(calibrate(otherPhase, found) == CalibrationOutcome::wrongPhase);

  Bench steady = aRoughMeter(206);
  CalibrationRun lamp;
  steady.begin();
  steady.mains.currentA = 0;
  steady.runSeconds(2);
  lamp.beginQuiet();
  watch(steady, lamp, 40);
  steady.mains.currentA = 0.3;
  lamp.beginLoad(230'000, 69'000);
  watch(steady, lamp, 90);
  CHECK(lamp.finish(found) == CalibrationOutcome::tooLittleLoad);

  lamp.beginLoad(230'000, 2'000'000);
  steady.mains.currentA = 8;
  watch(steady, lamp, 45);
  steady.mains.currentA = 9;
  watch(steady, lamp, 45);
  CHECK(lamp.finish(found) == CalibrationOutcome::unsteady);

  lamp.beginLoad(230'000, 2'000'000);
  steady.mains.currentA = 130;
  watch(steady, lamp, 65);
  CHECK(lamp.finish(found) == CalibrationOutcome::clipped);

  CHECK(found.uvPerCode == hasty.calibration.uvPerCode);
  CHECK(found.grid.lagNs == 0);
}

TEST_CASE("a trim from the hub changes gains by millionths and lag by nanoseconds, and refuses what is absurd") {
  Calibration calibration = aCalibration();
  calibration.uvPerCode = 200'000;
  calibration.grid.uaPerCode = 80'000;
  CHECK(calibration.trim(5'000, -12'500, 40'000));
  CHECK(calibration.uvPerCode == 201'000);
  CHECK(calibration.grid.uaPerCode == 79'000);
  CHECK(calibration.grid.lagNs == 40'000);
  CHECK_FALSE(calibration.trim(-1'000'000, 0, 0));
  CHECK_FALSE(calibration.trim(0, INT32_MIN, 0));
  CHECK_FALSE(calibration.trim(0, INT32_MAX, 0));
  CHECK_FALSE(calibration.trim(0, 0, INT32_MAX));
  CHECK(calibration.uvPerCode == 201'000);
  CHECK(calibration.grid.lagNs == 40'000);
  calibration.uvPerCode = 2'000'000;
  CHECK_FALSE(calibration.trim(INT32_MAX, 0, 0));
}
