#include "pixelfly-rt/Pictures.h"
using namespace pixelfly::rt;
void pixelfly::rt::drawTrainingCurves(const std::string &, const std::string &, const MetricsHistory &, int64_t) {}
void pixelfly::rt::drawPatterns(const std::string &, const Manifest &) {}
