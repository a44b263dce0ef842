/** Flash in a file, or in memory when there is none: a virtual meter's log survives its process. */
#pragma once
#include "jirani/flash_log.h"

namespace jirani {

class FileFlash final : public Flash {
 public:
  FileFlash() = default;
  ~FileFlash();
  FileFlash(const FileFlash &) = delete;
  FileFlash &operator=(const FileFlash &) = delete;

  /** With `path` nullptr nothing is kept. False when the file cannot be opened, or has another size. */
  bool open(const char *path, uint32_t sectors);

  bool read(uint32_t at, void *bytes, size_t length) override;
  bool write(uint32_t at, const void *bytes, size_t length) override;
  bool erase(uint32_t sector) override;
  uint32_t sectors() const override { return sectors_; }

 private:
  bool isWithin(uint32_t at, size_t length) const { return at + length <= size_t{sectors_} * sectorBytes; }

  uint8_t *bytes_ = nullptr;
  uint32_t sectors_ = 0;
};

}  // namespace jirani
