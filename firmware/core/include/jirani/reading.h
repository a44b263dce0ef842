/** A reading: what the meter keeps in its log, and the very bytes that it tells the hub (PROTOCOL.md). */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "jirani/sha256.h"

namespace jirani {

/** Bits of `fl`, frozen when the reading is made: a retry must be the same bytes. */
enum ReadingFlag : uint16_t {
  flagClip = 1,
  flagNoMains = 2,
  flagBadFrequency = 4,
  /** The link was down when this was measured. */
  flagLinkDown = 8,
  flagFault = 16,
  flagSag = 32,
  flagTamper = 64,
};

/** How far a time is to be trusted: `tq` of the protocol. */
enum TimeQuality : uint8_t { timeNeverSet = 0, timeKeptOrFromHub = 1, timeSynchronised = 2 };

/** Registers in micro-joule: they never fall and are never netted. */
struct EnergyTotals {
  uint64_t importUj;
  uint64_t exportUj;
  uint64_t generationUj;
};

constexpr uint64_t microJoulesPerMwh = 3'600'000;

struct Reading {
  uint64_t sequence;
  /** Random at each start. */
  uint32_t boot;
  /** 0 when the clock was never set. */
  uint32_t unixSeconds;
  uint32_t uptimeSeconds;
  TimeQuality timeQuality;
  /** Above 0 imports. */
  int32_t powerMw;
  uint32_t voltageMv;
  uint32_t currentMa;
  uint32_t frequencyMhz;
  EnergyTotals energy;
  uint16_t flags;
};

/** Bytes of a reading in the log; the sequence number stands in the slot's own head. */
constexpr size_t packedReadingBytes = 55;
void packReading(const Reading &reading, uint8_t packed[packedReadingBytes]);
Reading unpackReading(uint64_t sequence, const uint8_t packed[packedReadingBytes]);

constexpr size_t meterIdMax = 64;
constexpr size_t topicBytesMax = 128;
constexpr size_t signatureBytesMax = 64;
/** A reading with every digit it may have, and its signature. */
constexpr size_t payloadBytesMax = 416;

/** Makes signatures. Deterministic: the same message has the same signature. */
class Signer {
 public:
  /** Bytes of `signature` that were written; 0 when there is no signature to be had. */
  virtual size_t sign(const uint8_t *message, size_t length, uint8_t signature[signatureBytesMax]) = 0;
  /** As the `info` topic names it: `ed25519` or `hs256`. */
  virtual const char *algorithm() const = 0;
  /** Of Ed25519 the 32 bytes of RFC 8032; nothing for a shared key. */
  virtual const uint8_t *publicKey() const = 0;

 protected:
  ~Signer() = default;
};

/** The fallback for meters without Ed25519: HMAC-SHA256 with a key that the hub knows too. */
class HmacSigner final : public Signer {
 public:
  explicit HmacSigner(const uint8_t key[sha256Bytes]);
  size_t sign(const uint8_t *message, size_t length, uint8_t signature[signatureBytesMax]) override;
  const char *algorithm() const override { return "hs256"; }
  const uint8_t *publicKey() const override { return nullptr; }

 private:
  uint8_t key_[sha256Bytes];
};

/** The payload up to its signature, without `}`. 0 when it does not fit. */
size_t renderReading(const Reading &reading, char *text, size_t capacity);

/**
 * The whole payload. Signed are `topic`, a line feed, and the payload up to, not including, `,"sig":"`. Answers its
 * length, or 0 when it does not fit or could not be signed.
 */
size_t sealReading(const Reading &reading, const char *topic, Signer &signer, char *payload, size_t capacity);

}  // namespace jirani
