### Palabras comunes a varias partes.

milliseconds = { $n } ms
seconds = { $n } s
minutes = { $n } min
bytes = { $n } bytes
kilobytes = { $n } kB
megabytes = { $n } MB
loading = Cargando
