#include "jirani/image_trial.h"

#include <string.h>

#include "jirani/bytes.h"

namespace jirani {

bool readImageHead(const uint8_t *bytes, size_t length, ImageHead &head) {
  constexpr uint8_t imageMagic = 0xe9;
  constexpr uint32_t descriptionMagic = 0xabcd5432;
  // 24 bytes of the image's head and 8 of its first segment's stand before the description.
  constexpr size_t chipAt = 12, descriptionAt = 32, versionAt = descriptionAt + 16, projectAt = versionAt + 32;
  if (length < imageHeadBytes || bytes[0] != imageMagic) return false;
  const uint8_t *at = bytes + descriptionAt;
  if (takeLittle<uint32_t>(at) != descriptionMagic) return false;
  memset(&head, 0, sizeof head);
  head.secureVersion = takeLittle<uint32_t>(at);
  at = bytes + chipAt;
  head.chip = takeLittle<uint16_t>(at);
  memcpy(head.version, bytes + versionAt, imageTextMax);
  memcpy(head.project, bytes + projectAt, imageTextMax);
  return true;
}

ImageRefusal judgeImage(const ImageHead &running, const ImageHead &offered, size_t offeredBytes, size_t slotBytes) {
  if (offered.chip != running.chip) return ImageRefusal::otherChip;
  if (strcmp(offered.project, running.project) != 0) return ImageRefusal::otherProject;
  if (offered.secureVersion < running.secureVersion) return ImageRefusal::older;
  return offeredBytes > slotBytes ? ImageRefusal::tooLarge : ImageRefusal::none;
}

}  // namespace jirani
