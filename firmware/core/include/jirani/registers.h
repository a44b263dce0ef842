/** The energy registers: they only grow, and are never netted against each other. */
#pragma once

#include <stdint.h>

#include "jirani/reading.h"

namespace jirani {

/** Energy that one stretch of time added; each at least 0, in nanojoules. */
struct EnergyStep {
  int64_t importNj = 0;
  int64_t exportNj = 0;
  int64_t generationNj = 0;
};

/** What must survive a power cut; written to the flash log once a minute. */
struct Checkpoint {
  EnergyTotals energy{};
  /** Flags that stay until the keeper clears them: `flagTamper` or 0. */
  uint16_t latchedFlags = 0;
};

/** One register: whole microjoules, and the part below one that has not yet made a whole. */
class Register {
 public:
  /** Adds nanojoules; a negative amount is refused, because a register never falls. */
  bool add(int64_t energyNj);

  /** Moves up to a stored value; a lower one is ignored. */
  void raiseTo(uint64_t storedUj);

  uint64_t microjoules() const { return wholeUj_; }

  /** What a reading carries, in milliwatt-hours, rounded down. */
  uint64_t milliwattHours() const;

 private:
  uint64_t wholeUj_ = 0;
  uint32_t partNj_ = 0;
};

class Registers {
 public:
  /** Adds all three or, when one is negative, none. */
  bool add(const EnergyStep &step);

  /** Takes up the registers where the last checkpoint left them; at most what came after it is lost. */
  void restore(const EnergyTotals &stored);

  EnergyTotals totals() const;

  const Register &imported() const { return import_; }
  const Register &exported() const { return export_; }
  const Register &generated() const { return generation_; }

 private:
  Register import_;
  Register export_;
  Register generation_;
};

}  // namespace jirani
