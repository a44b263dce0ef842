/** Relay, light, button and cover switch. */
#pragma once
#include "jirani/front_panel.h"
#include "jirani/meter.h"
#include "source.h"

namespace jirani {

class Panel final : public House {
 public:
  Panel(Source &source, Metering &metering) : source_(source), metering_(metering) {}

  /** First of all at a start: the house gets its power back. */
  void begin();
  Press button(uint64_t nowMs);
  /** True once when the cover comes off. */
  bool coverCameOff();
  void show(Light light, uint64_t nowMs);

  bool setRelay(bool isClosed) override;
  bool identify(uint32_t seconds) override;
  bool calibrate(int32_t voltagePpm, int32_t currentPpm, int32_t lagNs) override;

 private:
  Source &source_;
  Metering &metering_;
  SetupButton button_;
  uint64_t identifyUntilMs_ = 0;
  bool wasCoverOn_ = true;
};

}  // namespace jirani
