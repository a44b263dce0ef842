#include "jirani/captive_dns.h"

#include <string.h>

namespace jirani {

static constexpr size_t headBytes = 12;
static constexpr size_t answerBytes = 16;
static constexpr size_t labelMax = 63;

/** Where the name's end stands, behind its 0; 0 when it is no name. */
static size_t endOfName(const uint8_t *query, size_t length) {
  for (size_t at = headBytes; at < length; at += 1 + query[at]) {
    if (query[at] == 0) return at + 1;
    if (query[at] > labelMax) return 0;
  }
  return 0;
}

size_t answerDns(const uint8_t *query, size_t length, const uint8_t address[4], uint8_t *answer) {
  if (length < headBytes || length > dnsBytesMax - answerBytes) return 0;
  const bool isQuery = (query[2] & 0xf8) == 0;
  const bool isOneQuestion = query[4] == 0 && query[5] == 1;
  const size_t nameEnd = endOfName(query, length);
  if (!isQuery || !isOneQuestion || nameEnd == 0 || nameEnd + 4 > length) return 0;
  const uint8_t wanted[] = {0, 1, 0, 1};
  const bool isForAddress = memcmp(query + nameEnd, wanted, sizeof wanted) == 0;
  const size_t questionEnd = nameEnd + 4;
  memcpy(answer, query, questionEnd);
  // An answer, from who knows, with the wish for recursion given back.
  answer[2] = static_cast<uint8_t>(0x84 | (query[2] & 1));
  memset(answer + 3, 0, headBytes - 3);
  answer[5] = 1;
  if (!isForAddress) return questionEnd;
  answer[7] = 1;
  // The name of byte 12, type A, class IN, for ten seconds, four bytes.
  const uint8_t found[] = {0xc0, headBytes, 0, 1, 0, 1, 0, 0, 0, 10, 0, 4};
  memcpy(answer + questionEnd, found, sizeof found);
  memcpy(answer + questionEnd + sizeof found, address, 4);
  return questionEnd + answerBytes;
}

}  // namespace jirani
