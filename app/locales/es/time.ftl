### Fechas y horas.

months = ene feb mar abr may jun jul ago sept oct nov dic
date = { $day } { $month } { $year }
moment = { $date }, { $clock } UTC
