#include "connection.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

namespace jirani {

bool Connection::dial(const sockaddr_in &address) {
  close();
  descriptor_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor_ < 0) return false;
  const int on = 1;
  setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const int result = connect(descriptor_, reinterpret_cast<const sockaddr *>(&address), sizeof address);
  isOpening_ = true;
  if (result == 0 || errno == EINPROGRESS) return true;
  close();
  return false;
}

bool Connection::finishOpening() {
  int error = 0;
  socklen_t length = sizeof error;
  isOpening_ = false;
  return getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &error, &length) == 0 && error == 0;
}

void Connection::close() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
  isOpening_ = false;
  waiting_ = 0;
}

bool Connection::write(const uint8_t *bytes, size_t length) {
  if (descriptor_ < 0 || isOpening_ || length > sizeof buffer_ - waiting_) return false;
  size_t sent = 0;
  if (waiting_ == 0) {
    const ssize_t taken = send(descriptor_, bytes, length, MSG_NOSIGNAL);
    if (taken < 0 && errno != EAGAIN && errno != EINTR) return false;
    sent = taken < 0 ? 0 : static_cast<size_t>(taken);
  }
  memcpy(buffer_ + waiting_, bytes + sent, length - sent);
  waiting_ += length - sent;
  return true;
}

bool Connection::drain() {
  if (waiting_ == 0) return true;
  const ssize_t taken = send(descriptor_, buffer_, waiting_, MSG_NOSIGNAL);
  if (taken < 0) return errno == EAGAIN || errno == EINTR;
  waiting_ -= static_cast<size_t>(taken);
  memmove(buffer_, buffer_ + taken, waiting_);
  return true;
}

int Connection::read(uint8_t *bytes, size_t room) {
  const ssize_t got = recv(descriptor_, bytes, room, 0);
  if (got > 0) return static_cast<int>(got);
  return got < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}

}  // namespace jirani
