#include "jirani/setup_label.h"

#include <string.h>

#include "jirani/text.h"

namespace jirani {

static constexpr char claimMessage[] = "jirani/v1/claim";
static constexpr char crockford[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

void claimOf(const uint8_t psk[sha256Bytes], char claim[claimLetters + 1]) {
  uint8_t mac[sha256Bytes];
  hmacSha256(psk, sha256Bytes, claimMessage, sizeof claimMessage - 1, mac);
  uint64_t bits = 0;
  for (size_t at = 0; at < 8; at++) bits = bits << 8 | mac[at];
  for (size_t at = 0; at < claimLetters; at++) claim[at] = crockford[bits >> (59 - 5 * at) & 31];
  claim[claimLetters] = 0;
}

bool knowsClaim(const char *text, size_t length, const char *claim) {
  char found[claimLetters] = {};
  size_t letters = 0;
  for (size_t at = 0; at < length; at++) {
    char letter = text[at];
    if (letter == ' ' || letter == '-') continue;
    if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
    if (letters == claimLetters) return false;
    found[letters++] = letter;
  }
  return letters == claimLetters &&
         sameSecret(reinterpret_cast<const uint8_t *>(found), reinterpret_cast<const uint8_t *>(claim), claimLetters);
}

void setupNetworkOf(const char *id, char network[setupNetworkBytesMax]) {
  constexpr size_t tailMax = 6;
  const size_t length = strlen(id);
  TextWriter out(network, setupNetworkBytesMax - 1);
  out.text("jirani-");
  for (size_t at = length > tailMax ? length - tailMax : 0; at < length; at++) {
    // A colon would have to be escaped in the QR code.
    const char letter = id[at] == ':' ? '-' : id[at];
    out.bytes(&letter, 1);
  }
  network[out.length()] = 0;
}

void labelOf(const char *id, const char *claim, char label[labelBytesMax]) {
  char network[setupNetworkBytesMax];
  setupNetworkOf(id, network);
  TextWriter out(label, labelBytesMax - 1);
  out.text("WIFI:T:WPA;S:").text(network).text(";P:").text(claim).text(";;");
  label[out.length()] = 0;
}

}  // namespace jirani
