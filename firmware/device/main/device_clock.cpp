#include "device_clock.h"

#include <sys/time.h>
#include <time.h>

#include <atomic>

#include "esp_log.h"
#include "esp_netif_sntp.h"
#include "esp_timer.h"

namespace jirani {

// Set in the network's task, taken in the main one.
static std::atomic<bool> hasNews{false};

static void synchronised(struct timeval *) { hasNews = true; }

uint64_t nowMs() { return static_cast<uint64_t>(esp_timer_get_time()) / 1'000; }

void DeviceClock::begin() {
  esp_sntp_config_t config{};
  config.start = true;
  config.sync_cb = synchronised;
  config.ip_event_to_renew = IP_EVENT_STA_GOT_IP;
  config.num_of_servers = 2;
  config.servers[0] = "africa.pool.ntp.org";
  config.servers[1] = "pool.ntp.org";
  if (esp_netif_sntp_init(&config) != ESP_OK) ESP_LOGW("clock", "no SNTP: the hub tells the time");
}

void DeviceClock::turn() {
  if (!hasNews.exchange(false)) return;
  clock_.synchronise(static_cast<uint32_t>(time(nullptr)), nowMs());
}

}  // namespace jirani
