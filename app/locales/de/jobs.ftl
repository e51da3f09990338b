title = Hintergrundaufgaben
available = Wartend
scheduled = Geplant
executing = Laufend
retryable = Wird wiederholt
completed = Abgeschlossen
cancelled = Abgebrochen
discarded = Fehlgeschlagen
history = Verlauf
arguments = Argumente
unchanged = Diese Aufgabe lässt sich nicht ändern: Sie läuft, ist beendet oder wartet auf andere Aufgaben.
retry = Wiederholen
cancel = Abbrechen
delete = Löschen
save-and-retry = Speichern und wiederholen
enqueued = Eingereiht
due = Fällig
failed-before-start = Vor dem Start fehlgeschlagen
attempt-failed = Versuch { $n } fehlgeschlagen
attempt-started = Versuch { $n } auf { $node } gestartet
unknown-node = einem unbekannten Knoten
queue = Warteschlange
attempts = Versuche
of = { $n } von { $max }
attempt-of = Versuch { $n } von { $max }
priority = Priorität
waits-for = Wartet auf
other-tasks = { $count ->
    [one] { $count } andere Aufgabe
   *[other] { $count } andere Aufgaben
}
tags = Schlagwörter
trace = Trace
result = Ergebnis
recent = Letzte Aufgaben
no-match = Keine Aufgaben passen zu diesen Filtern.
with-selected = { $count ->
    [0] Mit ausgewählten:
   *[other] Mit { $count } ausgewählten:
}
select-all = Alle auswählen
select = Aufgabe { $id } auswählen
task = Aufgabe
state = Status
older = Ältere Aufgaben
changed = { $count ->
    [0] Keine Aufgaben wurden geändert.
    [one] 1 Aufgabe wurde geändert.
   *[other] { $count } Aufgaben wurden geändert.
}
all = Alle
worker = Worker
arguments-contain = Argumente enthalten
show = Anzeigen
queues = Warteschlangen
no-queues = Noch keine Warteschlangen
no-queues-hint = Eine Warteschlange erscheint hier, sobald ein Prozess sie bearbeitet oder eine Aufgabe in ihr wartet.
paused = Angehalten
slots-in-use = { $used } von { $slots } Plätzen belegt
nothing-ran = In den letzten zehn Minuten lief nichts.
activity = jetzt { $rate } · gewartet { $waited } · gelaufen { $ran }
resume = Fortsetzen
pause = Anhalten
slots = Plätze je Knoten
set = Setzen
leader = Leitet
nodes = Knoten
no-nodes = Kein Prozess bearbeitet die Warteschlange. Starten Sie einen mit { $command }.
node = Knoten
since = Seit
recurring = Wiederkehrende Aufgaben
no-recurring = Keine wiederkehrenden Aufgaben.
when = Wann
next = Nächste
change = Ändern
never = Nie
run-now = Jetzt ausführen
chart = In den letzten zehn Minuten wurden { $completed } Versuche abgeschlossen, { $failed } schlugen fehl.
ten-minutes = 10 min
max-rate = max.: { $rate }
rate = { $n }/s
