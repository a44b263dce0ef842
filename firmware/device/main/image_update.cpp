#include "image_update.h"

#include <string.h>

#include "esp_log.h"
#include "esp_partition.h"

namespace jirani {

bool isImageOnTrial() {
  esp_ota_img_states_t state;
  return esp_ota_get_state_partition(esp_ota_get_running_partition(), &state) == ESP_OK &&
         state == ESP_OTA_IMG_PENDING_VERIFY;
}

void keepImage() {
  if (esp_ota_mark_app_valid_cancel_rollback() != ESP_OK) ESP_LOGE("image", "could not be kept");
}

void rollImageBack() { esp_ota_mark_app_invalid_rollback_and_reboot(); }

bool ImageUpdate::refuse(const char *why) {
  abandon();
  refusal_ = why;
  return false;
}

bool ImageUpdate::begin(size_t bytes) {
  abandon();
  refusal_ = "";
  // A firmware on trial may have to go back to the very slot that an update would overwrite.
  if (isImageOnTrial()) return refuse("The last update has not proved itself yet.");
  slot_ = esp_ota_get_next_update_partition(nullptr);
  wanted_ = bytes;
  written_ = headFilled_ = 0;
  return slot_ != nullptr || refuse("There is no place for it.");
}

bool ImageUpdate::judgeHead() {
  uint8_t own[imageHeadBytes];
  ImageHead running, offered;
  const bool isReadable = esp_partition_read(esp_ota_get_running_partition(), 0, own, sizeof own) == ESP_OK &&
                          readImageHead(own, sizeof own, running) && readImageHead(head_, sizeof head_, offered);
  const ImageRefusal refusal =
      isReadable ? judgeImage(running, offered, wanted_, slot_->size) : ImageRefusal::notAnImage;
  switch (refusal) {
    case ImageRefusal::none: break;
    case ImageRefusal::otherChip: return refuse("It is for another chip.");
    case ImageRefusal::older: return refuse("It is older than what this meter must have.");
    case ImageRefusal::tooLarge: return refuse("It is too large.");
    case ImageRefusal::otherProject:
    case ImageRefusal::notAnImage: return refuse("This is not a firmware of this meter.");
  }
  isWriting_ = esp_ota_begin(slot_, OTA_WITH_SEQUENTIAL_WRITES, &writing_) == ESP_OK;
  return isWriting_ && esp_ota_write(writing_, head_, sizeof head_) == ESP_OK ? true : refuse("It could not be written.");
}

/** Nothing is erased before the head has been looked at. */
bool ImageUpdate::take(const uint8_t *piece, size_t length) {
  if (slot_ == nullptr || written_ + length > wanted_) return refuse("It is longer than it said.");
  written_ += length;
  if (!isWriting_) {
    const size_t room = sizeof head_ - headFilled_;
    const size_t part = length < room ? length : room;
    memcpy(head_ + headFilled_, piece, part);
    headFilled_ += part;
    if (headFilled_ < sizeof head_) return true;
    if (!judgeHead()) return false;
    piece += part;
    length -= part;
  }
  return length == 0 || esp_ota_write(writing_, piece, length) == ESP_OK || refuse("It could not be written.");
}

bool ImageUpdate::finish() {
  if (!isWriting_ || written_ != wanted_) return refuse("It broke off.");
  isWriting_ = false;
  // Checks the image's own hash, and with secure boot its signature.
  if (esp_ota_end(writing_) != ESP_OK) return refuse("It is damaged, or not signed for this meter.");
  return esp_ota_set_boot_partition(slot_) == ESP_OK || refuse("It could not be made the next one.");
}

void ImageUpdate::abandon() {
  if (isWriting_) esp_ota_abort(writing_);
  isWriting_ = false;
  slot_ = nullptr;
}

}  // namespace jirani
