/** The connection to the hub: TLS 1.2 with ECDHE-PSK, or plain TCP on a bench. Never blocks for long. */
#pragma once
#include "esp_tls.h"
#include "jirani/config.h"
#include "jirani/mqtt.h"

namespace jirani {

enum class Opening : uint8_t { open, underWay, failed };

class HubLink final : public Transport {
 public:
  /** `config` lives as long as the link. */
  explicit HubLink(const MeterConfig &config);

  bool dial(uint64_t nowMs);
  /** Again and again after `dial`, until it is open or has failed. */
  Opening open(uint64_t nowMs);
  void close();

  bool write(const uint8_t *bytes, size_t length) override;
  /** Sends what waits. False when the connection is broken. */
  bool drain();
  /** Bytes read; 0 when there are none at the moment; -1 when the connection is over. */
  int read(uint8_t *bytes, size_t room);

  bool isDialled() const { return tls_ != nullptr; }
  bool isOpen() const { return isOpen_; }

 private:
  const MeterConfig &config_;
  uint8_t psk_[sha256Bytes];
  psk_hint_key_t identity_;
  esp_tls_cfg_t settings_{};
  esp_tls_t *tls_ = nullptr;
  bool isOpen_ = false;
  uint64_t giveUpAtMs_ = 0;
  size_t waiting_ = 0;
  /** Bytes of the last write that was told to come later. */
  size_t offered_ = 0;
  uint8_t buffer_[2 * packetBytesMax];
};

}  // namespace jirani
