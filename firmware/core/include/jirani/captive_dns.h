/** Answers every name with the meter's own address, so that a phone on the setup access point opens the page by itself. */
#pragma once
#include <stddef.h>
#include <stdint.h>

namespace jirani {

/** RFC 1035: a message over UDP. */
constexpr size_t dnsBytesMax = 512;

/**
 * Answers a query for an IPv4 address with `address` and any other query with nothing found. Answers the length of
 * the answer; 0 when the query deserves none. `answer` has `dnsBytesMax` bytes.
 */
size_t answerDns(const uint8_t *query, size_t length, const uint8_t address[4], uint8_t *answer);

}  // namespace jirani
