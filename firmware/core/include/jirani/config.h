/** What a meter is given before it leaves the keeper's table: lines of `name=value` (PROTOCOL.md). */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "jirani/reading.h"

namespace jirani {

constexpr size_t configBytesMax = 1024;
constexpr size_t secretMax = 128;
constexpr size_t hostMax = 64;
constexpr uint16_t readingSecondsMax = 900;
constexpr uint16_t keepAliveSecondsMax = 600;

struct MeterConfig {
  char id[meterIdMax + 1];
  /** The password; the pre-shared key of TLS is its SHA-256. */
  char secret[secretMax + 1];
  char hubHost[hostMax + 1];
  uint16_t hubPort;
  /** False only on a bench: then the secret crosses the wire in the clear. */
  bool isTls;
  uint16_t readingSeconds;
  uint16_t keepAliveSeconds;
  /** No sequence number up to here may be used; 0 for a new meter. */
  uint64_t sequenceFloor;
};

enum class ConfigFault : uint8_t { none, tooLong, malformedLine, unknownName, repeatedName, badValue, missing };

/** The key of the TLS connection. */
void pskOf(const char *secret, uint8_t psk[sha256Bytes]);

/** Reads all lines or nothing. */
ConfigFault readConfig(const char *text, size_t length, MeterConfig &config);

}  // namespace jirani
