### Words that several features use.

milliseconds = { $n } ms
seconds = { $n } s
minutes = { $n } min
bytes = { $n } bytes
kilobytes = { $n } kB
megabytes = { $n } MB
loading = Loading
