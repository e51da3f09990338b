### The list of postings and the board of one.

title = Postings
none = No postings yet
none-hint = Add demo data with { $command }.
applications = Applications
new = New
open = Open
closed = Closed
public-page = Public page
applied = { $name } applied.
no-applications = No applications yet
no-applications-hint = New applications will appear here. The application form is on the { $link }.
public-page-inline = public page
none-in-stage = No applications in this stage
show-all = Show all applications
all = All
stages = Stages
queued = In the queue
reading = Reading
writing = Writing
ready = Ready
no-text = No readable text
failed = Failed
no-role = No current role found
cv-no-text = The CV has no readable text
cv-failed = The CV could not be read
cv-reading = The CV is being read
