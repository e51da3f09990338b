-- 1: the event is the whole state of its topic, and stands for all before it, which are gone.
alter table events add column whole integer not null default 0 check (whole in (0, 1));
