#include "captive_net.h"

#include "jirani/captive_dns.h"
#include "lwip/sockets.h"

namespace jirani {
namespace {

constexpr uint16_t dnsPort = 53;
/** What ESP-IDF gives an access point. */
constexpr uint8_t ownAddress[] = {192, 168, 4, 1};
constexpr int answersAtOnce = 4;

}  // namespace

void CaptiveNet::open() {
  close();
  socket_ = socket(AF_INET, SOCK_DGRAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(dnsPort);
  // Only on the access point: to the household's own network the meter is no name server.
  const uint32_t own = uint32_t{ownAddress[0]} << 24 | ownAddress[1] << 16 | ownAddress[2] << 8 | ownAddress[3];
  address.sin_addr.s_addr = htonl(own);
  if (socket_ >= 0 && bind(socket_, reinterpret_cast<sockaddr *>(&address), sizeof address) != 0) close();
}

void CaptiveNet::turn() {
  for (int k = 0; socket_ >= 0 && k < answersAtOnce; k++) {
    uint8_t query[dnsBytesMax], answer[dnsBytesMax];
    sockaddr_in guest{};
    socklen_t length = sizeof guest;
    const ssize_t got =
        recvfrom(socket_, query, sizeof query, MSG_DONTWAIT, reinterpret_cast<sockaddr *>(&guest), &length);
    if (got <= 0) return;
    const size_t answered = answerDns(query, static_cast<size_t>(got), ownAddress, answer);
    if (answered > 0) sendto(socket_, answer, answered, 0, reinterpret_cast<sockaddr *>(&guest), length);
  }
}

void CaptiveNet::close() {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
}

}  // namespace jirani
