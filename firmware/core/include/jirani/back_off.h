/** How long to wait before the next attempt: longer each time, never the same for all meters of a street. */
#pragma once
#include <stdint.h>

namespace jirani {

constexpr uint32_t backOffFirstMs = 500;
constexpr uint32_t backOffMaxMs = 60'000;

/** Small and repeatable; for jitter, never for keys. */
class Chance {
 public:
  explicit Chance(uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15ull + 1) {}
  uint32_t next();

 private:
  uint64_t state_;
};

class BackOff {
 public:
  /** `maxMs` is at most `backOffMaxMs`. */
  explicit BackOff(uint32_t firstMs = backOffFirstMs, uint32_t maxMs = backOffMaxMs);
  /** Between half of the time that is due and all of it; the next time is twice as long. */
  uint32_t nextMs(Chance &chance);
  /** The hub has taken something: a mere connection proves nothing. */
  void succeeded() { dueMs_ = firstMs_; }

 private:
  uint32_t firstMs_;
  uint32_t maxMs_;
  uint32_t dueMs_;
};

}  // namespace jirani
