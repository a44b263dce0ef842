#include "adc_frontend.h"

#include "esp_adc/adc_cali.h"
#include "esp_adc/adc_cali_scheme.h"
#include "esp_log.h"

namespace jirani {
namespace {

constexpr size_t momentsAtOnce = 64;
/** What an ideal ADC with this attenuation would read as code 4096. */
constexpr uint16_t fullScaleMv = 3'100;

/** Before anybody has calibrated: gains of 0, with which nothing is counted. */
Calibration uncalibrated() {
  Calibration calibration;
  calibration.askedRateHz = askedMomentsHz;
  // Channels are converted one after the other, evenly.
  calibration.grid.lateMillisamples = hasGenerationClamp ? 333 : 500;
  calibration.generation.lateMillisamples = 667;
#ifdef SAMPLER_ONESHOT
  // The simulator's mains has these gains (firmware/wokwi/mains.chip.c), and its ADC is straight.
  calibration.uvPerCode = 210'526;
  calibration.grid.uaPerCode = calibration.generation.uaPerCode = hasGenerationClamp ? 85'600 : 0;
  calibration.grid.uaPerCode = 85'600;
  calibration.grid.lateMillisamples = calibration.generation.lateMillisamples = 0;
#endif
  return calibration;
}

/** The chip's own factory values, without which the ADC is 5 to 10 % off. */
bool makeScheme(adc_cali_handle_t &scheme) {
#if ADC_CALI_SCHEME_CURVE_FITTING_SUPPORTED
  adc_cali_curve_fitting_config_t config{};
  config.unit_id = ADC_UNIT_1;
  config.atten = ADC_ATTEN_DB_12;
  config.bitwidth = ADC_BITWIDTH_12;
  return adc_cali_create_scheme_curve_fitting(&config, &scheme) == ESP_OK;
#else
  adc_cali_line_fitting_config_t config{};
  config.unit_id = ADC_UNIT_1;
  config.atten = ADC_ATTEN_DB_12;
  config.bitwidth = ADC_BITWIDTH_12;
  return adc_cali_create_scheme_line_fitting(&config, &scheme) == ESP_OK;
#endif
}

void straighten(Metering &metering) {
#ifndef SAMPLER_ONESHOT
  adc_cali_handle_t scheme;
  uint16_t pinMv[curveKnots];
  bool isKnown = makeScheme(scheme);
  for (int knot = 0; knot < curveKnots && isKnown; knot++) {
    const int code = knot * 64 > adcCodeMax ? adcCodeMax : knot * 64;
    int millivolts = 0;
    isKnown = adc_cali_raw_to_voltage(scheme, code, &millivolts) == ESP_OK && millivolts >= 0;
    pinMv[knot] = static_cast<uint16_t>(millivolts);
  }
  isKnown = isKnown && metering.voltageCurve().setMillivolts(pinMv, fullScaleMv) &&
            metering.currentCurve().setMillivolts(pinMv, fullScaleMv) &&
            metering.generationCurve().setMillivolts(pinMv, fullScaleMv);
  if (!isKnown) ESP_LOGW("adc", "this chip has no factory values for its ADC: expect errors of 5 to 10 %%");
#else
  (void)metering;
  (void)makeScheme;
#endif
}

}  // namespace

bool AdcFrontend::begin(Store &store, Metering &metering) {
  store_ = &store;
  straighten(metering);
  calibration_ = uncalibrated();
  Calibration kept;
  if (store.loadCalibration(kept)) {
    calibration_ = kept;
    calibration_.askedRateHz = askedMomentsHz;
  }
  return samplerBegin();
}

uint32_t AdcFrontend::feed(Metering &metering) {
  if (samplerLost()) metering.lostSamples();
  const Arrival arrival = samplerArrival();
  metering.clock(arrival.moments, arrival.atUs);
  SamplePair pairs[momentsAtOnce];
  uint32_t blocks = 0;
  while (const size_t count = samplerTake(pairs, momentsAtOnce))
    for (size_t k = 0; k < count; k++) {
      if (!metering.sample(pairs[k])) continue;
      blocks++;
      run_.take(metering.block(), metering.rate().milliHz());
    }
  return blocks;
}

void AdcFrontend::use(Metering &metering, const Calibration &calibration) {
  calibration_ = calibration;
  metering.calibrate(calibration_);
  if (!store_->keepCalibration(calibration_)) ESP_LOGE("adc", "the calibration could not be kept");
}

bool AdcFrontend::trim(Metering &metering, int32_t voltagePpm, int32_t currentPpm, int32_t lagNs) {
  Calibration changed = calibration_;
  if (!changed.trim(voltagePpm, currentPpm, lagNs)) return false;
  use(metering, changed);
  return true;
}

void AdcFrontend::beginLoad(uint32_t trueMv, uint32_t trueMw) {
  run_.beginLoad(trueMv, trueMw);
  isLoadRunning_ = true;
}

CalibrationOutcome AdcFrontend::calibrateOn(Store &, Metering &metering, uint32_t unixSeconds) {
  if (!isLoadRunning_) return CalibrationOutcome::needsMoreTime;
  Calibration found = calibration_;
  const CalibrationOutcome outcome = run_.finish(found);
  if (outcome == CalibrationOutcome::needsMoreTime) return outcome;
  isLoadRunning_ = false;
  if (outcome != CalibrationOutcome::done) return outcome;
  found.number++;
  found.madeAt = unixSeconds;
  // The roof's clamp is of the same kind; the hub's command and an inverter's own display do the rest.
  const int32_t late = found.generation.lateMillisamples;
  if (hasGenerationClamp) {
    found.generation = found.grid;
    found.generation.lateMillisamples = late;
  }
  use(metering, found);
  return outcome;
}

#ifdef CONFIG_JIRANI_FRONTEND_ADC
Source &theSource() {
  static AdcFrontend source;
  return source;
}
#endif

}  // namespace jirani
