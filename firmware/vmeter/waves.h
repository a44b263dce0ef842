/** The waveforms of one meter: a second of mains that is made once and heard again and again. */
#pragma once
#include <stdint.h>

#include <vector>

#include "jirani/metering.h"

namespace vmeter {

constexpr uint32_t samplesPerSecond = 10'000;

class Waves {
 public:
  explicit Waves(uint64_t seed);
  static jirani::Calibration calibration();
  /** Feeds so many milliseconds of samples. */
  void feed(jirani::Metering &metering, int64_t milliseconds);

 private:
  std::vector<jirani::SamplePair> second_;
  uint64_t fed_ = 0;
};

}  // namespace vmeter
