#include "jirani/back_off.h"

namespace jirani {

/** The linear congruential generator of Knuth's MMIX; the high bits are good enough for jitter. */
uint32_t Chance::next() {
  state_ = state_ * 6364136223846793005ull + 1442695040888963407ull;
  return static_cast<uint32_t>(state_ >> 32);
}

BackOff::BackOff(uint32_t firstMs, uint32_t maxMs)
    : firstMs_(firstMs == 0 ? 1 : firstMs), maxMs_(maxMs < backOffMaxMs ? maxMs : backOffMaxMs), dueMs_(firstMs_) {
  if (dueMs_ > maxMs_) dueMs_ = maxMs_;
}

uint32_t BackOff::nextMs(Chance &chance) {
  const uint32_t halfMs = dueMs_ / 2;
  const uint32_t waitMs = halfMs + chance.next() % (dueMs_ - halfMs + 1);
  dueMs_ = dueMs_ > maxMs_ / 2 ? maxMs_ : dueMs_ * 2;
  return waitMs;
}

}  // namespace jirani
