### Datum und Uhrzeit.

months = Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez.
date = { $day }. { $month } { $year }
moment = { $date }, { $clock } UTC
