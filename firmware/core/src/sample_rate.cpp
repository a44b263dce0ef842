#include "jirani/sample_rate.h"

namespace jirani {

constexpr uint64_t usPerSecond = 1'000'000;
/** A shorter stretch says too little: buffers arrive with a millisecond of jitter. */
constexpr uint64_t shortestUs = usPerSecond / 2;
constexpr uint64_t markEveryUs = usPerSecond;
/** When the last second differs from the last minute by more than a twentieth, the old marks are of no use. */
constexpr uint64_t changePart = 20;

void SampleRate::restart(uint32_t askedHz) {
  askedHz_ = askedHz;
  oldest_ = count_ = 0;
  known_ = {};
}

void SampleRate::note(uint64_t samples, uint64_t nowUs) {
  const Mark newest{samples, nowUs};
  if (count_ > 0) {
    const Mark &last = marks_[(oldest_ + count_ - 1) % marksMax];
    if (samples < last.samples || nowUs < last.us) restart(askedHz_);
  }
  if (count_ == 0) {
    marks_[oldest_] = newest;
    count_ = 1;
    return;
  }
  estimate(newest);
  const int last = (oldest_ + count_ - 1) % marksMax;
  if (nowUs - marks_[last].us < markEveryUs) return;
  if (count_ == marksMax) {
    oldest_ = (oldest_ + 1) % marksMax;
    count_--;
  }
  marks_[(oldest_ + count_) % marksMax] = newest;
  count_++;
}

void SampleRate::estimate(const Mark &newest) {
  const Mark last = marks_[(oldest_ + count_ - 1) % marksMax];
  const uint64_t lastSamples = newest.samples - last.samples;
  const uint64_t lastUs = newest.us - last.us;
  if (known_.us > 0 && lastUs >= markEveryUs) {
    const uint64_t expected = known_.samples * lastUs / known_.us;
    const uint64_t change = lastSamples > expected ? lastSamples - expected : expected - lastSamples;
    if (change * changePart > expected) {
      marks_[0] = last;
      oldest_ = 0;
      count_ = 1;
    }
  }
  const Mark &first = marks_[oldest_];
  const uint64_t samples = newest.samples - first.samples;
  const uint64_t us = newest.us - first.us;
  if (us < shortestUs) return;
  const uint64_t asked = uint64_t{askedHz_} * us / usPerSecond;
  const bool isPlausible = samples * 2 >= asked && samples <= asked * 2 && samples > 0 && samples <= UINT32_MAX;
  known_ = isPlausible ? SampleSpan{static_cast<uint32_t>(samples), us} : SampleSpan{};
}

uint64_t SampleRate::milliHz() const {
  return isKnown() ? uint64_t{known_.samples} * usPerSecond * 1'000 / known_.us : 0;
}

uint64_t SampleRate::durationNs(uint32_t samples) const {
  return isKnown() ? uint64_t{samples} * known_.us * 1'000 / known_.samples : 0;
}

}  // namespace jirani
