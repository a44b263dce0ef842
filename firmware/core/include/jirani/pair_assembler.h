/** Makes moments of the stream of single conversions that an ADC gives, whatever order it gives them in. */
#pragma once
#include <stdint.h>

#include "jirani/block.h"

namespace jirani {

/** What a conversion belongs to. */
enum class Channel : uint8_t { voltage = 0, current = 1, generation = 2 };

class PairAssembler {
 public:
  explicit PairAssembler(bool hasGeneration = true) : wanted_(hasGeneration ? 7 : 3) {}

  /** True when `pair()` is whole and new. A channel that comes again too early begins a new moment. */
  bool add(Channel channel, uint16_t code) {
    const uint8_t bit = static_cast<uint8_t>(1 << static_cast<int>(channel));
    if ((bit & wanted_) == 0) return false;
    if ((seen_ & bit) != 0) {
      torn_++;
      seen_ = 0;
    }
    seen_ |= bit;
    if (channel == Channel::voltage) pair_.voltage = code;
    if (channel == Channel::current) pair_.current = code;
    if (channel == Channel::generation) pair_.generation = code;
    if (seen_ != wanted_) return false;
    seen_ = 0;
    return true;
  }

  const SamplePair &pair() const { return pair_; }
  /** Moments that missed a channel. */
  uint32_t torn() const { return torn_; }

 private:
  SamplePair pair_;
  uint8_t wanted_;
  uint8_t seen_ = 0;
  uint32_t torn_ = 0;
};

}  // namespace jirani
