# Checks a calibration's two tables against themselves: every time is a positive
# number, every error is the prediction over the measurement, and the line below
# a table counts its rows. Whatever the times are, these hold.
BEGIN {
  unitSeconds["ns"] = 1e-9
  unitSeconds["us"] = 1e-6
  unitSeconds["ms"] = 1e-3
  unitSeconds["s"] = 1
}
function seconds(number, unit) {
  if (number !~ /^[0-9.]+(e[+-][0-9]+)?$/ || number + 0 <= 0)
    fail("no time: " $0)
  if (!(unit in unitSeconds))
    fail("no unit: " $0)
  return number * unitSeconds[unit]
}
function fail(what) {
  print what
  failed = 1
  exit 1
}
/%$/ && / x / {
  measured = seconds($(NF - 4), $(NF - 3))
  predicted = seconds($(NF - 2), $(NF - 1))
  error = $NF + 0
  # Four digits of the times, one decimal of the error.
  ratio = predicted / measured
  difference = 100 * (ratio - 1) - error
  if (difference < 0)
    difference = -difference
  if (!(difference <= 0.06 + 0.2 * ratio))
    fail("not the error: " $0)
  size = error < 0 ? -error : error
  rows += 1
  least += size < 19.95
  most += size <= 20.05
  if (size > worst)
    worst = size
}
/ within 20 %; root mean square / {
  if ($3 != rows || $1 < least || $1 > most)
    fail("not the count of " rows " rows, " least " to " most " within: " $0)
  if ($10 + 0 < 0 || $10 + 0 > worst + 0.1 || $13 + 0 != worst)
    fail("not the mean or the worst, which is " worst ": " $0)
  print "table of " rows " rows"
  rows = least = most = worst = 0
  tables += 1
}
END {
  if (!failed && tables != 2) {
    print "not two tables"
    exit 1
  }
}
