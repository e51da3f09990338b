-- Up to which seq the events of a topic were replaced by their fold.
alter table topics add column folded integer not null default 0 check (folded >= 0);

-- What may be folded.
create index topics_unfolded on topics (name) where seq > folded;

-- Which history the database holds: another one after it was restored from a backup.
create table live_epoch (
    epoch text not null
) strict;

insert into live_epoch (epoch) values (lower(hex(randomblob(16))));
