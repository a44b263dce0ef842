/** Whether a new firmware may come in, and whether it may stay. */
#pragma once
#include <stddef.h>
#include <stdint.h>

namespace jirani {

/** A new image that has not brought one reading to the hub after so long goes, and the old one comes back. */
constexpr uint64_t trialMsMax = 600'000;
/** Bytes of an image that `readImageHead` needs to see. */
constexpr size_t imageHeadBytes = 112;
constexpr size_t imageTextMax = 32;

/** What an image of ESP-IDF says about itself in front (esp_app_format.h, esp_app_desc.h). */
struct ImageHead {
  uint16_t chip;
  uint32_t secureVersion;
  char version[imageTextMax + 1];
  char project[imageTextMax + 1];
};

/** False when this is no image with a description. */
bool readImageHead(const uint8_t *bytes, size_t length, ImageHead &head);

enum class ImageRefusal : uint8_t { none, notAnImage, otherChip, otherProject, older, tooLarge };

/** Whether the image may replace the one that runs. Only a higher or the same secure version may. */
ImageRefusal judgeImage(const ImageHead &running, const ImageHead &offered, size_t offeredBytes, size_t slotBytes);

/** What a new image has achieved so far. */
struct TrialSigns {
  bool isWifiUp;
  bool isHubUp;
  /** Readings with a PUBACK in this life. */
  uint64_t delivered;
};

enum class TrialVerdict : uint8_t { none, wait, keep, rollBack };

class ImageTrial {
 public:
  void begin(bool isOnTrial, uint64_t nowMs) {
    isOnTrial_ = isOnTrial;
    beganAtMs_ = nowMs;
  }
  /** Each of `keep` and `rollBack` is said once. Wi-Fi, MQTT and the first PUBACK must all be there. */
  TrialVerdict judge(const TrialSigns &signs, uint64_t nowMs) {
    if (!isOnTrial_) return TrialVerdict::none;
    const bool isProven = signs.isWifiUp && signs.isHubUp && signs.delivered > 0;
    if (!isProven && nowMs - beganAtMs_ < trialMsMax) return TrialVerdict::wait;
    isOnTrial_ = false;
    return isProven ? TrialVerdict::keep : TrialVerdict::rollBack;
  }
  bool isOnTrial() const { return isOnTrial_; }

 private:
  bool isOnTrial_ = false;
  uint64_t beganAtMs_ = 0;
};

}  // namespace jirani
