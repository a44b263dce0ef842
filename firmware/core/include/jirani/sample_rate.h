/**
 * Measures how fast the ADC really samples, against the clock of the chip. The classic ESP32 runs at 0.8
 * of what it was asked for; trusting the asked rate would lose a fifth of the energy.
 */
#pragma once

#include <stdint.h>

namespace jirani {

/** A number of samples and the time they took. */
struct SampleSpan {
  uint32_t samples = 0;
  uint64_t us = 0;
};

class SampleRate {
 public:
  explicit SampleRate(uint32_t askedHz = 0) : askedHz_(askedHz) {}

  /** Forgets what was measured; for a new asked rate or after lost samples. */
  void restart(uint32_t askedHz);

  /** Notes that `samples` per channel had arrived in all when the clock showed `nowUs`. */
  void note(uint64_t samples, uint64_t nowUs);

  /** True once at least half a second was seen and the rate is within half and double of the asked one. */
  bool isKnown() const { return known_.us > 0; }

  /** Samples per second in thousandths; 0 while unknown. */
  uint64_t milliHz() const;

  /** How long so many samples took, in nanoseconds; 0 while the rate is unknown. */
  uint64_t durationNs(uint32_t samples) const;

 private:
  static constexpr int marksMax = 64;
  struct Mark {
    uint64_t samples;
    uint64_t us;
  };
  void estimate(const Mark &newest);

  uint32_t askedHz_ = 0;
  Mark marks_[marksMax] = {};
  int oldest_ = 0;
  int count_ = 0;
  SampleSpan known_;
};

}  // namespace jirani
