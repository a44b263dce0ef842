#include "jirani/sha256.h"

#include <string.h>

namespace jirani {
namespace {

constexpr uint32_t roundConstants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

constexpr uint32_t startState[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

constexpr uint32_t rotated(uint32_t word, int bits) { return word >> bits | word << (32 - bits); }

uint32_t wordAt(const uint8_t *bytes) {
  return uint32_t{bytes[0]} << 24 | uint32_t{bytes[1]} << 16 | uint32_t{bytes[2]} << 8 | bytes[3];
}

}  // namespace

Sha256::Sha256() { memcpy(state_, startState, sizeof state_); }

void Sha256::addBlock(const uint8_t *block) {
  uint32_t words[64];
  for (int at = 0; at < 16; at++) words[at] = wordAt(block + 4 * at);
  for (int at = 16; at < 64; at++) {
    const uint32_t early = words[at - 15], late = words[at - 2];
    const uint32_t low = rotated(early, 7) ^ rotated(early, 18) ^ early >> 3;
    const uint32_t high = rotated(late, 17) ^ rotated(late, 19) ^ late >> 10;
    words[at] = words[at - 16] + low + words[at - 7] + high;
  }
  uint32_t s[8];
  memcpy(s, state_, sizeof s);
  for (int round = 0; round < 64; round++) {
    const uint32_t mixE = rotated(s[4], 6) ^ rotated(s[4], 11) ^ rotated(s[4], 25);
    const uint32_t choice = (s[4] & s[5]) ^ (~s[4] & s[6]);
    const uint32_t first = s[7] + mixE + choice + roundConstants[round] + words[round];
    const uint32_t mixA = rotated(s[0], 2) ^ rotated(s[0], 13) ^ rotated(s[0], 22);
    const uint32_t majority = (s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]);
    memmove(s + 1, s, 7 * sizeof s[0]);
    s[4] += first;
    s[0] = first + mixA + majority;
  }
  for (int at = 0; at < 8; at++) state_[at] += s[at];
}

void Sha256::add(const void *bytes, size_t length) {
  const uint8_t *from = static_cast<const uint8_t *>(bytes);
  length_ += length;
  while (length > 0) {
    const size_t room = blockBytes - filled_;
    const size_t part = length < room ? length : room;
    memcpy(block_ + filled_, from, part);
    filled_ += part;
    from += part;
    length -= part;
    if (filled_ < blockBytes) return;
    addBlock(block_);
    filled_ = 0;
  }
}

void Sha256::finish(uint8_t sum[sha256Bytes]) {
  const uint64_t bits = length_ * 8;
  static const uint8_t padding[blockBytes] = {0x80};
  add(padding, (filled_ < 56 ? 56 : 120) - filled_);
  uint8_t tail[8];
  for (int at = 0; at < 8; at++) tail[at] = static_cast<uint8_t>(bits >> (56 - 8 * at));
  add(tail, sizeof tail);
  for (int at = 0; at < 32; at++) sum[at] = static_cast<uint8_t>(state_[at / 4] >> (24 - 8 * (at % 4)));
}

void hmacSha256(const uint8_t *key, size_t keyLength, const void *message, size_t length,
                uint8_t mac[sha256Bytes]) {
  constexpr size_t blockBytes = 64;
  uint8_t padded[blockBytes] = {};
  if (keyLength > blockBytes) {
    Sha256 shortened;
    shortened.add(key, keyLength);
    shortened.finish(padded);
  } else if (keyLength > 0) {
    memcpy(padded, key, keyLength);
  }
  uint8_t pad[blockBytes], inner[sha256Bytes];
  for (size_t at = 0; at < blockBytes; at++) pad[at] = padded[at] ^ 0x36;
  Sha256 in;
  in.add(pad, blockBytes);
  in.add(message, length);
  in.finish(inner);
  for (size_t at = 0; at < blockBytes; at++) pad[at] = padded[at] ^ 0x5c;
  Sha256 out;
  out.add(pad, blockBytes);
  out.add(inner, sha256Bytes);
  out.finish(mac);
}

bool sameSecret(const uint8_t *one, const uint8_t *other, size_t length) {
  volatile uint8_t different = 0;
  for (size_t at = 0; at < length; at++) different = different | (one[at] ^ other[at]);
  return different == 0;
}

}  // namespace jirani
