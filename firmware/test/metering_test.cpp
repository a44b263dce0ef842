/** What the meter does when the mains, the ADC or somebody's hand is not as it should be. */
#include <doctest/doctest.h>

#include "bench.h"

using namespace jirani;

static EnergyTotals totalsOf(const Bench &bench) {
  return bench.meter.registers().totals();
}

TEST_CASE("noise around no current creeps into no register") {
  Bench bench(100);
  bench.mains.currentA = 0;
  bench.begin();
  bench.runSeconds(60);
  CHECK(totalsOf(bench).importUj == 0);
  CHECK(totalsOf(bench).exportUj == 0);
  CHECK(bench.meter.last().powerMw == 0);
}

TEST_CASE("a load just above the creep threshold is counted, one below is not") {
  for (const double watts : {1.0, 4.0}) {
    Bench bench(101);
    bench.mains.currentA = watts / bench.mains.voltageV;
    bench.begin();
    bench.runSeconds(10);
    CHECK((totalsOf(bench).importUj > 0) == (watts > 2));
  }
}

TEST_CASE("without mains nothing is counted and the reading says so; afterwards all goes on") {
  Bench bench(102);
  bench.begin();
  bench.runSeconds(5);
  bench.meter.takeFlags();
  bench.mains.voltageV = 0;
  bench.runSeconds(4);
  const EnergyTotals dark = totalsOf(bench);
  // The second in which it failed was weak, the next ones had nothing.
  CHECK((bench.meter.takeFlags() & (flagNoMains | flagSag)) == (flagNoMains | flagSag));
  bench.runSeconds(5);
  CHECK(totalsOf(bench).importUj == dark.importUj);
  CHECK(bench.meter.last().frequencyMhz == 0);
  bench.meter.takeFlags();
  bench.mains.voltageV = 230;
  bench.runSeconds(4);
  CHECK((bench.meter.takeFlags() & flagBadFrequency) == 0);
  CHECK(totalsOf(bench).importUj > dark.importUj);
  CHECK(bench.meter.last().flags == 0);
}

TEST_CASE("mains outside 45..65 Hz is a fault instead of a bill; just inside is billed") {
  for (const double frequencyHz : {44.5, 45.5, 64.5, 65.5, 30.0, 100.0}) {
    Bench bench(103);
    bench.mains.frequencyHz = frequencyHz;
    bench.begin();
    bench.runSeconds(6);
    const bool isMains = frequencyHz > 45 && frequencyHz < 65;
    INFO(frequencyHz);
    CHECK((totalsOf(bench).importUj > 0) == isMains);
    CHECK(((bench.meter.last().flags & flagBadFrequency) != 0) == !isMains);
  }
}

TEST_CASE("a single weak cycle is a sag; a voltage just above the threshold is none") {
  Bench bench(104);
  bench.begin();
  bench.mains.voltageV = 197;
  bench.runSeconds(5);
  CHECK((bench.meter.takeFlags() & flagSag) == 0);
  bench.mains.voltageV = 230;
  bench.runSeconds(2.505);
  CHECK((bench.meter.takeFlags() & flagSag) == 0);
  bench.mains.voltageV = 150;
  bench.runSeconds(0.04);
  bench.mains.voltageV = 230;
  bench.runSeconds(2);
  CHECK((bench.meter.takeFlags() & flagSag) != 0);
  CHECK(bench.meter.last().voltageMv > 229'000);
}

TEST_CASE("3: without an estimate of the sample rate the meter reports a fault and counts nothing") {
  Bench bench(105);
  bench.begin();
  for (int sample = 0; sample < 50'000; sample++)
    bench.meter.sample({adcVoltage(&bench.adc, &bench.mains, static_cast<uint64_t>(sample), &bench.dice),
                        adcCurrent(&bench.adc, &bench.mains, static_cast<uint64_t>(sample), &bench.dice)});
  CHECK(bench.meter.last().flags == flagFault);
  CHECK(totalsOf(bench).importUj == 0);
  // A third of the asked rate is not a slow ADC but a broken one.
  bench.meter.clock(0, 0);
  bench.meter.clock(3'300, 1'000'000);
  CHECK_FALSE(bench.meter.rate().isKnown());
}

TEST_CASE("an absurd calibration counts nothing") {
  Bench bench(106);
  bench.calibration.uvPerCode = 0;
  bench.begin();
  bench.runSeconds(3);
  CHECK((bench.meter.last().flags & flagFault) != 0);
  CHECK(totalsOf(bench).importUj == 0);
}

TEST_CASE("an opened cover and a lifted voltage terminal stay on the readings until the keeper clears them") {
  Bench bench(107);
  bench.begin();
  bench.runSeconds(3);
  CHECK((bench.meter.takeFlags() & flagTamper) == 0);
  bench.meter.coverOpened();
  CHECK((bench.meter.takeFlags() & flagTamper) != 0);
  CHECK((bench.meter.takeFlags() & flagTamper) != 0);

  // It also survives a restart.
  Metering later;
  later.begin(bench.calibration, bench.meter.checkpoint());
  CHECK((later.takeFlags() & flagTamper) != 0);
  later.clearTamper();
  CHECK(later.takeFlags() == 0);

  Bench bypassed(108);
  bypassed.begin();
  bypassed.mains.voltageV = 0;
  bypassed.runSeconds(8);
  CHECK((bypassed.meter.takeFlags() & flagTamper) != 0);

  // A power cut with the usual noise of the clamp is not tampering.
  Bench dark(109);
  dark.mains.voltageV = 0;
  dark.mains.currentA = 0;
  dark.begin();
  dark.runSeconds(8);
  CHECK((dark.meter.takeFlags() & flagTamper) == 0);
}

TEST_CASE("the meter finds where the ADC rests, also far from the middle") {
  Bench bench(113);
  bench.mains.voltageV = 60;
  bench.mains.voltageDcV = -100;
  bench.begin();
  bench.runSeconds(8);
  CHECK((bench.meter.last().flags & flagNoMains) == 0);
  CHECK(bench.meter.block().cycles == 50);
  CHECK(abs(static_cast<int>(bench.meter.last().voltageMv) - 60'000) < 100);
}

TEST_CASE("an ADC whose zero is elsewhere in each second enters no register") {
  Bench bench(110);
  bench.mains.currentA = 0;
  bench.begin();
  for (int blocks = 0; blocks < 20;) {
    if (!bench.step()) continue;
    blocks++;
    bench.mains.currentDcA = blocks % 2 == 0 ? 5 : -5;
    bench.mains.voltageDcV = blocks % 2 == 0 ? 15 : -15;
  }
  CHECK(totalsOf(bench).importUj == 0);
  CHECK(totalsOf(bench).exportUj == 0);
}

TEST_CASE("lost samples drop the block under way, say so, and the next seconds count again") {
  Bench bench(111);
  bench.begin();
  bench.runSeconds(5.4);
  bench.meter.takeFlags();
  const EnergyTotals before = totalsOf(bench);
  bench.meter.lostSamples();
  CHECK(totalsOf(bench).importUj == before.importUj);
  CHECK((bench.meter.takeFlags() & flagFault) != 0);
  bench.runSeconds(5);
  CHECK(totalsOf(bench).importUj > before.importUj);
  CHECK(bench.meter.last().flags == 0);
}

TEST_CASE("a second clamp counts the household's own generation beside import and export") {
  Bench bench(112);
  bench.calibration.generation = bench.calibration.grid;
  // The third channel is sampled a whole sample after the voltage.
  bench.calibration.generation.lateMillisamples = 1'000;
  Mains roof = bench.mains;
  roof.currentA = 7;
  Adc later = bench.adc;
  later.lateSamples = 1;
  bench.begin();
  double seconds = 0;
  EnergyTotals before{};
  for (uint64_t sample = 0, blocks = 0; blocks < 20; sample++) {
    if (sample % 500 == 0) bench.meter.clock(sample, sample * 100);
    const bool closed = bench.meter.sample({adcVoltage(&bench.adc, &bench.mains, sample, &bench.dice),
                                            adcCurrent(&bench.adc, &bench.mains, sample, &bench.dice),
                                            adcCurrent(&later, &roof, sample, &bench.dice)});
    if (!closed) continue;
    if (++blocks == 2)
      before = totalsOf(bench);
    else if (blocks > 2)
      seconds += bench.meter.block().samples / 1e4;
  }
  const double generatedJ = static_cast<double>(totalsOf(bench).generationUj - before.generationUj) / 1e6;
  const double importedJ = static_cast<double>(totalsOf(bench).importUj - before.importUj) / 1e6;
  CHECK(fabs(generatedJ / (230 * 7 * seconds) - 1) < 0.001);
  CHECK(fabs(importedJ / (230 * 10 * seconds) - 1) < 0.001);
  CHECK(bench.meter.last().generationMw > 1'600'000);
}

TEST_CASE("a changed sample rate is noticed within seconds, not after the whole minute") {
  SampleRate rate(10'000);
  uint64_t samples = 0;
  uint64_t us = 5;
  for (int second = 0; second < 100; second++) rate.note(samples += 10'000, us += 1'000'000);
  CHECK(rate.milliHz() == 10'000'000);
  for (int second = 0; second < 3; second++) rate.note(samples += 8'192, us += 1'000'000);
  CHECK(rate.milliHz() == 8'192'000);
  // A clock or a counter that jumps back begins anew.
  rate.note(samples, us - 1);
  CHECK_FALSE(rate.isKnown());
  for (uint64_t second = 0; second < 3; second++) rate.note(second * 9'000, second * 1'000'000);
  CHECK(rate.milliHz() == 9'000'000);
}

TEST_CASE("a curve that falls or leaves the scale is refused") {
  AdcCurve curve;
  int32_t knots[curveKnots];
  for (int knot = 0; knot < curveKnots; knot++) knots[knot] = knot * 1'024;
  CHECK(curve.setKnots(knots));
  for (const int code : {0, 1, 63, 64, 2'000, 4'095}) CHECK(curve.straighten(static_cast<uint16_t>(code)) == code * 16);
  knots[10] = knots[9] - 1;
  CHECK_FALSE(curve.setKnots(knots));
  knots[10] = 131'073;
  CHECK_FALSE(curve.setKnots(knots));
  uint16_t pinMv[curveKnots];
  for (int knot = 0; knot < curveKnots; knot++) pinMv[knot] = static_cast<uint16_t>(knot * 50);
  CHECK(curve.setMillivolts(pinMv, 3'200));
  CHECK(curve.straighten(4'032) == 4'032 * 16);
}
