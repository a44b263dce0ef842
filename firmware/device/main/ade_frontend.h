/** The settlement front end: an ADE7953 on I2C. SPI would be one more `AdeBus`. */
#pragma once
#include "driver/i2c_master.h"
#include "jirani/ade7953.h"
#include "sampler.h"
#include "source.h"

namespace jirani {

class I2cBus final : public AdeBus {
 public:
  bool begin();
  bool read(AdeRegister which, uint32_t &value) override;
  bool write(AdeRegister which, uint32_t value) override;

 private:
  i2c_master_dev_handle_t chip_ = nullptr;
};

class AdeFrontend final : public Source {
 public:
  uint32_t feed(Metering &metering) override;
  const char *name() const override { return "ade7953"; }
  bool isForSettlement() const override { return true; }

  bool begin(Store &store, Metering &metering) override;
  void wait() override;
  const Calibration &calibration() const override { return calibration_; }
  bool trim(Metering &metering, int32_t voltagePpm, int32_t currentPpm, int32_t lagNs) override;
  /** The chip has its own offset and no-load logic: nothing is learnt without current. */
  void beginQuiet() override {}
  void beginLoad(uint32_t trueMv, uint32_t trueMw) override;
  CalibrationOutcome calibrateOn(Store &store, Metering &metering, uint32_t unixSeconds) override;

 private:
  I2cBus bus_;
  Ade7953 chip_{bus_, hasGenerationClamp};
  Store *store_ = nullptr;
  /** Of the core only the sag threshold is used; number and date go into `info`. */
  Calibration calibration_;
  Ade7953Run run_;
  uint64_t fedAtUs_ = 0;
  bool isLoadRunning_ = false;
};

}  // namespace jirani
