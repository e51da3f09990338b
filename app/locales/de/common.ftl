### Wörter, die mehrere Bereiche verwenden.

milliseconds = { $n } ms
seconds = { $n } s
minutes = { $n } min
bytes = { $n } Byte
kilobytes = { $n } kB
megabytes = { $n } MB
loading = Wird geladen
