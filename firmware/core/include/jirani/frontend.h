/** What measures: an ADC that gives samples, or a metering chip that gives increments. */
#pragma once

#include <stdint.h>

#include "jirani/metering.h"

namespace jirani {

/** Drivers live in the shells; the core sees only this. */
class Frontend {
 public:
  /** Feeds the meter all that was measured since the last call. Returns how many blocks closed. */
  virtual uint32_t feed(Metering &meter) = 0;

  /** For `info`: `adc` or `ade7953`. */
  virtual const char *name() const = 0;

  /** False for the internal ADC: it is for learning, not for money. */
  virtual bool isForSettlement() const = 0;

 protected:
  // Nobody deletes a front end through this; a virtual destructor would ask for operator delete.
  ~Frontend() = default;
};

}  // namespace jirani
