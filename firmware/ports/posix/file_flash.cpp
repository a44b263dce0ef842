#include "file_flash.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace jirani {

FileFlash::~FileFlash() {
  if (bytes_ != nullptr) munmap(bytes_, size_t{sectors_} * sectorBytes);
}

bool FileFlash::open(const char *path, uint32_t sectors) {
  const size_t length = size_t{sectors} * sectorBytes;
  const int file = path == nullptr ? -1 : ::open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  struct stat before {};
  if (path != nullptr && (file < 0 || fstat(file, &before) != 0)) return false;
  const bool isNew = before.st_size == 0;
  const bool isFitting = path == nullptr || (isNew ? ftruncate(file, static_cast<off_t>(length)) == 0
                                                   : before.st_size == static_cast<off_t>(length));
  const int flags = path == nullptr ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED;
  void *mapped = isFitting ? mmap(nullptr, length, PROT_READ | PROT_WRITE, flags, file, 0) : MAP_FAILED;
  // The mapping lives on without the descriptor; thousands of meters would use them all up.
  if (file >= 0) close(file);
  if (mapped == MAP_FAILED) return false;
  bytes_ = static_cast<uint8_t *>(mapped);
  sectors_ = sectors;
  if (isNew) memset(bytes_, 0xff, length);
  return true;
}

bool FileFlash::read(uint32_t at, void *bytes, size_t length) {
  if (!isWithin(at, length)) return false;
  memcpy(bytes, bytes_ + at, length);
  return true;
}

/** As NOR flash does: bits only fall. */
bool FileFlash::write(uint32_t at, const void *bytes, size_t length) {
  if (!isWithin(at, length)) return false;
  for (size_t k = 0; k < length; k++) bytes_[at + k] &= static_cast<const uint8_t *>(bytes)[k];
  return true;
}

bool FileFlash::erase(uint32_t sector) {
  if (sector >= sectors_) return false;
  memset(bytes_ + size_t{sector} * sectorBytes, 0xff, sectorBytes);
  return true;
}

}  // namespace jirani
