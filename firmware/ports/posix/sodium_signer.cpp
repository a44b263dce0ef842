#include "sodium_signer.h"

#include <sodium.h>

namespace jirani {

SodiumSigner::SodiumSigner(const uint8_t seed[seedBytes]) { crypto_sign_seed_keypair(publicKey_, secretKey_, seed); }

SodiumSigner::~SodiumSigner() { sodium_memzero(secretKey_, sizeof secretKey_); }

size_t SodiumSigner::sign(const uint8_t *message, size_t length, uint8_t signature[signatureBytesMax]) {
  return crypto_sign_detached(signature, nullptr, message, length, secretKey_) == 0 ? crypto_sign_BYTES : 0;
}

}  // namespace jirani
