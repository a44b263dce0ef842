#include "wifi.h"

#include <string.h>

#include <atomic>

#include "esp_event.h"
#include "esp_log.h"
#include "esp_netif.h"
#include "esp_wifi.h"

namespace jirani {
namespace {

constexpr char tag[] = "wifi";
constexpr uint8_t guestsMax = 2;

std::atomic<bool> isUp{false};
std::atomic<bool> hasNetwork{false};
std::atomic<bool> isSetupOpen{false};

void happened(void *, esp_event_base_t base, int32_t what, void *) {
  if (base == IP_EVENT && what == IP_EVENT_STA_GOT_IP) isUp = true;
  if (base != WIFI_EVENT) return;
  if (what == WIFI_EVENT_STA_DISCONNECTED) isUp = false;
  // A look through all channels takes seconds by itself, so there is no other pause. While somebody sets the meter up it
  // would take the access point away from under them.
  const bool mayTry = what == WIFI_EVENT_STA_START || (what == WIFI_EVENT_STA_DISCONNECTED && !isSetupOpen);
  if (mayTry && hasNetwork) esp_wifi_connect();
}

}  // namespace

bool wifiBegin() {
  wifi_init_config_t config = WIFI_INIT_CONFIG_DEFAULT();
  const bool isStarted = esp_netif_init() == ESP_OK && esp_event_loop_create_default() == ESP_OK &&
                         esp_netif_create_default_wifi_sta() != nullptr &&
                         esp_netif_create_default_wifi_ap() != nullptr && esp_wifi_init(&config) == ESP_OK;
  // The driver keeps nothing of its own in NVS: the network is kept once, in the store.
  return isStarted && esp_wifi_set_storage(WIFI_STORAGE_RAM) == ESP_OK &&
         esp_event_handler_register(WIFI_EVENT, ESP_EVENT_ANY_ID, happened, nullptr) == ESP_OK &&
         esp_event_handler_register(IP_EVENT, IP_EVENT_STA_GOT_IP, happened, nullptr) == ESP_OK &&
         esp_wifi_set_mode(WIFI_MODE_STA) == ESP_OK && esp_wifi_start() == ESP_OK;
}

void wifiJoin(const WifiCredentials &wifi) {
  wifi_config_t config{};
  memcpy(config.sta.ssid, wifi.ssid, strlen(wifi.ssid));
  memcpy(config.sta.password, wifi.password, strlen(wifi.password));
  // Whoever gave a password expects a network that asks for one; an open one of the same name is somebody else's.
  config.sta.threshold.authmode = wifi.password[0] == 0 ? WIFI_AUTH_OPEN : WIFI_AUTH_WPA2_PSK;
  hasNetwork = true;
  isUp = false;
  esp_wifi_disconnect();
  if (esp_wifi_set_config(WIFI_IF_STA, &config) != ESP_OK || esp_wifi_connect() != ESP_OK)
    ESP_LOGW(tag, "the network could not be joined yet");
}

bool isWifiUp() { return isUp; }

void setupNetworkOpen(const char *name, const char *password) {
  isSetupOpen = true;
  wifi_config_t config{};
  config.ap.ssid_len = static_cast<uint8_t>(strlen(name));
  memcpy(config.ap.ssid, name, config.ap.ssid_len);
  memcpy(config.ap.password, password, strlen(password));
  config.ap.authmode = WIFI_AUTH_WPA2_PSK;
  config.ap.max_connection = guestsMax;
  if (esp_wifi_set_mode(WIFI_MODE_APSTA) != ESP_OK || esp_wifi_set_config(WIFI_IF_AP, &config) != ESP_OK)
    ESP_LOGE(tag, "the setup access point could not be opened");
}

void setupNetworkClose() {
  isSetupOpen = false;
  esp_wifi_set_mode(WIFI_MODE_STA);
  if (hasNetwork && !isUp) esp_wifi_connect();
}

}  // namespace jirani
