/** NVS: what survives a wiped log. Never erased as a whole, because the signing key is in it. */
#pragma once
#include "jirani/config.h"
#include "jirani/kept.h"
#include "jirani/meter.h"
#include "jirani/setup_form.h"
#include "nvs.h"

namespace jirani {

constexpr size_t signingSeedBytes = 32;

class Store final : public SequenceFloor {
 public:
  /** False when NVS cannot be used: then there is no meter, because its key and its floor would be made anew. */
  bool open();

  /** Takes over what the keeper's computer left in the `handover` partition, if anything, and erases it there. */
  void takeHandover();
  bool loadConfig(MeterConfig &config);

  uint64_t load() override;
  bool store(uint64_t floor) override;

  bool loadWifi(WifiCredentials &wifi);
  bool keepWifi(const WifiCredentials &wifi);
  bool loadCalibration(Calibration &calibration);
  bool keepCalibration(const Calibration &calibration);
  bool loadScale(Ade7953Scale &scale);
  bool keepScale(const Ade7953Scale &scale);
  /** Wi-Fi and calibration; who the meter is and what it signs with stay. */
  void forget();

  bool loadSeed(uint8_t seed[signingSeedBytes]);
  bool keepSeed(const uint8_t seed[signingSeedBytes]);

 private:
  size_t loadBytes(const char *name, void *bytes, size_t capacity);
  bool keepBytes(const char *name, const void *bytes, size_t length);

  nvs_handle_t handle_ = 0;
};

}  // namespace jirani
