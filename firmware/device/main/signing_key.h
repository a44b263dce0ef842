/** The Ed25519 key: made on this chip at its first start, and never told to anybody. */
#pragma once
#include "store.h"

namespace jirani {

/** Before Wi-Fi and ADC are started. False when the key can neither be found nor kept. */
bool findOrMakeSeed(Store &store, uint8_t seed[signingSeedBytes]);

}  // namespace jirani
