/** SHA-256 (FIPS 180-4) and HMAC (RFC 2104): for commands, and for readings of meters without Ed25519. */
#pragma once
#include <stddef.h>
#include <stdint.h>

namespace jirani {

constexpr size_t sha256Bytes = 32;

class Sha256 {
 public:
  Sha256();
  void add(const void *bytes, size_t length);
  /** Ends the sum; afterwards the object is of no further use. */
  void finish(uint8_t sum[sha256Bytes]);

 private:
  void addBlock(const uint8_t *block);

  static constexpr size_t blockBytes = 64;
  uint32_t state_[8];
  uint64_t length_ = 0;
  uint8_t block_[blockBytes];
  size_t filled_ = 0;
};

/** HMAC-SHA256 of one message. */
void hmacSha256(const uint8_t *key, size_t keyLength, const void *message, size_t length,
                uint8_t mac[sha256Bytes]);

/** Compares in a time that tells nothing about where two secrets differ. */
bool sameSecret(const uint8_t *one, const uint8_t *other, size_t length);

}  // namespace jirani
