#include "hub_link.h"

#include <errno.h>
#include <string.h>

#include "esp_log.h"

namespace jirani {
namespace {

constexpr uint64_t dialMs = 15'000;
/** One look at a connection that is being made; leases of the relay must not wait for it. */
constexpr int lookMs = 100;
/** IANA's numbers; only suites with fresh keys, so that who learns a secret cannot read what was said before. */
constexpr int suites[] = {0xccac /* ECDHE-PSK-CHACHA20-POLY1305 */, 0xc037 /* ECDHE-PSK-AES128-CBC-SHA256 */, 0};

/** Plain sockets tell by errno what TLS tells by its result. */
bool isLater(ssize_t result, bool isTls) {
  if (!isTls) return result < 0 && (errno == EAGAIN || errno == EINTR);
  return result == ESP_TLS_ERR_SSL_WANT_READ || result == ESP_TLS_ERR_SSL_WANT_WRITE;
}

}  // namespace

HubLink::HubLink(const MeterConfig &config) : config_(config), identity_{psk_, sizeof psk_, config.id} {
  pskOf(config.secret, psk_);
  settings_.non_block = true;
  settings_.timeout_ms = lookMs;
  settings_.is_plain_tcp = !config.isTls;
  settings_.psk_hint_key = config.isTls ? &identity_ : nullptr;
  settings_.ciphersuites_list = suites;
  settings_.tls_version = ESP_TLS_VER_TLS_1_2;
}

bool HubLink::dial(uint64_t nowMs) {
  close();
  giveUpAtMs_ = nowMs + dialMs;
  tls_ = esp_tls_init();
  return tls_ != nullptr;
}

Opening HubLink::open(uint64_t nowMs) {
  const int hostLength = static_cast<int>(strlen(config_.hubHost));
  const int result = esp_tls_conn_new_async(config_.hubHost, hostLength, config_.hubPort, &settings_, tls_);
  if (result == 0) return nowMs < giveUpAtMs_ ? Opening::underWay : Opening::failed;
  isOpen_ = result == 1;
  return isOpen_ ? Opening::open : Opening::failed;
}

void HubLink::close() {
  if (tls_ != nullptr) esp_tls_conn_destroy(tls_);
  tls_ = nullptr;
  isOpen_ = false;
  waiting_ = offered_ = 0;
}

bool HubLink::write(const uint8_t *bytes, size_t length) {
  if (!isOpen_ || length > sizeof buffer_ - waiting_) return false;
  memcpy(buffer_ + waiting_, bytes, length);
  waiting_ += length;
  return drain();
}

/** After "later" mbedTLS counts the bytes of the first call as sent, so the same ones are offered again, and no more. */
bool HubLink::drain() {
  while (isOpen_ && waiting_ > 0) {
    const size_t length = offered_ > 0 ? offered_ : waiting_;
    const ssize_t taken = esp_tls_conn_write(tls_, buffer_, length);
    offered_ = isLater(taken, config_.isTls) ? length : 0;
    if (offered_ > 0) return true;
    if (taken <= 0) return false;
    waiting_ -= static_cast<size_t>(taken);
    memmove(buffer_, buffer_ + taken, waiting_);
  }
  return true;
}

int HubLink::read(uint8_t *bytes, size_t room) {
  const ssize_t got = esp_tls_conn_read(tls_, bytes, room);
  if (got > 0) return static_cast<int>(got);
  return isLater(got, config_.isTls) ? 0 : -1;
}

}  // namespace jirani
