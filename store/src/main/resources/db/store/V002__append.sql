-- SPDX-License-Identifier: Apache-2.0
-- The one door through which messages come into the log: a batch, item by item in arrays of equal length, none of its
-- messages twice. Returns a row for each item, by its number in the arrays (from 1), in no order.
--
-- Lock, then look: two statements, and at READ COMMITTED each sees what is committed when it begins. Whatever was
-- stored in these conversations before the locks were there, the second statement sees. A conversation that the first
-- one did not find is unknown, even if it has begun meanwhile: it is not locked.
--
-- It must not be one statement. When a row has changed while a statement waited for its lock, PostgreSQL 18 prepares
-- the plan of that statement a second time, to look at the row again, and a scan that chooses partitions while it runs
-- is left with freed memory: the server process crashes, and with it every connection. So no statement that may wait
-- for a row chooses partitions while it runs.
--
-- Planned once for all sizes of batches: planning costs more than storing a message.
CREATE FUNCTION store.append(p_conversations bytea[], p_epochs bigint[], p_uids bytea[], p_devices bytea[],
    p_messages bytea[], p_hashes bytea[], p_bodies bytea[])
  RETURNS TABLE (item bigint, outcome text, current_epoch bigint, seq bigint, epoch bigint, received_ms bigint)
  LANGUAGE plpgsql VOLATILE
  SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
  v_heads store.head[];
BEGIN
  -- In the order of their ids, so that two batches never wait for each other; as they are once the lock is there.
  v_heads := ARRAY(
    SELECT h
    FROM store.head AS h
    WHERE h.conversation_id = ANY (p_conversations)
    ORDER BY h.conversation_id
    FOR UPDATE);

  RETURN QUERY
  WITH judged AS (
    SELECT i.item, i.conversation_id, i.uid, i.device_id, i.msg_id, i.body_hash, i.body,
      h.epoch AS current_epoch, h.last_seq, e.seq, e.epoch, e.received_at,
      CASE
        WHEN e.seq IS NOT NULL AND e.uid = i.uid AND e.body_hash = i.body_hash THEN 'duplicate'
        WHEN e.seq IS NOT NULL THEN 'differs'
        WHEN h.epoch IS NULL THEN 'unknown'
        WHEN h.epoch <> i.epoch THEN 'stale'
        WHEN NOT h.open THEN 'closed'
        ELSE 'stored'
      END AS outcome
    FROM unnest(p_conversations, p_epochs, p_uids, p_devices, p_messages, p_hashes, p_bodies)
      WITH ORDINALITY AS i(conversation_id, epoch, uid, device_id, msg_id, body_hash, body, item)
    LEFT JOIN unnest(v_heads) AS h ON h.conversation_id = i.conversation_id
    LEFT JOIN LATERAL (
      SELECT d.seq, d.epoch, d.uid, d.body_hash, d.received_at
      FROM store.entry AS d
      WHERE d.conversation_id = i.conversation_id AND d.device_id = i.device_id AND d.msg_id = i.msg_id
      LIMIT 1
    ) AS e ON TRUE
  ), placed AS MATERIALIZED (
    SELECT j.item, j.outcome, j.current_epoch, j.conversation_id, j.uid, j.device_id, j.msg_id, j.body_hash, j.body,
      CASE j.outcome WHEN 'stored' THEN j.last_seq + count(*) FILTER (WHERE j.outcome = 'stored')
        OVER (PARTITION BY j.conversation_id ORDER BY j.item ROWS UNBOUNDED PRECEDING) ELSE j.seq END AS seq,
      CASE j.outcome WHEN 'stored' THEN j.current_epoch ELSE j.epoch END AS epoch,
      CASE j.outcome WHEN 'stored' THEN clock_timestamp() ELSE j.received_at END AS received_at
    FROM judged AS j
  ), inserted AS (
    INSERT INTO store.entry
      (conversation_id, seq, epoch, kind, uid, device_id, msg_id, received_at, body, body_hash)
    SELECT p.conversation_id, p.seq, p.epoch, 1, p.uid, p.device_id, p.msg_id, p.received_at, p.body, p.body_hash
    FROM placed AS p
    WHERE p.outcome = 'stored'
  ), counted AS (
    -- Finds each row as it was locked, so it is never looked at again.
    UPDATE store.head AS h
    SET last_seq = n.seq
    FROM (
      SELECT p.conversation_id, max(p.seq) AS seq
      FROM placed AS p
      WHERE p.outcome = 'stored'
      GROUP BY p.conversation_id
    ) AS n
    WHERE h.conversation_id = n.conversation_id
  )
  SELECT p.item, p.outcome, p.current_epoch, p.seq, p.epoch,
    floor(extract(epoch FROM p.received_at) * 1000)::bigint
  FROM placed AS p;
END
$$;
