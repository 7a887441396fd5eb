CREATE TABLE shelf.page (
  book_id bytea NOT NULL,
  number bigint NOT NULL,
  body bytea,
  PRIMARY KEY (book_id, number)
) PARTITION BY HASH (book_id);

ALTER TABLE shelf.page ALTER COLUMN body SET STORAGE EXTERNAL;

CREATE TABLE shelf.page_0 PARTITION OF shelf.page FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE shelf.page_1 PARTITION OF shelf.page FOR VALUES WITH (MODULUS 2, REMAINDER 1);

CREATE FUNCTION shelf.turn(p_book bytea) RETURNS bigint LANGUAGE sql AS $$
  UPDATE shelf.book SET pages = pages + 1 WHERE id = p_book RETURNING pages
$$;
