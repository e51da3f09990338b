### Mots communs à plusieurs parties.

milliseconds = { $n } ms
seconds = { $n } s
minutes = { $n } min
bytes = { $n } octets
kilobytes = { $n } ko
megabytes = { $n } Mo
loading = Chargement
