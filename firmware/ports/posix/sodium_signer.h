/** Ed25519 by libsodium, as on the device. */
#pragma once
#include "jirani/reading.h"

namespace jirani {

constexpr size_t seedBytes = 32;

class SodiumSigner final : public Signer {
 public:
  /** `seed` is the private key of RFC 8032. */
  explicit SodiumSigner(const uint8_t seed[seedBytes]);
  ~SodiumSigner();
  size_t sign(const uint8_t *message, size_t length, uint8_t signature[signatureBytesMax]) override;
  const char *algorithm() const override { return "ed25519"; }
  const uint8_t *publicKey() const override { return publicKey_; }

 private:
  uint8_t publicKey_[32];
  uint8_t secretKey_[64];
};

}  // namespace jirani
