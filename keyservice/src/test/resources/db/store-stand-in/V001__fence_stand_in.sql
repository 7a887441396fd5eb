-- SPDX-License-Identifier: Apache-2.0
-- A stand-in for the store's schema in tests of the key service alone: the same door, the plainest room behind it.

CREATE TABLE store.stand_in_head (
  conversation_id bytea PRIMARY KEY,
  epoch bigint NOT NULL,
  open boolean NOT NULL,
  last_seq bigint NOT NULL
);

CREATE TABLE store.stand_in_control (
  conversation_id bytea NOT NULL,
  seq bigint NOT NULL,
  epoch bigint NOT NULL,
  control bytea NOT NULL,
  PRIMARY KEY (conversation_id, seq)
);

CREATE FUNCTION store.fence(p_conversation bytea, p_epoch bigint, p_open boolean, p_control bytea)
  RETURNS TABLE (last_seq bigint, received_ms bigint)
  LANGUAGE plpgsql
AS $$
DECLARE
  head store.stand_in_head;
BEGIN
  SELECT * INTO head FROM store.stand_in_head h WHERE h.conversation_id = p_conversation FOR UPDATE;
  IF NOT FOUND THEN
    IF p_epoch <> 1 THEN
      RETURN;
    END IF;
    INSERT INTO store.stand_in_head VALUES (p_conversation, 1, p_open, 0) RETURNING * INTO head;
  ELSIF p_epoch <> head.epoch + 1 AND NOT (p_epoch = head.epoch AND p_open <> head.open) THEN
    RETURN;
  END IF;
  UPDATE store.stand_in_head h SET epoch = p_epoch, open = p_open, last_seq = h.last_seq + 1
  WHERE h.conversation_id = p_conversation RETURNING * INTO head;
  INSERT INTO store.stand_in_control VALUES (p_conversation, head.last_seq, p_epoch, p_control);
  RETURN QUERY SELECT head.last_seq, (extract(epoch FROM clock_timestamp()) * 1000)::bigint;
END
$$;

CREATE FUNCTION store.note(p_conversation bytea, p_control bytea)
  RETURNS TABLE (last_seq bigint, received_ms bigint)
  LANGUAGE plpgsql
AS $$
DECLARE
  head store.stand_in_head;
BEGIN
  UPDATE store.stand_in_head h SET last_seq = h.last_seq + 1
  WHERE h.conversation_id = p_conversation RETURNING * INTO head;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  INSERT INTO store.stand_in_control VALUES (p_conversation, head.last_seq, head.epoch, p_control);
  RETURN QUERY SELECT head.last_seq, (extract(epoch FROM clock_timestamp()) * 1000)::bigint;
END
$$;
