#include "setup_page.h"

#include <string.h>

#include <atomic>

#include "esp_http_server.h"
#include "esp_log.h"
#include "freertos/FreeRTOS.h"
#include "freertos/queue.h"
#include "freertos/task.h"
#include "image_update.h"

extern const char pageStart[] asm("_binary_setup_page_html_start");

namespace jirani {
namespace {

constexpr UBaseType_t requestsMax = 2;
/** One guess at the code in so long, for all guests together: 60 bits outlive every patience. */
constexpr uint32_t wrongClaimMs = 2'000;
constexpr size_t pieceBytes = 1'024;
constexpr size_t stackBytes = 8'192;

const char *claimOfMeter = nullptr;
QueueHandle_t requests = nullptr;
std::atomic<bool> isImageNew{false};
std::atomic<const char *> words{""};

esp_err_t answer(httpd_req_t *request, const char *status, const char *text) {
  httpd_resp_set_status(request, status);
  httpd_resp_set_type(request, "text/plain");
  return httpd_resp_sendstr(request, text);
}

esp_err_t refuseClaim(httpd_req_t *request) {
  vTaskDelay(pdMS_TO_TICKS(wrongClaimMs));
  return answer(request, "403 Forbidden", wordsFor(SetupFault::wrongClaim));
}

esp_err_t showPage(httpd_req_t *request) {
  httpd_resp_set_type(request, "text/html; charset=utf-8");
  httpd_resp_set_hdr(request, "Cache-Control", "no-store");
  return httpd_resp_sendstr(request, pageStart);
}

esp_err_t showState(httpd_req_t *request) { return answer(request, "200 OK", words.load()); }

/** Phones ask for pages of their makers to see whether there is Internet; all of them become the setup page. */
esp_err_t sendHome(httpd_req_t *request) {
  httpd_resp_set_hdr(request, "Location", "http://192.168.4.1/");
  return answer(request, "302 Found", "");
}

esp_err_t takeForm(httpd_req_t *request) {
  char body[setupFormBytesMax];
  size_t filled = 0;
  if (request->content_len > sizeof body) return answer(request, "400 Bad Request", wordsFor(SetupFault::tooLong));
  while (filled < request->content_len) {
    const int got = httpd_req_recv(request, body + filled, request->content_len - filled);
    if (got <= 0) return ESP_FAIL;
    filled += static_cast<size_t>(got);
  }
  SetupRequest wish;
  const SetupFault fault = readSetupForm(body, filled, claimOfMeter, wish);
  memset(body, 0, sizeof body);
  if (fault == SetupFault::wrongClaim) return refuseClaim(request);
  if (fault != SetupFault::none) return answer(request, "400 Bad Request", wordsFor(fault));
  const bool isTaken = xQueueSend(requests, &wish, 0) == pdTRUE;
  return isTaken ? answer(request, "200 OK", wordsFor(fault))
                 : answer(request, "503 Service Unavailable", "One thing after the other, please.");
}

esp_err_t takeImage(httpd_req_t *request) {
  char claim[2 * claimLetters];
  const bool isClaimed = httpd_req_get_hdr_value_str(request, "X-Claim", claim, sizeof claim) == ESP_OK &&
                         knowsClaim(claim, strlen(claim), claimOfMeter);
  if (!isClaimed) return refuseClaim(request);
  static ImageUpdate update;
  static uint8_t piece[pieceBytes];
  bool isGood = update.begin(request->content_len);
  for (size_t left = request->content_len; isGood && left > 0;) {
    const int got = httpd_req_recv(request, reinterpret_cast<char *>(piece), left < pieceBytes ? left : pieceBytes);
    if (got == HTTPD_SOCK_ERR_TIMEOUT) continue;
    isGood = got > 0 && update.take(piece, static_cast<size_t>(got));
    left -= got > 0 ? static_cast<size_t>(got) : 0;
  }
  if (!isGood || !update.finish()) {
    update.abandon();
    return answer(request, "400 Bad Request", update.refusal());
  }
  isImageNew = true;
  return answer(request, "200 OK", "The meter starts anew and tries it. It stays if it brings a reading to the hub.");
}

struct Route {
  const char *path;
  httpd_method_t method;
  esp_err_t (*serve)(httpd_req_t *);
};
constexpr Route routes[] = {{"/", HTTP_GET, showPage},
                            {"/state", HTTP_GET, showState},
                            {"/setup", HTTP_POST, takeForm},
                            {"/firmware", HTTP_POST, takeImage},
                            {"/*", HTTP_GET, sendHome}};

}  // namespace

bool SetupPage::open(const char *claim) {
  if (server_ != nullptr) return true;
  claimOfMeter = claim;
  if (requests == nullptr) requests = xQueueCreate(requestsMax, sizeof(SetupRequest));
  httpd_config_t config = HTTPD_DEFAULT_CONFIG();
  config.stack_size = stackBytes;
  config.lru_purge_enable = true;
  config.uri_match_fn = httpd_uri_match_wildcard;
  httpd_handle_t server = nullptr;
  if (requests == nullptr || httpd_start(&server, &config) != ESP_OK) return false;
  for (const Route &route : routes) {
    httpd_uri_t uri{};
    uri.uri = route.path;
    uri.method = route.method;
    uri.handler = route.serve;
    httpd_register_uri_handler(server, &uri);
  }
  server_ = server;
  return true;
}

void SetupPage::close() {
  if (server_ != nullptr) httpd_stop(static_cast<httpd_handle_t>(server_));
  server_ = nullptr;
}

bool SetupPage::takeRequest(SetupRequest &request) {
  return requests != nullptr && xQueueReceive(requests, &request, 0) == pdTRUE;
}

bool SetupPage::wantsRestart() { return isImageNew.exchange(false); }

void SetupPage::say(const char *text) { words = text; }

}  // namespace jirani
