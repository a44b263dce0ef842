// A stand-in of our own for a header of ESP-IDF: names and types only (see ../README.md).
#pragma once
#include <stddef.h>
#define crypto_sign_BYTES 64U
extern "C" {
int crypto_sign_seed_keypair(unsigned char *pk, unsigned char *sk, const unsigned char *seed);
int crypto_sign_detached(unsigned char *sig, unsigned long long *siglen_p, const unsigned char *m,
                         unsigned long long mlen, const unsigned char *sk);
void sodium_memzero(void *pnt, size_t len);
}
