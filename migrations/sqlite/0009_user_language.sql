-- The language that a user chose for the interface; null for the browser's.
alter table users add column language text check (language in ('en', 'de', 'fr', 'es'));
