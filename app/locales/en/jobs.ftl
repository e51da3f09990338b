### The administration of background tasks.

title = Background tasks
available = Waiting
scheduled = Scheduled
executing = Running
retryable = Retrying
completed = Completed
cancelled = Canceled
discarded = Failed
history = History
arguments = Arguments
unchanged = This task can't be changed: it is running, has ended, or waits for other tasks.
retry = Retry
cancel = Cancel
delete = Delete
save-and-retry = Save and retry
enqueued = Enqueued
due = Due
failed-before-start = Failed before it started
attempt-failed = Attempt { $n } failed
attempt-started = Attempt { $n } started on { $node }
unknown-node = an unknown node
queue = Queue
attempts = Attempts
of = { $n } of { $max }
attempt-of = Attempt { $n } of { $max }
priority = Priority
waits-for = Waits for
other-tasks = { $count ->
    [one] { $count } other task
   *[other] { $count } other tasks
}
tags = Tags
trace = Trace
result = Result
recent = Recent tasks
no-match = No tasks match these filters.
with-selected = { $count ->
    [0] With selected:
   *[other] With { $count } selected:
}
select-all = Select all
select = Select task { $id }
task = Task
state = State
older = Older tasks
changed = { $count ->
    [0] No tasks were changed.
    [one] 1 task was changed.
   *[other] { $count } tasks were changed.
}
all = All
worker = Worker
arguments-contain = Arguments contain
show = Show
queues = Queues
no-queues = No queues yet
no-queues-hint = A queue appears here once a process works on it or a task waits in it.
paused = Paused
slots-in-use = { $used } of { $slots } slots in use
nothing-ran = Nothing ran in the last ten minutes.
activity = { $rate } now · waited { $waited } · ran { $ran }
resume = Resume
pause = Pause
slots = Slots on each node
set = Set
leader = Leader
nodes = Nodes
no-nodes = No process is working on the queue. Start one with { $command }.
node = Node
since = Since
recurring = Recurring tasks
no-recurring = No recurring tasks.
when = When
next = Next
change = Change
never = Never
run-now = Run now
chart = In the last ten minutes, { $completed } attempts completed and { $failed } failed.
ten-minutes = 10 min
max-rate = max: { $rate }
rate = { $n }/s
