-- What is pruned is found by walking the table in the order of its ids; an index of endings would
-- cost every completion.
drop index jobs_ended;

-- Recurring jobs are first written when they become known, so that they always were due before.
drop table crons;
create table crons (
    name text primary key not null,
    expression text not null,
    time_zone text not null,
    worker text not null,
    paused bigint not null default 0 check (paused in (0, 1)),
    -- When it was last due and was seen to; each moment is enqueued once over all nodes.
    last_at bigint not null,
    next_at bigint,
    -- 1: somebody wants it to run now.
    asked bigint not null default 0 check (asked in (0, 1))
);

-- 1: what is waited for has ended, and the waiting job has heard of it.
alter table job_needs add column met bigint not null default 0 check (met in (0, 1));

-- How many jobs waited; null where nobody looked.
alter table queue_stats add column available bigint;

-- Ids grow, so new entries come to the end; the nodes would have spread them over the whole index.
drop index jobs_executing;
create index jobs_executing on jobs (id) where state = 'executing';
