/**
 * The label on a meter's box: who holds it in the hand may set the meter up. All of it follows from the meter's id and
 * secret, so that the hub can print it and the meter knows it without being told.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "jirani/sha256.h"

namespace jirani {

/** 60 bits in letters that nobody mixes up (Crockford's base 32: no I, L, O, U). */
constexpr size_t claimLetters = 12;
/** `jirani-` and six letters of the id. */
constexpr size_t setupNetworkBytesMax = 32;
constexpr size_t labelBytesMax = 96;

/** From HMAC-SHA256(key = pre-shared key, message = `jirani/v1/claim`), its first 60 bits; ends with a 0. */
void claimOf(const uint8_t psk[sha256Bytes], char claim[claimLetters + 1]);

/** Whether a text is the claim code, in small or big letters, with blanks and hyphens as people write them. */
bool knowsClaim(const char *text, size_t length, const char *claim);

/** The SSID of the setup access point; its WPA2 password is the claim code. */
void setupNetworkOf(const char *id, char network[setupNetworkBytesMax]);

/** What the QR code of the label says: phones that scan it join the setup access point. Ends with a 0. */
void labelOf(const char *id, const char *claim, char label[labelBytesMax]);

}  // namespace jirani
