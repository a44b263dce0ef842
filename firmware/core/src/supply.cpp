#include "jirani/supply.h"

namespace jirani {

void Supply::limit(uint32_t watts, uint64_t untilMs) {
  limitWatts_ = watts;
  limitUntilMs_ = untilMs;
  isOver_ = false;
}

void Supply::measured(int32_t powerMw, uint64_t nowMs) {
  const bool isOver = isLimited(nowMs) && isOn(nowMs) && powerMw > static_cast<int64_t>(limitWatts_) * 1000;
  if (isOver && !isOver_) overSinceMs_ = nowMs;
  isOver_ = isOver;
  if (!isOver || nowMs - overSinceMs_ < overLimitMsMax) return;
  restUntilMs_ = nowMs + overLimitRestMs;
  if (restUntilMs_ > limitUntilMs_) restUntilMs_ = limitUntilMs_;
  isOver_ = false;
}

}  // namespace jirani
