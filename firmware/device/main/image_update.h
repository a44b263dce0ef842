/** A new firmware: only from whoever stands in front of the meter and knows its code, and only for as long as it proves itself. */
#pragma once
#include "esp_ota_ops.h"
#include "jirani/image_trial.h"

namespace jirani {

/** Whether the firmware that runs has still to prove itself. */
bool isImageOnTrial();
void keepImage();
/** Starts the old firmware; does not return when there is one. */
void rollImageBack();

/** Takes an image in pieces into the other slot. */
class ImageUpdate {
 public:
  /** `bytes` is the length of the whole image. */
  bool begin(size_t bytes);
  bool take(const uint8_t *piece, size_t length);
  /** True when the image is whole, ours, checked, and the next start's. */
  bool finish();
  void abandon();
  const char *refusal() const { return refusal_; }

 private:
  bool refuse(const char *why);
  bool judgeHead();

  const esp_partition_t *slot_ = nullptr;
  esp_ota_handle_t writing_ = 0;
  bool isWriting_ = false;
  size_t wanted_ = 0;
  size_t written_ = 0;
  size_t headFilled_ = 0;
  uint8_t head_[imageHeadBytes];
  const char *refusal_ = "";
};

}  // namespace jirani
