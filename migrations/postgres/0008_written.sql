-- The languages of a page's parts, as JSON: [{"span": {"start": 0, "end": 80}, "language": "de"}, ...].
alter table pages add column written text not null default '[]';
