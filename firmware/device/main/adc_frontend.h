/** The learning front end: the chip's own ADC. Its readings are not for money, and `info` says so. */
#pragma once
#include "sampler.h"
#include "source.h"

namespace jirani {

class AdcFrontend final : public Source {
 public:
  uint32_t feed(Metering &metering) override;
  const char *name() const override { return "adc"; }
  bool isForSettlement() const override { return false; }

  bool begin(Store &store, Metering &metering) override;
  void wait() override { samplerWait(); }
  const Calibration &calibration() const override { return calibration_; }
  bool trim(Metering &metering, int32_t voltagePpm, int32_t currentPpm, int32_t lagNs) override;
  void beginQuiet() override { run_.beginQuiet(); }
  void beginLoad(uint32_t trueMv, uint32_t trueMw) override;
  CalibrationOutcome calibrateOn(Store &store, Metering &metering, uint32_t unixSeconds) override;

 private:
  void use(Metering &metering, const Calibration &calibration);

  Store *store_ = nullptr;
  Calibration calibration_;
  CalibrationRun run_;
  bool isLoadRunning_ = false;
};

}  // namespace jirani
