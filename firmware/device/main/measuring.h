/** The task that measures: nothing that the network does may make it late. */
#pragma once
#include "guard.h"
#include "source.h"

namespace jirani {

struct MeasuringParts {
  Source &source;
  Metering &metering;
  Lock &lock;
};

/** Starts the task; the parts must live for ever. False when there is no room for it. */
bool startMeasuring(MeasuringParts &parts);

}  // namespace jirani
