/** Samples of the chip's own ADC: continuous, or one by one in the simulator. Which one, the build decides. */
#pragma once
#include <stddef.h>

#include "jirani/pair_assembler.h"

namespace jirani {

#ifdef CONFIG_JIRANI_HAS_GENERATION
constexpr bool hasGenerationClamp = true;
#else
constexpr bool hasGenerationClamp = false;
#endif

/** What the clock saw of the samples: so many per channel in all, the last of them at this moment. */
struct Arrival {
  uint64_t moments;
  uint64_t atUs;
};

/** What is asked of the ADC, moments per second; what it does is measured. */
extern const uint32_t askedMomentsHz;

bool samplerBegin();
/** Waits for samples, a tenth of a second at most. */
void samplerWait();
/** Moments that came since the last call, `most` at most. */
size_t samplerTake(SamplePair *pairs, size_t most);
Arrival samplerArrival();
/** True once after samples were lost. */
bool samplerLost();

}  // namespace jirani
