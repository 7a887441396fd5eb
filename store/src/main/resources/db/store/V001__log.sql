-- SPDX-License-Identifier: Apache-2.0
-- The ordered log of ciphertext.
-- Every unique key contains the conversation, and both tables are keyed by it, so they can be spread over machines
-- by it. No triggers, sequences, extensions, advisory locks or notifications: engines that distribute lack them.

-- One row per conversation: the fence (epoch, open) and the counter (last_seq) in one row, so that one row lock
-- decides under which epoch, and in which place, an entry is stored.
CREATE TABLE store.head (
  conversation_id bytea NOT NULL,
  epoch bigint NOT NULL,
  open boolean NOT NULL,
  last_seq bigint NOT NULL,
  CONSTRAINT head_pkey PRIMARY KEY (conversation_id),
  CONSTRAINT head_conversation_id_length CHECK (octet_length(conversation_id) = 32),
  CONSTRAINT head_epoch_from_1 CHECK (epoch >= 1),
  CONSTRAINT head_last_seq_from_1 CHECK (last_seq >= 1)
) WITH (fillfactor = 70);

-- Lengths and bounds are domains, because those are checked per value: constraints of the table would be prepared anew
-- for each partition in each statement, which made an append half as dear again.
CREATE DOMAIN store.id AS bytea CHECK (octet_length(VALUE) = 16);
CREATE DOMAIN store.sha256 AS bytea CHECK (octet_length(VALUE) = 32);
CREATE DOMAIN store.body AS bytea CHECK (octet_length(VALUE) <= 1048576);
CREATE DOMAIN store.count_from_1 AS bigint CHECK (VALUE >= 1);

-- Rows are never deleted; expiry and erasure set body to NULL and keep its hash, so that a late retry of the same
-- message gets its old place and not a new one.
CREATE TABLE store.entry (
  -- As long as that of the head, without which nothing is stored.
  conversation_id bytea NOT NULL,
  seq store.count_from_1 NOT NULL,
  epoch store.count_from_1 NOT NULL,
  -- 1: a message. 2: a control entry (a change of members).
  kind smallint NOT NULL,
  uid store.id,
  device_id store.id,
  msg_id store.id,
  -- The clock of the database, the only one that all nodes share.
  received_at timestamptz NOT NULL,
  body store.body,
  -- SHA-256 of the body.
  body_hash store.sha256 NOT NULL,
  CONSTRAINT entry_pkey PRIMARY KEY (conversation_id, seq),
  CONSTRAINT entry_message_key UNIQUE (conversation_id, device_id, msg_id),
  CONSTRAINT entry_kind_columns CHECK (
    num_nonnulls(uid, device_id, msg_id) = CASE kind WHEN 1 THEN 3 WHEN 2 THEN 0 ELSE -1 END)
) PARTITION BY HASH (conversation_id);

-- Ciphertext does not compress.
ALTER TABLE store.entry ALTER COLUMN body SET STORAGE EXTERNAL;

CREATE TABLE store.entry_00 PARTITION OF store.entry FOR VALUES WITH (MODULUS 16, REMAINDER 0);
CREATE TABLE store.entry_01 PARTITION OF store.entry FOR VALUES WITH (MODULUS 16, REMAINDER 1);
CREATE TABLE store.entry_02 PARTITION OF store.entry FOR VALUES WITH (MODULUS 16, REMAINDER 2);
CREATE TABLE store.entry_03 PARTITION OF store.entry FOR VALUES WITH (MODULUS 16, REMAINDER 3);
CREATE TABLE store.entry_04 PARTITION OF store.entry FOR VALUES WITH (MODULUS 16, REMAINDER 4);
CREATE TABLE store.entry_05 PARTITION OF store.entry FOR VALUES WITH (MODULUS 16, REMAINDER 5);
CREATE TABLE store.entry_06 PARTITION OF store.entry FOR VALUES WITH (MODULUS 16, REMAINDER 6);
CREATE TABLE store.entry_07 PARTITION OF store.entry FOR VALUES WITH (MODULUS 16, REMAINDER 7);
CREATE TABLE store.entry_08 PARTITION OF store.entry FOR VALUES WITH (MODULUS 16, REMAINDER 8);
CREATE TABLE store.entry_09 PARTITION OF store.entry FOR VALUES WITH (MODULUS 16, REMAINDER 9);
CREATE TABLE store.entry_10 PARTITION OF store.entry FOR VALUES WITH (MODULUS 16, REMAINDER 10);
CREATE TABLE store.entry_11 PARTITION OF store.entry FOR VALUES WITH (MODULUS 16, REMAINDER 11);
CREATE TABLE store.entry_12 PARTITION OF store.entry FOR VALUES WITH (MODULUS 16, REMAINDER 12);
CREATE TABLE store.entry_13 PARTITION OF store.entry FOR VALUES WITH (MODULUS 16, REMAINDER 13);
CREATE TABLE store.entry_14 PARTITION OF store.entry FOR VALUES WITH (MODULUS 16, REMAINDER 14);
CREATE TABLE store.entry_15 PARTITION OF store.entry FOR VALUES WITH (MODULUS 16, REMAINDER 15);

-- Where each epoch begins: a reader skips the epochs that are not theirs without touching their entries.
CREATE INDEX entry_epoch_start ON store.entry (conversation_id, epoch, seq) WHERE kind = 2;

-- The one door through which others move the fence: compare-and-set on the epoch, never backwards, with a control
-- entry in a place of its own. Returns that place, or no row, which means refused and nothing changed:
--   no conversation yet: only epoch 1, which creates it;
--   the epoch after the current one: opens it (or begins it closed);
--   the current epoch: closes it when it is open, opens it again when it is closed.
-- Call it last before COMMIT: from here on the caller holds the lock that every append to the conversation needs.
CREATE FUNCTION store.fence(p_conversation bytea, p_epoch bigint, p_open boolean, p_control bytea)
  RETURNS TABLE (last_seq bigint, received_ms bigint)
  LANGUAGE sql VOLATILE
AS $$
  WITH created AS (
    INSERT INTO store.head AS h (conversation_id, epoch, open, last_seq)
    SELECT p_conversation, 1, p_open, 1 WHERE p_epoch = 1
    ON CONFLICT (conversation_id) DO NOTHING
    RETURNING h.last_seq
  ), moved AS (
    -- Does not see the row that was created above: a statement sees what was there when it began. After waiting for
    -- a lock, the conditions are checked again on the row as it is then.
    UPDATE store.head AS h
    SET epoch = p_epoch, open = p_open, last_seq = h.last_seq + 1
    WHERE h.conversation_id = p_conversation
      AND (h.epoch = p_epoch - 1 OR h.epoch = p_epoch AND h.open <> p_open)
    RETURNING h.last_seq
  ), place AS (
    SELECT c.last_seq AS seq FROM created AS c
    UNION ALL
    SELECT m.last_seq AS seq FROM moved AS m
  )
  INSERT INTO store.entry AS e (conversation_id, seq, epoch, kind, received_at, body, body_hash)
  SELECT p_conversation, p.seq, p_epoch, 2, clock_timestamp(), p_control, sha256(p_control) FROM place AS p
  RETURNING e.seq, floor(extract(epoch FROM e.received_at) * 1000)::bigint
$$;
