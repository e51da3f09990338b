### Dates and times.

# The months' short names, in order, a space between.
months = Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec
date = { $month } { $day }, { $year }
moment = { $date }, { $clock } UTC
