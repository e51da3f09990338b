-- Jobs get short ids and belong to nodes: one beat a node keeps all its jobs, instead of a lease each.

-- A node that works. Others call it dead when they saw the same beat for a lease, by their own
-- clocks: the clocks of different machines are never compared.
create table nodes (
    name text primary key not null,
    beat bigint not null
);

create table jobs_new (
    id integer primary key autoincrement not null,
    queue text not null,
    worker text not null,
    args text not null,
    state text not null check (
        state in ('available', 'scheduled', 'executing', 'retryable', 'completed', 'cancelled', 'discarded')
    ),
    -- 0 is the most urgent.
    priority bigint not null default 0 check (priority between 0 and 9),
    -- Counted when a node claims the job, never taken back: with the node it is the fence.
    attempt bigint not null default 0 check (attempt >= 0),
    max_attempts bigint not null check (max_attempts > 0),
    unique_key text,
    inserted_at bigint not null,
    scheduled_at bigint not null,
    attempted_at bigint,
    ended_at bigint,
    -- Who runs it, or ran it last.
    node text,
    errors text not null default '[]',
    check (state <> 'executing' or node is not null),
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

-- What becomes available next.
create index jobs_due on jobs (scheduled_at) where state in ('scheduled', 'retryable');

-- Who runs what: a handful of rows, however large the table.
create index jobs_executing on jobs (node) where state = 'executing';

-- One living job per key.
create unique index jobs_unique on jobs (unique_key)
where unique_key is not null and state in ('available', 'scheduled', 'executing', 'retryable');
