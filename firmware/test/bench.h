/** A meter on the bench: mains, an ADC and a clock go in, and what it counted is held against the truth. */
#pragma once

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <initializer_list>

#include "jirani/metering.h"
#include "mains.h"

/** Printed when first asked for; JIRANI_FIRMWARE_SEED repeats it. */
inline uint64_t benchSeed() {
  static const uint64_t seed = [] {
    const char *given = getenv("JIRANI_FIRMWARE_SEED");
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    const uint64_t chosen = given != nullptr ? strtoull(given, nullptr, 10) : static_cast<uint64_t>(now.tv_nsec);
    printf("signals with JIRANI_FIRMWARE_SEED=%llu\n", static_cast<unsigned long long>(chosen));
    return chosen;
  }();
  return seed;
}

inline bool isFullRun() {
  const char *seeds = getenv("JIRANI_TEST_SEEDS");
  return seeds != nullptr && strcmp(seeds, "full") == 0;
}

/** 100 A rms with room for 15 % more, 230 V with room up to 283 V; the ADC reaches 1900 codes either way. */
constexpr double benchVoltsPerCode = 400.0 / 1900;
constexpr double benchAmpsPerCode = 100 * 1.41421356 * 1.15 / 1900;
constexpr double fullScaleA = 100;

inline Adc anAdc() {
  Adc adc{};
  adc.voltsPerCode = benchVoltsPerCode;
  adc.ampsPerCode = benchAmpsPerCode;
  adc.rateHz = 10'000;
  adc.lateSamples = 0.5;
  adc.noiseCodes = 0.7;
  return adc;
}

/** 50 Hz, 230 V and 10 A in phase. */
inline Mains someMains() {
  Mains mains{};
  mains.frequencyHz = 50;
  mains.voltageV = 230;
  mains.currentA = 10;
  return mains;
}

inline jirani::Calibration aCalibration() {
  jirani::Calibration calibration;
  calibration.uvPerCode = static_cast<uint32_t>(lround(benchVoltsPerCode * 1e6));
  calibration.grid.uaPerCode = static_cast<uint32_t>(lround(benchAmpsPerCode * 1e6));
  return calibration;
}

/** What the bench saw between the third block and the last. */
struct Outcome {
  /** Import less export, in percent of the truth, less 100. */
  double energyErrorPercent = 0;
  double importJ = 0;
  double exportJ = 0;
  double seconds = 0;
  uint32_t blocks = 0;
  uint16_t flags = 0;
  uint64_t clipped = 0;
  jirani::Measurement last;
};

class Bench {
 public:
  explicit Bench(uint64_t salt) : dice{benchSeed() * 1'000'003 + salt} {}

  Adc adc = anAdc();
  Mains mains = someMains();
  jirani::Calibration calibration = aCalibration();
  Dice dice;
  jirani::Metering meter;
  /** The ADC hands over its samples in buffers, and not on the microsecond. */
  double jitterUs = 200;

  void begin(const jirani::Checkpoint &stored = {}) {
    meter.begin(calibration, stored);
    sample_ = 0;
  }

  /** Lets time pass without looking; true when a block closed. */
  bool step() {
    const jirani::SamplePair pair{adcVoltage(&adc, &mains, sample_, &dice), adcCurrent(&adc, &mains, sample_, &dice)};
    sample_++;
    if (sample_ % 500 == 0)
      meter.clock(sample_, static_cast<uint64_t>(sample_ / adc.rateHz * 1e6 + diceBetween(&dice, 0, jitterUs)) + 77);
    return meter.sample(pair);
  }

  void runSeconds(double seconds) {
    for (uint64_t n = static_cast<uint64_t>(seconds * adc.rateHz); n > 0; n--) step();
  }

  /** Begins, lets two blocks go by until the sample rate is known, then counts. */
  Outcome measure(double seconds) {
    begin();
    for (uint32_t blocks = 0; blocks < 2;)
      if (step()) blocks++;
    meter.takeFlags();
    const jirani::EnergyTotals before = meter.registers().totals();
    Outcome outcome;
    while (outcome.seconds < seconds) {
      if (!step()) continue;
      outcome.blocks++;
      outcome.seconds += meter.block().samples / adc.rateHz;
      outcome.clipped += meter.block().clipped;
    }
    const jirani::EnergyTotals after = meter.registers().totals();
    outcome.importJ = static_cast<double>(after.importUj - before.importUj) / 1e6;
    outcome.exportJ = static_cast<double>(after.exportUj - before.exportUj) / 1e6;
    const double truth = mainsWatts(&mains) * outcome.seconds;
    outcome.energyErrorPercent = ((outcome.importJ - outcome.exportJ) / truth - 1) * 100;
    outcome.flags = meter.takeFlags();
    outcome.last = meter.last();
    return outcome;
  }

 private:
  uint64_t sample_ = 0;
};
