-- The queue's engine: jobs get short ids and belong to nodes (one beat a node keeps all its jobs,
-- instead of a lease each), and everything that jobs, queues and nodes are told has its place.

-- A node that works. Others call it dead when they saw the same beat for a lease, by their own
-- clocks: the clocks of different machines are never compared.
create table nodes (
    name text primary key not null,
    beat bigint not null,
    -- By the node's own clock, for people to read.
    started_at bigint not null default 0,
    beaten_at bigint not null default 0,
    -- Its queues, as JSON: slots and attempts that run.
    lanes text not null default '[]'
);

create table jobs_new (
    id integer primary key autoincrement not null,
    queue text not null,
    worker text not null,
    -- Of the arguments' form; a worker reads older ones.
    version bigint not null default 1,
    args text not null,
    state text not null check (
        state in ('available', 'scheduled', 'executing', 'retryable', 'completed', 'cancelled', 'discarded')
    ),
    -- 0 is the most urgent.
    priority bigint not null default 0 check (priority between 0 and 9),
    -- Jobs with the same key take turns with those of other keys, and share a rate.
    partition_key text,
    -- Counted when a node claims the job, never taken back: with the node it is the fence.
    attempt bigint not null default 0 check (attempt >= 0),
    max_attempts bigint not null check (max_attempts > 0),
    unique_key text,
    -- In which states the key is held, a bit each: available 1, scheduled 2, executing 4, retryable 8,
    -- completed 16, cancelled 32, discarded 64.
    unique_states bigint not null default 15,
    -- A JSON array of texts, and a JSON object.
    tags text not null default '[]',
    meta text not null default '{}',
    -- What enqueued it, as a W3C traceparent.
    trace text,
    inserted_at bigint not null,
    scheduled_at bigint not null,
    attempted_at bigint,
    ended_at bigint,
    -- Who runs it, or ran it last.
    node text,
    errors text not null default '[]',
    -- What it recorded when it completed, as JSON.
    result text,
    -- The workflow or batch that it belongs to.
    workflow text,
    -- So many jobs have to end before it may start.
    waits_for bigint not null default 0 check (waits_for >= 0),
    -- 1 when other jobs wait for it.
    followed bigint not null default 0 check (followed in (0, 1)),
    check (state <> 'executing' or node is not null),
    check (waits_for = 0 or state in ('scheduled', 'cancelled')),
    check ((state in ('completed', 'cancelled', 'discarded')) = (ended_at is not null))
);

-- What runs during the change starts again, as after a crash.
insert into jobs_new
    (queue, worker, args, state, priority, attempt, max_attempts, unique_key, inserted_at, scheduled_at,
     attempted_at, ended_at, node, errors)
select
    queue, worker, args, case state when 'executing' then 'available' else state end, priority, attempt,
    max_attempts, unique_key, inserted_at, scheduled_at, attempted_at, ended_at, node, errors
from jobs order by inserted_at, id;

drop table jobs;
alter table jobs_new rename to jobs;

-- Claiming reads its start only.
create index jobs_available on jobs (queue, priority, scheduled_at, id) where state = 'available';

-- Claiming by turns reads the start of each key.
create index jobs_turns on jobs (queue, partition_key, priority, scheduled_at, id)
where state = 'available' and partition_key is not null;

-- What becomes available next.
create index jobs_due on jobs (scheduled_at) where state in ('scheduled', 'retryable') and waits_for = 0;

-- Who runs what: a handful of rows, however large the table.
create index jobs_executing on jobs (node) where state = 'executing';

-- One job per key, in the states that count.
create unique index jobs_unique on jobs (unique_key)
where unique_key is not null
    and (unique_states & case state
        when 'available' then 1 when 'scheduled' then 2 when 'executing' then 4 when 'retryable' then 8
        when 'completed' then 16 when 'cancelled' then 32 else 64 end) <> 0;

-- What went wrong, for people to look at.
create index jobs_failed on jobs (state, id) where state in ('cancelled', 'discarded');

-- What is old enough to be deleted.
create index jobs_ended on jobs (ended_at) where state in ('completed', 'cancelled', 'discarded');

create index jobs_workflow on jobs (workflow) where workflow is not null;

-- Which jobs wait for which.
create table job_needs (
    job_id bigint not null references jobs (id) on delete cascade,
    -- No reference: what has ended may be deleted before those that waited for it.
    needs_id bigint not null,
    -- What the waiting job calls it.
    name text not null,
    -- 1: the waiting job is cancelled when this one is cancelled or discarded.
    required bigint not null check (required in (0, 1)),
    primary key (job_id, needs_id)
);
create index job_needs_followers on job_needs (needs_id);

-- What people told a queue, on all nodes; null leaves what the program says.
create table queues (
    name text primary key not null,
    paused bigint not null default 0 check (paused in (0, 1)),
    slots bigint check (slots > 0),
    global_slots bigint check (global_slots > 0)
);

-- What people told a queue on one node.
create table node_queues (
    node text not null,
    queue text not null,
    paused bigint not null default 0 check (paused in (0, 1)),
    slots bigint check (slots > 0),
    primary key (node, queue)
);

-- Recent starts of jobs of queues with a rate; partition_key is '' where keys share it.
create table queue_starts (
    queue text not null,
    partition_key text not null,
    at bigint not null,
    jobs bigint not null,
    primary key (queue, partition_key, at)
);

-- Who does what only one node shall do. Another one takes over when it saw the same beat for too long.
create table leaders (
    role text primary key not null,
    node text not null,
    term bigint not null,
    beat bigint not null
);

create table crons (
    name text primary key not null,
    expression text not null,
    time_zone text not null,
    worker text not null,
    paused bigint not null default 0 check (paused in (0, 1)),
    -- When it was last due and was seen to; each moment is enqueued once over all nodes.
    last_at bigint,
    next_at bigint
);

-- What ended, by ten seconds; times are sums in milliseconds.
create table queue_stats (
    queue text not null,
    at bigint not null,
    completed bigint not null default 0,
    failed bigint not null default 0,
    discarded bigint not null default 0,
    cancelled bigint not null default 0,
    wait_ms bigint not null default 0,
    run_ms bigint not null default 0,
    primary key (queue, at)
);

-- Jobs that were pruned, where the program keeps them.
create table jobs_archive (
    id bigint primary key not null,
    queue text not null,
    worker text not null,
    args text not null,
    state text not null,
    attempt bigint not null,
    tags text not null,
    meta text not null,
    inserted_at bigint not null,
    ended_at bigint not null,
    node text,
    errors text not null,
    result text
);
