-- The durable queue. Times are milliseconds since 1970 (UTC); ids are UUIDv7; args and errors are JSON.
create table jobs (
    id text primary key not null,
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
    lease_until bigint,
    errors text not null default '[]',
    check ((state = 'executing') = (lease_until is not null)),
    check (state <> 'executing' or node is not null),
    check ((state in ('completed', 'cancelled', 'discarded')) = (ended_at is not null))
);

-- Claiming reads its start only.
create index jobs_available on jobs (queue, priority, scheduled_at, id) where state = 'available';

-- What becomes available next.
create index jobs_due on jobs (scheduled_at) where state in ('scheduled', 'retryable');

-- Leases: a handful of rows, however large the table.
create index jobs_executing on jobs (queue, lease_until) where state = 'executing';

-- One living job per key.
create unique index jobs_unique on jobs (unique_key)
where unique_key is not null and state in ('available', 'scheduled', 'executing', 'retryable');
