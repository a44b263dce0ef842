/** A front end with its calibration: what every driver of this device can do. */
#pragma once
#include "jirani/frontend.h"
#include "store.h"

namespace jirani {

class Source : public Frontend {
 public:
  /** Starts to measure with what the store knows. False when the hardware is not there. */
  virtual bool begin(Store &store, Metering &metering) = 0;
  /** Waits until there is something to feed, about a second at most. Touches nothing that others touch. */
  virtual void wait() = 0;

  virtual const Calibration &calibration() const = 0;
  /** The hub's command `calibrate`: takes effect at once and is kept. */
  virtual bool trim(Metering &metering, int32_t voltagePpm, int32_t currentPpm, int32_t lagNs) = 0;

  /** Ten minutes with a kettle (README.md): first without current, then with a known load. */
  virtual void beginQuiet() = 0;
  virtual void beginLoad(uint32_t trueMv, uint32_t trueMw) = 0;
  /** Ends the load's part as soon as it can; for the page, how far it is. */
  virtual CalibrationOutcome calibrateOn(Store &store, Metering &metering, uint32_t unixSeconds) = 0;

 protected:
  ~Source() = default;
};

/** The one that this firmware is built for. */
Source &theSource();

}  // namespace jirani
