-- The event log of the live layer. Times are milliseconds since 1970 (UTC); payloads are JSON.

-- Whoever publishes counts here first: the row's lock makes `seq` gapless and in commit order.
create table topics (
    name text primary key not null,
    seq bigint not null check (seq > 0)
);

create table events (
    topic text not null references topics (name) on delete cascade,
    seq bigint not null check (seq > 0),
    payload text not null,
    published_at bigint not null,
    primary key (topic, seq)
);
