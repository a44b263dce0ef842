/** One TCP connection that never blocks. What the socket does not take at once waits in a small buffer. */
#pragma once
#include <netinet/in.h>

#include "jirani/mqtt.h"

namespace jirani {

class Connection final : public Transport {
 public:
  Connection() = default;
  ~Connection() { close(); }
  Connection(const Connection &) = delete;
  Connection &operator=(const Connection &) = delete;

  /** Begins to connect; `isOpen` is told by the first `finishOpening`. False when that is impossible. */
  bool dial(const sockaddr_in &address);
  /** When the socket can be written to for the first time: whether it is connected. */
  bool finishOpening();
  void close();

  bool write(const uint8_t *bytes, size_t length) override;
  /** Sends what waits. False when the connection is broken. */
  bool drain();
  /** Bytes read; 0 when there are none at the moment; -1 when the connection is over. */
  int read(uint8_t *bytes, size_t room);

  int descriptor() const { return descriptor_; }
  bool isOpening() const { return isOpening_; }
  bool isWaitingToWrite() const { return isOpening_ || waiting_ > 0; }

 private:
  int descriptor_ = -1;
  bool isOpening_ = false;
  size_t waiting_ = 0;
  uint8_t buffer_[2 * packetBytesMax];
};

}  // namespace jirani
