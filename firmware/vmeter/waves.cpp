#include "waves.h"

#include <math.h>

#include "mains.h"

namespace vmeter {
namespace {

constexpr double voltsPerCode = 0.21;
constexpr double ampsPerCode = 0.0856;
constexpr uint32_t clockedSamples = 100;
constexpr uint64_t microsecondsPerSample = 1'000'000 / samplesPerSecond;

Adc anAdc() {
  Adc adc{};
  adc.voltsPerCode = voltsPerCode;
  adc.ampsPerCode = ampsPerCode;
  adc.rateHz = samplesPerSecond;
  adc.lateSamples = 0.5;
  adc.noiseCodes = 0.7;
  return adc;
}

}  // namespace

Waves::Waves(uint64_t seed) {
  Dice dice{seed + 1};
  const Adc adc = anAdc();
  Mains mains{};
  // Whole cycles in a second, so that its end fits its beginning.
  mains.frequencyHz = 50;
  mains.voltageV = diceBetween(&dice, 225, 240);
  mains.currentA = diceBetween(&dice, 1, 20);
  mains.lagTurns = diceBetween(&dice, -0.05, 0.1) + (diceNext(&dice) % 4 == 0 ? 0.5 : 0);
  for (uint64_t sample = 0; sample < samplesPerSecond; sample++)
    second_.push_back({adcVoltage(&adc, &mains, sample, &dice), adcCurrent(&adc, &mains, sample, &dice), 0});
}

jirani::Calibration Waves::calibration() {
  jirani::Calibration calibration;
  calibration.uvPerCode = static_cast<uint32_t>(lround(voltsPerCode * 1e6));
  calibration.grid.uaPerCode = static_cast<uint32_t>(lround(ampsPerCode * 1e6));
  calibration.grid.lateMillisamples = 500;
  calibration.askedRateHz = samplesPerSecond;
  return calibration;
}

void Waves::feed(jirani::Metering &metering, int64_t milliseconds) {
  const uint64_t until = fed_ + static_cast<uint64_t>(milliseconds) * samplesPerSecond / 1'000;
  for (; fed_ < until; fed_++) {
    if (fed_ % clockedSamples == 0) metering.clock(fed_, fed_ * microsecondsPerSample);
    metering.sample(second_[fed_ % samplesPerSecond]);
  }
}

}  // namespace vmeter
