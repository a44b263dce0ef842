#include "improv_port.h"

#include "freertos/FreeRTOS.h"
#include "sdkconfig.h"

#ifdef CONFIG_ESP_CONSOLE_USB_SERIAL_JTAG
#include "driver/usb_serial_jtag.h"
#else
#include "driver/uart.h"
#endif

namespace jirani {
namespace {

constexpr size_t bufferBytes = 512;

#ifdef CONFIG_ESP_CONSOLE_USB_SERIAL_JTAG
void lineBegin() {
  usb_serial_jtag_driver_config_t config{};
  config.tx_buffer_size = bufferBytes;
  config.rx_buffer_size = bufferBytes;
  usb_serial_jtag_driver_install(&config);
}
int lineRead(uint8_t *bytes, size_t room) { return usb_serial_jtag_read_bytes(bytes, room, 0); }
// Without a computer at the other end nobody takes the bytes, so nothing waits for them.
void lineWrite(const uint8_t *bytes, size_t length) { usb_serial_jtag_write_bytes(bytes, length, 0); }
#else
void lineBegin() { uart_driver_install(UART_NUM_0, bufferBytes, bufferBytes, 0, nullptr, 0); }
int lineRead(uint8_t *bytes, size_t room) { return uart_read_bytes(UART_NUM_0, bytes, room, 0); }
void lineWrite(const uint8_t *bytes, size_t length) { uart_write_bytes(UART_NUM_0, bytes, length); }
#endif

}  // namespace

void ImprovPort::begin() { lineBegin(); }

bool ImprovPort::turn(const ImprovFacts &facts, WifiCredentials &wifi) {
  uint8_t bytes[64];
  bool hasNetwork = false;
  for (int got; (got = lineRead(bytes, sizeof bytes)) > 0;)
    for (int k = 0; k < got; k++)
      if (reader_.feed(bytes[k]) && reader_.type() == ImprovType::call) hasNetwork |= obey(facts, wifi);
  return hasNetwork;
}

bool ImprovPort::obey(const ImprovFacts &facts, WifiCredentials &wifi) {
  const ImprovCommand command = readImprovCall(reader_.bytes(), reader_.length(), wifi);
  switch (command) {
    case ImprovCommand::state: sayState(facts); return false;
    case ImprovCommand::about: sayAbout(facts); return false;
    // An empty list: the browser then lets the person type the name.
    case ImprovCommand::networks: sayNothing(command); return false;
    case ImprovCommand::malformed: say(ImprovType::error, static_cast<uint8_t>(ImprovError::malformed)); return false;
    case ImprovCommand::unknown: say(ImprovType::error, static_cast<uint8_t>(ImprovError::unknown)); return false;
    case ImprovCommand::wifi: break;
  }
  const ImprovError error = facts.isAllowed ? ImprovError::none : ImprovError::needsButton;
  say(ImprovType::error, static_cast<uint8_t>(error));
  if (facts.isAllowed) say(ImprovType::state, static_cast<uint8_t>(ImprovState::joining));
  return facts.isAllowed;
}

void ImprovPort::joined(const ImprovFacts &facts) {
  sayState(facts);
  sayNothing(ImprovCommand::wifi);
}

void ImprovPort::couldNotJoin() {
  say(ImprovType::error, static_cast<uint8_t>(ImprovError::cannotJoin));
  say(ImprovType::state, static_cast<uint8_t>(ImprovState::ready));
}

void ImprovPort::say(ImprovType type, uint8_t value) {
  uint8_t frame[16];
  lineWrite(frame, improvFrame(type, &value, 1, frame, sizeof frame));
}

void ImprovPort::sayState(const ImprovFacts &facts) {
  const ImprovState state = facts.isWifiUp    ? ImprovState::joined
                            : facts.isAllowed ? ImprovState::ready
                                              : ImprovState::needsButton;
  say(ImprovType::state, static_cast<uint8_t>(state));
}

void ImprovPort::sayAbout(const ImprovFacts &facts) {
  const char *texts[] = {"jirani-meter", facts.firmware, CONFIG_IDF_TARGET, facts.name};
  uint8_t frame[improvFrameMax];
  lineWrite(frame, improvResult(ImprovCommand::about, texts, 4, frame, sizeof frame));
}

void ImprovPort::sayNothing(ImprovCommand command) {
  uint8_t frame[16];
  lineWrite(frame, improvResult(command, nullptr, 0, frame, sizeof frame));
}

}  // namespace jirani
