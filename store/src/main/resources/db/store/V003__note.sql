-- SPDX-License-Identifier: Apache-2.0

-- The other door for control entries: one that leaves the fence where it is. Returns the entry's place, or no row when
-- there is no such conversation.
-- Call it last before COMMIT: from here on the caller holds the lock that every append to the conversation needs.
CREATE FUNCTION store.note(p_conversation bytea, p_control bytea)
  RETURNS TABLE (last_seq bigint, received_ms bigint)
  LANGUAGE sql VOLATILE
AS $$
  WITH place AS (
    UPDATE store.head AS h SET last_seq = h.last_seq + 1
    WHERE h.conversation_id = p_conversation
    RETURNING h.last_seq AS seq, h.epoch
  )
  INSERT INTO store.entry AS e (conversation_id, seq, epoch, kind, received_at, body, body_hash)
  SELECT p_conversation, p.seq, p.epoch, 2, clock_timestamp(), p_control, sha256(p_control) FROM place AS p
  RETURNING e.seq, floor(extract(epoch FROM e.received_at) * 1000)::bigint
$$;
