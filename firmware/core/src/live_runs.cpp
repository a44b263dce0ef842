#include "jirani/live_runs.h"

#include <string.h>

namespace jirani {

bool LiveRuns::begin(uint64_t sequence) {
  if (count_ == liveRunsMax) return false;
  runs_[count_++] = {sequence, sequence - 1};
  isOpen_ = true;
  return true;
}

void LiveRuns::deliver(uint64_t sequence) {
  // The newest run that begins before it.
  for (size_t at = count_; at > 0; at--) {
    Run &run = runs_[at - 1];
    if (sequence < run.first) continue;
    if (sequence > run.last) run.last = sequence;
    return;
  }
}

uint64_t LiveRuns::passOver(uint64_t sequence) {
  while (count_ > 0 && sequence >= runs_[0].first) {
    const uint64_t last = runs_[0].last;
    count_--;
    memmove(&runs_[0], &runs_[1], count_ * sizeof(Run));
    // The backlog has caught up with what is measured.
    if (count_ == 0) isOpen_ = false;
    if (sequence <= last) return last;
  }
  return 0;
}

uint64_t LiveRuns::delivered() const {
  uint64_t sum = 0;
  for (size_t at = 0; at < count_; at++) sum += runs_[at].last + 1 - runs_[at].first;
  return sum;
}

}  // namespace jirani
