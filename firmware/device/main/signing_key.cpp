#include "signing_key.h"

#include <string.h>

#include "bootloader_random.h"
#include "esp_log.h"
#include "esp_random.h"

namespace jirani {

bool findOrMakeSeed(Store &store, uint8_t seed[signingSeedBytes]) {
  if (store.loadSeed(seed)) return true;
  // Without the radio the generator has no noise of its own; this gives it the noise of the ADC, which is still free.
  bootloader_random_enable();
  esp_fill_random(seed, signingSeedBytes);
  bootloader_random_disable();
  if (!store.keepSeed(seed)) return false;
  // What cannot be read back is no key: readings signed with it could not be told apart from a stranger's tomorrow.
  uint8_t kept[signingSeedBytes];
  const bool isKept = store.loadSeed(kept) && memcmp(kept, seed, signingSeedBytes) == 0;
  memset(kept, 0, sizeof kept);
  ESP_LOGI("key", "a new signing key was made: the hub must learn it");
  return isKept;
}

}  // namespace jirani
