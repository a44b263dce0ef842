/** Wi-Fi: the household's network and, while somebody sets the meter up, an access point of its own. */
#pragma once
#include "jirani/setup_form.h"

namespace jirani {

/** Starts the network stack and the radio. */
bool wifiBegin();
/** Joins a network and joins it again whenever it is lost. */
void wifiJoin(const WifiCredentials &wifi);
bool isWifiUp();
/** Opens the setup access point; `password` is the claim code. */
void setupNetworkOpen(const char *name, const char *password);
void setupNetworkClose();

}  // namespace jirani
