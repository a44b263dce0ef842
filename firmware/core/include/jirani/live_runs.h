/**
 * Runs of readings that went to the hub ahead of a backlog. Each is a range without holes among what was measured
 * while the link was up; the log's own pointer jumps over them when the backlog gets there.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

namespace jirani {

/** Each outage during a backlog ends a run; with more, what is measured waits its turn. */
constexpr size_t liveRunsMax = 4;

class LiveRuns {
 public:
  /** From this reading on, what is measured goes ahead. False when there are too many runs already. */
  bool begin(uint64_t sequence);
  /** What is measured from now on belongs to the backlog. */
  void end() { isOpen_ = false; }
  bool isOpen() const { return isOpen_; }
  /** The newest delivered reading of the open run. */
  uint64_t lastDelivered() const { return runs_[count_ - 1].last; }
  void deliver(uint64_t sequence);
  /** When this reading was delivered ahead: the end of its run, which is forgotten. Else 0. */
  uint64_t passOver(uint64_t sequence);
  /** Readings that were delivered ahead and are not passed over yet. */
  uint64_t delivered() const;

 private:
  struct Run {
    uint64_t first;
    uint64_t last;
  };
  Run runs_[liveRunsMax] = {};
  size_t count_ = 0;
  bool isOpen_ = false;
};

}  // namespace jirani
