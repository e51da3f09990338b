create table users (
    id text primary key,
    email text not null unique,
    name text not null,
    role text not null check (role in ('recruiter', 'admin')),
    password_hash text not null,
    active integer not null default 1 check (active in (0, 1)),
    created_at integer not null
) strict;

create table sessions (
    token_hash text primary key,
    user_id text not null references users (id) on delete cascade,
    created_at integer not null,
    expires_at integer not null
) strict;

create index sessions_by_user on sessions (user_id);
create index sessions_by_expiry on sessions (expires_at);

-- Failed sign-ins per key (an address, a network address, or both) within a window.
create table throttles (
    key text primary key,
    failures integer not null,
    window_ends_at integer not null
) strict;

create table postings (
    id text primary key,
    slug text not null unique,
    title text not null,
    location text not null,
    employment_type text not null,
    organisation text not null,
    description text not null,
    must_haves text not null,
    open integer not null check (open in (0, 1)),
    published_at integer not null
) strict;

create table candidates (
    id text primary key,
    name text not null check (length(name) between 1 and 200),
    email text not null,
    created_at integer not null
) strict;

-- `state` is the fold of the topic application:<id>, `seq` where it stands; likewise `status` for
-- status:<id>. `stage`, `summary_state` and `headline` repeat parts of `state` for lists.
create table applications (
    id text primary key,
    posting_id text not null references postings (id),
    candidate_id text not null references candidates (id),
    status_token_hash text not null unique,
    applied_at integer not null,
    stage text not null,
    summary_state text not null,
    headline text,
    state text not null,
    seq integer not null,
    status text not null,
    status_seq integer not null
) strict;

create index applications_by_posting on applications (posting_id, applied_at);

create table documents (
    id text primary key,
    application_id text not null unique references applications (id) on delete cascade,
    blob text not null,
    file_name text not null,
    format text not null,
    size integer not null,
    created_at integer not null
) strict;

create index documents_by_blob on documents (blob);

-- The transcript: the visible text of each page, and the place of each word (JSON).
create table pages (
    document_id text not null references documents (id) on delete cascade,
    number integer not null,
    width real not null,
    height real not null,
    text text not null,
    words text not null,
    primary key (document_id, number)
) strict;
