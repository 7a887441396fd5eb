CREATE TYPE shelf.mood AS ENUM ('calm', 'loud');

CREATE TABLE shelf.book (
  id bytea PRIMARY KEY,
  title text NOT NULL DEFAULT 'untitled',
  pages bigint NOT NULL DEFAULT 0 CHECK (pages >= 0),
  mood shelf.mood
) WITH (fillfactor = 70);

CREATE INDEX book_title ON shelf.book (title) WHERE pages > 0;
