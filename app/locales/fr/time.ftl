### Dates et heures.

months = janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.
date = { $day } { $month } { $year }
moment = { $date } à { $clock } UTC
